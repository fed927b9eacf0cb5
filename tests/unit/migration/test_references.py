# SPDX-License-Identifier: Apache-2.0
"""What a document names, what that is in the new cloud, and how the document is rewritten."""

from dataclasses import replace
from typing import Any

import pytest

from ephyrad.migration.document import Document, capture, differences
from ephyrad.migration.facts import CloudName
from ephyrad.migration.identity import Account, By, Directory, Rule
from ephyrad.migration.mapping import Kind, Names
from ephyrad.migration.references import (
    Change,
    Directories,
    references,
    resolve,
    rewritten,
    wanted,
)
from tests.unit.migration.builders import BEFORE, IMAGE, PORT, PORTGROUP, records

OLD, NEW = CloudName.OLD, CloudName.NEW
NET_OLD = "11111111-0000-4000-8000-000000000001"
NET_NEW = "22222222-0000-4000-8000-000000000002"
IMAGE_NEW = "33333333-0000-4000-8000-000000000003"

KNOWN: Directories = {
    (OLD, Kind.PROJECT): Directory(
        "project", [Account("p-old", "demo", "Default"), Account("p-lost", "lost", "Default")]
    ),
    (NEW, Kind.PROJECT): Directory(
        "project", [Account("p-new", "demo", "Default"), Account("p-same", "same", "Default")]
    ),
    (OLD, Kind.NETWORK): Directory("network", [Account(NET_OLD, "cleaning")]),
    (NEW, Kind.NETWORK): Directory(
        "network",
        [Account(NET_NEW, "cleaning"), Account("a", "twice"), Account("b", "twice")],
    ),
    (OLD, Kind.IMAGE): Directory("image", [Account(IMAGE, "ipa")]),
    (NEW, Kind.IMAGE): Directory("image", [Account(IMAGE_NEW, "ipa")]),
}
BY_NAME = Names({kind: Rule(By.NAME) for kind in (Kind.PROJECT, Kind.NETWORK, Kind.IMAGE)})


def document(info: dict[str, Any] | None = None, **changes: Any) -> Document:
    """The node's document, with more keys of driver_info; its deploy_kernel is an image."""
    shown = records()
    node = {**shown.node, **changes, "driver_info": {**shown.node["driver_info"], **(info or {})}}
    port = {**shown.ports[0], "physical_network": "physnet1"}
    return capture(replace(shown, node=node, ports=(port,)), BEFORE, {})


def table(kind: Kind, entries: dict[str, str], by: By = By.TABLE) -> Names:
    return Names({kind: Rule(by, entries)})


def test_all_that_a_document_names_is_found() -> None:
    networks = [{"id": "n0", "network_id": NET_OLD}, {"network_id": "bond"}, "odd"]
    found = references(
        document(
            {
                "cleaning_network": "cleaning",
                "rescue_kernel": f"glance://{IMAGE}",
                "deploy_iso": "http://mirror/{{ node }}.iso",
                "bootloader": "file:///boot.efi",
            },
            owner="p-old",
            lessee="p-same",
            conductor_group="rack-1",
            shard="s1",
            network_data={"networks": networks},
        )
    )

    assert {(each.place, each.kind, each.value) for each in found} == {
        ("owner", Kind.PROJECT, "p-old"),
        ("lessee", Kind.PROJECT, "p-same"),
        ("conductor_group", Kind.CONDUCTOR_GROUP, "rack-1"),
        ("shard", Kind.SHARD, "s1"),
        ("driver_info/cleaning_network", Kind.NETWORK, "cleaning"),
        ("driver_info/deploy_kernel", Kind.IMAGE, IMAGE),
        ("driver_info/rescue_kernel", Kind.IMAGE, f"glance://{IMAGE}"),
        ("network_data/networks/0/network_id", Kind.NETWORK, NET_OLD),
        (f"port {PORT}/physical_network", Kind.PHYSICAL_NETWORK, "physnet1"),
    }


@pytest.mark.parametrize(
    ("shown", "names", "told"),
    [
        (document(owner="p-old"), BY_NAME, "owner p-old -> p-new (project Default/demo)"),
        (
            document({"cleaning_network": NET_OLD}),
            BY_NAME,
            f"driver_info/cleaning_network {NET_OLD} -> {NET_NEW} (network cleaning)",
        ),
        (
            document({"cleaning_network": "cleaning"}),
            table(Kind.NETWORK, {"cleaning": "cleaning-2"}),
            None,
        ),
        (
            document({"provisioning_network": "bm"}),
            table(Kind.NETWORK, {"bm": "cleaning"}, By.ID),
            "driver_info/provisioning_network bm -> cleaning",
        ),
        (
            document({"rescue_kernel": f"glance://{IMAGE}"}),
            BY_NAME,
            f"driver_info/rescue_kernel glance://{IMAGE} -> glance://{IMAGE_NEW} (image ipa)",
        ),
        (
            document(),
            table(Kind.IMAGE, {"ipa": IMAGE_NEW}, By.ID),
            f"driver_info/deploy_kernel {IMAGE} -> {IMAGE_NEW} (image ipa)",
        ),
        (
            document(),
            table(Kind.PHYSICAL_NETWORK, {"physnet1": "provider"}),
            f"port {PORT}/physical_network physnet1 -> provider",
        ),
        (
            document(conductor_group="rack-1"),
            table(Kind.CONDUCTOR_GROUP, {"rack-1": ""}),
            "conductor_group rack-1 -> none",
        ),
        (
            document(network_data={"networks": [{"network_id": NET_OLD}]}),
            BY_NAME,
            f"network_data/networks/0/network_id {NET_OLD} -> {NET_NEW} (network cleaning)",
        ),
        (
            document({"acme_key": "x"}),
            Names(drop=("acme_*",)),
            "driver_info/acme_key left behind",
        ),
    ],
)
def test_what_it_becomes_is_told(shown: Document, names: Names, told: str | None) -> None:
    found = resolve(shown, KNOWN, names)

    if told is None:
        assert found.problems
        return
    assert found.problems == ()
    assert told in [str(change) for change in found.changes]


@pytest.mark.parametrize(
    ("shown", "names"),
    [
        (document(owner="p-same"), Names()),
        (document(owner="anything"), Names({Kind.PROJECT: Rule(By.KEEP)})),
        (document({"cleaning_network": "cleaning"}), Names()),
        (document(shard="s1", conductor_group="rack-1"), Names()),
        (document({"acme_key": "x"}), Names(carry=("acme_key",))),
        (document({"acme_key": "x"}), Names(carry=("acme_*",))),
        (document({"ipmi_bridging": "no", "fast_track": True, "agent_verify_ca": "/ca"}), Names()),
        (document({"deploy_iso": "{{ template }}", "rescue_ramdisk": "http://x/y"}), BY_NAME),
    ],
)
def test_what_is_the_same_is_left_as_it_is(shown: Document, names: Names) -> None:
    images = Names({**names.rules, Kind.IMAGE: Rule(By.ID)}, names.carry, names.drop)

    found = resolve(shown, KNOWN, images)

    assert (found.changes, found.problems) == ((), ())


@pytest.mark.parametrize(
    ("shown", "names", "says"),
    [
        (document(owner="p-old"), Names(), "owner: the new cloud has no project with the id of"),
        (
            document(lessee="p-lost"),
            BY_NAME,
            "lessee: the new cloud has no project called like project Default/lost (p-lost)",
        ),
        (
            document({"cleaning_network": NET_OLD}),
            Names(),
            "driver_info/cleaning_network: the new cloud has no network with the id of",
        ),
        (
            document({"cleaning_network": "unheard-of"}),
            Names(),
            "driver_info/cleaning_network: the new cloud has no network called unheard-of",
        ),
        (
            document({"cleaning_network": "twice"}),
            Names(),
            "driver_info/cleaning_network: the new cloud has 2 networks called twice",
        ),
        (
            document({"cleaning_network": "cleaning"}),
            table(Kind.NETWORK, {}),
            "the mapping file's table has no entry for network cleaning",
        ),
        (
            document(),
            table(Kind.PHYSICAL_NETWORK, {}),
            f"port {PORT}/physical_network: the mapping file's table has no entry for physical",
        ),
        (document(), table(Kind.IMAGE, {}), "has no entry for image"),
        (
            document({"acme_key": "x", "zone": 1}),
            Names(),
            "driver_info has acme_key, zone, which no driver known to ephyrad reads",
        ),
    ],
)
def test_what_has_no_counterpart_is_told(shown: Document, names: Names, says: str) -> None:
    found = resolve(shown, KNOWN, names)

    assert any(problem.startswith(says) or says in problem for problem in found.problems)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (Names(), {(NEW, Kind.PROJECT), (NEW, Kind.NETWORK)}),
        (
            BY_NAME,
            {(cloud, kind) for cloud in CloudName for kind in BY_NAME.rules},
        ),
        (Names({Kind.PROJECT: Rule(By.KEEP), Kind.NETWORK: Rule(By.KEEP)}), set()),
        (
            Names({Kind.PROJECT: Rule(By.KEEP), Kind.NETWORK: Rule(By.TABLE)}),
            {(OLD, Kind.NETWORK), (NEW, Kind.NETWORK)},
        ),
    ],
)
def test_only_the_lists_that_are_needed_are_asked_for(
    names: Names, expected: set[tuple[CloudName, Kind]]
) -> None:
    shown = document({"cleaning_network": NET_OLD}, owner="p-old")

    assert wanted(shown, names) == expected


def test_a_document_that_names_nothing_needs_no_list() -> None:
    assert wanted(document(), Names()) == frozenset()


def test_a_rewritten_document_differs_where_it_was_rewritten_and_nowhere_else() -> None:
    shown = document({"cleaning_network": NET_OLD, "acme_key": "x"}, owner="p-old")
    names = Names(
        {
            **BY_NAME.rules,
            Kind.IMAGE: Rule(By.ID),
            Kind.PHYSICAL_NETWORK: Rule(By.TABLE, {"physnet1": "p"}),
        },
        drop=("acme_*",),
    )

    changed = rewritten(shown, resolve(shown, KNOWN, names).changes)

    assert differences(shown, changed) == (
        "node/driver_info/acme_key",
        "node/driver_info/cleaning_network",
        "node/owner",
        f"port {PORT}/physical_network",
    )
    assert changed.parts.keys() == shown.parts.keys()


def test_a_value_that_was_changed_meanwhile_is_not_rewritten() -> None:
    change = Change("node", ("owner",), "p-old", "p-new")

    changed = rewritten(document(owner="p-other"), (change,))

    assert changed.node["owner"] == "p-other"


@pytest.mark.parametrize(
    "keys", [("owner",), ("network_data", "networks", 3, "network_id"), ("driver_info", "a", "b")]
)
def test_what_is_not_there_is_not_made(keys: tuple[str | int, ...]) -> None:
    shown = document({"a": "text"}, network_data={"networks": [{}]})

    assert rewritten(shown, (Change("node", keys, None, None),)) == shown
    assert rewritten(shown, (Change(f"port group {PORTGROUP}", ("x",), "a", "b"),)) == shown

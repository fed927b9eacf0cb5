# SPDX-License-Identifier: Apache-2.0
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ephyrad.bus.envelope import TEXT_LENGTH, Ignored, Reason, Refusal, decode
from ephyrad.environment.item import ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName, Notification
from tests.unit.bus.samples import RELEASES, names, sample

# Written out once more, apart from the code: what may leave the envelope, by the first words.
MAY_PASS = {
    "baremetal.node": """
        uuid name provision_state target_provision_state previous_provision_state
        previous_target_provision_state event provision_updated_at updated_at
        power_state target_power_state from_power to_power instance_uuid maintenance
        maintenance_reason fault last_error retired retired_reason protected protected_reason
        resource_class conductor_group driver
    """,
    "baremetal.port": "uuid node_uuid address portgroup_uuid",
    "baremetal.portgroup": "uuid node_uuid address name",
    "baremetal.volumeconnector": "uuid node_uuid type",
    "baremetal.volumetarget": "uuid node_uuid volume_type volume_id boot_index",
    "baremetal.allocation": "uuid node_uuid name state resource_class last_error",
    "instance": "uuid node host state task_state power_state deleted_at updated_at",
    "service": """
        uuid host binary topic disabled disabled_reason forced_down last_seen_up version
    """,
    "compute.instance": """
        uuid node host state old_state new_task_state old_task_state deleted_at
    """,
    "baremetal.deploytemplate": "uuid name",
    "baremetal.runbook": "uuid name",
    "keypair": "user_id name type",
    "flavor": "flavorid name",
    "aggregate": "name uuid",
    "image": "id status",
    "image.member": "image_id status",
}
IGNORED = {
    "baremetal.allocation.create.end",
    "baremetal.chassis.create.end",
    "compute.exception",
    "identity.project.created",
    "image.send",
    "keypair.import.start",
    "scheduler.select_destinations.end",
}
# The keys of the payload that name the item of the environment it speaks of.
ITEMS = {
    "aggregate.update_metadata.end": ("name",),
    "baremetal.deploytemplate.create.end": ("uuid",),
    "baremetal.runbook.create.end": ("uuid",),
    "flavor.create": ("flavorid",),
    "flavor.update": ("flavorid",),
    "image.activate": ("id",),
    "image.create": ("id",),
    "image.delete": ("id",),
    "image.member.create": ("image_id",),
    "keypair.delete.end": ("user_id", "name"),
    "keypair.import.end": ("user_id", "name"),
}
BAD_PAYLOADS: list[Any] = [None, [], "text", {}, {"ironic_object.data": None}, {"uuid": 1}]
NODE = "7c4ea0e6-9e86-4b5b-8e5e-9c6a1a3b6d10"


def may_pass(event_type: str) -> set[str]:
    found = [key for key in MAY_PASS if event_type.startswith(f"{key}.")]
    return set(MAY_PASS[max(found, key=len)].split())


def on_the_way(body: dict[str, Any]) -> dict[str, Any]:
    """What oslo.messaging leaves of a body: it takes the context off."""
    return {key: value for key, value in body.items() if not key.startswith("_")}


def planted(value: Any, path: str = "canary") -> Any:
    """Put a canary in place of each text, and beside each entry of each object."""
    match value:
        case dict():
            canaries = {"canary_key": f"{path}-canary", "auth_token": f"{path}-canary"}
            return canaries | {key: planted(one, f"{path}-{key}") for key, one in value.items()}
        case list():
            return [*(planted(one, path) for one in value), f"{path}-canary"]
        case str():
            return f"{path}-canary"
        case _:
            return value


def wire(**changes: Any) -> dict[str, Any]:
    """A small notification of a node; a change to None takes the key away."""
    message = {
        "message_id": "m-1",
        "event_type": "baremetal.node.provision_set.end",
        "timestamp": "2026-11-21 06:57:05.246214",
        "priority": "INFO",
        "publisher_id": "ironic-conductor.host",
        "payload": {"ironic_object.data": {"uuid": NODE, "provision_state": "manageable"}},
    } | changes
    return {key: value for key, value in message.items() if value is not None}


@pytest.mark.parametrize(("release", "name"), names())
def test_every_real_sample_is_a_fact_or_ignored(release: str, name: str) -> None:
    seen = decode(CloudName.OLD, on_the_way(sample(release, name)))

    assert isinstance(seen, Ignored if name in IGNORED else Notification)


@pytest.mark.parametrize(("release", "name"), [one for one in names() if one[1] not in IGNORED])
def test_nothing_but_the_listed_fields_survives(release: str, name: str) -> None:
    body = sample(release, name)

    seen = decode(CloudName.OLD, body)

    assert isinstance(seen, Notification)
    assert set(seen.fields) <= may_pass(name)
    assert all(not isinstance(value, dict | list) for value in seen.fields.values())
    assert seen.item or seen.fields["uuid"]


@pytest.mark.parametrize(("release", "name"), [one for one in names() if one[1] not in IGNORED])
def test_no_canary_survives_outside_the_listed_fields(release: str, name: str) -> None:
    body = sample(release, name)
    body["payload"] = planted(body["payload"])
    body |= {"_context_auth_token": "canary", "ctxt": "canary", "publisher_id": "canary"}
    wrapped = next((key for key in body["payload"] if key.endswith("_object.data")), None)
    data = body["payload"][wrapped] if wrapped else body["payload"]
    for key in ("uuid", "node_uuid", "node"):
        data[key] = NODE
    key_of_the_item = set(ITEMS.get(name, ()))
    for key in key_of_the_item:
        data[key] = "its-key"
    expected = {
        f"canary-{wrapped}-{key}-canary" if wrapped else f"canary-{key}-canary"
        for key in (may_pass(name) | {"instance_id"})
    }

    seen = decode(CloudName.OLD, body)

    assert isinstance(seen, Notification)
    texts = {value for value in seen.fields.values() if isinstance(value, str)}
    assert {text for text in texts if "canary" in text} <= expected
    assert "canary" not in f"{seen.message_id}{seen.event_type}{seen.node}{seen.item}"


def test_the_samples_do_hold_what_must_not_survive() -> None:
    wires = {
        release: json.dumps(sample(release, "scheduler.select_destinations.end"))
        for release in RELEASES
    }

    assert "a-live-token" in wires["old"]
    assert "_context_user_id" in wires["new"]
    for release in RELEASES:
        template = sample(release, "baremetal.deploytemplate.create.end")
        assert "a-password" in json.dumps(template)


@pytest.mark.parametrize("release", RELEASES)
def test_a_provision_change_says_from_where_to_where(release: str) -> None:
    seen = decode(CloudName(release), sample(release, "baremetal.node.provision_set.end"))

    assert isinstance(seen, Notification)
    body = sample(release, "baremetal.node.provision_set.end")
    data = body["payload"]["ironic_object.data"]
    assert seen.node == data["uuid"]
    assert seen.message_id == body["message_id"]
    assert seen.cloud == release
    for key in ("event", "provision_state", "previous_provision_state", "instance_uuid"):
        assert seen.fields[key] == data[key]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("baremetal.node.power_state_corrected.success", "uuid"),
        ("baremetal.port.create.end", "node_uuid"),
        ("baremetal.portgroup.create.end", "node_uuid"),
        ("baremetal.volumeconnector.create.end", "node_uuid"),
        ("baremetal.volumetarget.create.end", "node_uuid"),
    ],
)
@pytest.mark.parametrize("release", RELEASES)
def test_each_kind_names_its_node(release: str, name: str, key: str) -> None:
    body = sample(release, name)

    seen = decode(CloudName(release), body)

    assert isinstance(seen, Notification)
    assert seen.node == body["payload"]["ironic_object.data"][key]


@pytest.mark.parametrize("name", ["instance.delete.end", "compute.instance.delete.end"])
@pytest.mark.parametrize("release", RELEASES)
def test_an_instance_names_its_node_in_both_formats(release: str, name: str) -> None:
    body = sample(release, name)
    data = body["payload"].get("nova_object.data", body["payload"])

    seen = decode(CloudName(release), body)

    assert isinstance(seen, Notification)
    assert seen.node == data["node"]
    assert seen.fields["uuid"] == data.get("uuid", data.get("instance_id"))
    assert seen.fields["state"] == "deleted"


@pytest.mark.parametrize(("release", "name"), [one for one in names() if one[1] in ITEMS])
def test_an_items_notification_names_it(release: str, name: str) -> None:
    body = sample(release, name)
    payload = body["payload"]
    wrapped = next((key for key in payload if key.endswith("_object.data")), None)
    data = payload[wrapped] if wrapped else payload

    seen = decode(CloudName.OLD, body)

    assert isinstance(seen, Notification)
    assert seen.node is None
    assert seen.item is not None
    assert ItemId.parse(seen.item).key == "/".join(data[key] for key in ITEMS[name])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("aggregate.update_metadata.end", Kind.AGGREGATE),
        ("baremetal.deploytemplate.create.end", Kind.DEPLOY_TEMPLATE),
        ("flavor.update", Kind.FLAVOR),
        ("image.member.create", Kind.IMAGE),
        ("keypair.import.end", Kind.KEYPAIR),
    ],
)
def test_an_items_kind_is_that_of_its_family(name: str, kind: Kind) -> None:
    seen = decode(CloudName.OLD, sample("old", name))

    assert isinstance(seen, Notification)
    assert seen.item is not None
    assert ItemId.parse(seen.item).kind is kind


def test_a_name_that_is_not_ascii_or_has_a_slash_is_an_items_key_too() -> None:
    body = sample("old", "aggregate.update_metadata.end")
    body["payload"]["nova_object.data"]["name"] = "Halle 7/é"

    seen = decode(CloudName.OLD, body)

    assert isinstance(seen, Notification)
    assert seen.item == "aggregate/Halle 7/é"


@pytest.mark.parametrize("name", ITEMS)
def test_what_happens_to_items_of_the_new_cloud_the_sweep_tells(name: str) -> None:
    assert decode(CloudName.NEW, sample("new", name)) == Ignored(name)


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("keypair.import.end", {"tenant_id": "p", "user_id": "u", "key_name": "laptop"}),
        ("aggregate.addhost.end", {"aggregate_id": 1, "host_name": "compute-1"}),
    ],
)
def test_what_nova_tells_of_items_in_its_old_format_is_no_poison(
    name: str, payload: dict[str, Any]
) -> None:
    seen = decode(CloudName.OLD, wire(event_type=name, payload=payload))

    assert seen == Ignored(name)


@pytest.mark.parametrize("user", [None, 7, "", "u" * 256, "a\nline", "\ud800"])
def test_an_item_that_is_not_named_is_refused(user: object) -> None:
    body = sample("old", "keypair.import.end")
    body["payload"]["nova_object.data"]["user_id"] = user

    seen = decode(CloudName.OLD, body)

    assert seen == Refusal(Reason.NO_ITEM, body["message_id"], "keypair.import.end")


def test_an_instance_on_a_hypervisor_that_is_no_node_is_kept_without_one() -> None:
    body = sample("new", "instance.delete.end")
    body["payload"]["nova_object.data"]["node"] = "compute-7.example.org"

    seen = decode(CloudName.NEW, body)

    assert isinstance(seen, Notification)
    assert seen.node is None
    assert seen.fields["node"] == "compute-7.example.org"


def test_the_time_is_utc() -> None:
    seen = decode(CloudName.OLD, wire())

    assert isinstance(seen, Notification)
    assert seen.at == datetime(2026, 11, 21, 6, 57, 5, 246214, UTC)


def test_a_node_is_written_in_one_way() -> None:
    data = {"uuid": NODE.upper().replace("-", "")}

    seen = decode(CloudName.OLD, wire(payload={"ironic_object.data": data}))

    assert isinstance(seen, Notification)
    assert seen.node == NODE


def test_missing_fields_are_left_out_and_versions_not_looked_at() -> None:
    payload = {
        "ironic_object.data": {"uuid": NODE, "from_the_future": 1},
        "ironic_object.version": "9.9",
    }

    seen = decode(CloudName.NEW, wire(payload=payload))

    assert isinstance(seen, Notification)
    assert seen.fields == {"uuid": NODE}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (None, Refusal(Reason.NOT_AN_OBJECT)),
        ([], Refusal(Reason.NOT_AN_OBJECT)),
        ("text", Refusal(Reason.NOT_AN_OBJECT)),
        ({}, Refusal(Reason.NO_MESSAGE_ID)),
        (wire(message_id=None),
         Refusal(Reason.NO_MESSAGE_ID, None, "baremetal.node.provision_set.end")),
        (wire(message_id="", event_type="a"), Refusal(Reason.NO_MESSAGE_ID, None, "a")),
        (wire(message_id=7, event_type="a"), Refusal(Reason.NO_MESSAGE_ID, None, "a")),
        (wire(message_id="m\nfake log line", event_type="a"),
         Refusal(Reason.NO_MESSAGE_ID, None, "a")),
        (wire(message_id="m" * 256, event_type="a"), Refusal(Reason.NO_MESSAGE_ID, None, "a")),
        (wire(event_type=None), Refusal(Reason.NO_EVENT_TYPE, "m-1")),
        (wire(event_type={"a": 1}), Refusal(Reason.NO_EVENT_TYPE, "m-1")),
        (wire(timestamp=None),
         Refusal(Reason.NO_TIMESTAMP, "m-1", "baremetal.node.provision_set.end")),
        (wire(timestamp="yesterday"),
         Refusal(Reason.NO_TIMESTAMP, "m-1", "baremetal.node.provision_set.end")),
        (wire(timestamp="0001-01-01 00:00:00+10:00"),
         Refusal(Reason.NO_TIMESTAMP, "m-1", "baremetal.node.provision_set.end")),
        *[
            (wire(payload=payload),
             Refusal(Reason.NO_PAYLOAD, "m-1", "baremetal.node.provision_set.end"))
            for payload in BAD_PAYLOADS
        ],
        *[
            (wire(payload={"ironic_object.data": {"uuid": node}}),
             Refusal(Reason.NO_NODE, "m-1", "baremetal.node.provision_set.end"))
            for node in (None, 1, "no uuid", [NODE])
        ],
        (wire(event_type="baremetal.volumetarget.create.end",
              payload={"ironic_object.data": {"uuid": NODE}}),
         Ignored("baremetal.volumetarget.create.end")),
        (wire(event_type="something.new", payload=None), Ignored("something.new")),
        (wire(event_type="baremetal.nodes.list"), Ignored("baremetal.nodes.list")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(message: object, expected: Refusal | Ignored) -> None:
    assert decode(CloudName.OLD, message) == expected


def test_text_is_capped_and_can_be_written_as_utf8() -> None:
    data = {"uuid": NODE, "last_error": "\ud800" + "x" * 5000}

    seen = decode(CloudName.OLD, wire(payload={"ironic_object.data": data}))

    assert isinstance(seen, Notification)
    text = seen.fields["last_error"]
    assert len(text) == TEXT_LENGTH
    assert text.encode()


def test_only_plain_values_pass() -> None:
    data = {
        "uuid": NODE,
        "name": {"a": "secret"},
        "fault": ["secret"],
        "power_state": float("nan"),
        "maintenance": True,
        "instance_uuid": None,
    }

    seen = decode(CloudName.OLD, wire(payload={"ironic_object.data": data}))

    assert isinstance(seen, Notification)
    assert seen.fields == {"uuid": NODE, "maintenance": True, "instance_uuid": None}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def mutated(name: str) -> Callable[[Any], dict[str, Any]]:
    def change(draw: Any) -> dict[str, Any]:
        body = sample("new", name)
        wrapper = next((key for key in body["payload"] if key.endswith("_object.data")), None)
        for place in _places(body, wrapper):
            for key in list(place):
                if draw(st.integers(0, 9)) == 0:
                    place[key] = draw(JSON)
        return body

    return change


def _places(body: dict[str, Any], wrapper: str | None) -> Iterator[dict[str, Any]]:
    yield body["payload"][wrapper] if wrapper else body["payload"]
    yield body["payload"]
    yield body


@st.composite
def damaged(draw: Any) -> dict[str, Any]:
    known = sorted({name for _, name in names()})
    return mutated(draw(st.sampled_from(known)))(draw)


@given(damaged() | JSON | st.dictionaries(st.sampled_from(sorted(wire())), JSON))
def test_whatever_comes_it_is_decoded_ignored_or_refused(message: object) -> None:
    seen = decode(CloudName.OLD, message)

    if isinstance(seen, Notification):
        assert set(seen.fields) <= may_pass(seen.event_type)
        assert json.dumps(seen.fields, allow_nan=False, ensure_ascii=False).encode()
    else:
        assert isinstance(seen, Ignored | Refusal)


def test_every_kind_of_poison_is_documented() -> None:
    text = (Path(__file__).parents[3] / "docs/operating.rst").read_text()

    assert [reason.kind for reason in Reason if f"``{reason.kind}``" not in text] == []

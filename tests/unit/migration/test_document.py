# SPDX-License-Identifier: Apache-2.0
"""What is carried, what is a mask, and what is a difference."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oslo_utils import strutils

from ephyrad.migration.document import (
    MASK,
    Before,
    capture,
    differences,
    from_json,
    masked,
    to_json,
    with_automated_clean,
)
from ephyrad.migration.effects import PartKind
from ephyrad.migration.facts import NodeRecords
from tests.unit.migration.builders import (
    BEFORE,
    BOND_MAC,
    CONNECTOR,
    MAC,
    NODE,
    OTHER,
    PASSWORD,
    PORT,
    PORTGROUP,
    TARGET,
    document,
    masked_records,
    records,
)


def info(**changes: Any) -> dict[str, Any]:
    return {**records().node["driver_info"], **changes}


def test_a_document_has_what_the_new_cloud_takes_and_nothing_else() -> None:
    found = document()

    assert found.node == {
        "uuid": NODE,
        "name": "metal-1",
        "driver": "redfish",
        "driver_info": records().node["driver_info"],
        "properties": {"cpu_arch": "x86_64", "capabilities": "boot_mode:uefi"},
        "extra": {},
        "resource_class": "baremetal",
        "conductor_group": "",
        "boot_interface": "ipxe",
        "power_interface": "redfish",
    }
    assert found.parts[PartKind.PORT] == (
        {"uuid": PORT, "address": MAC, "pxe_enabled": True, "portgroup_uuid": PORTGROUP},
    )
    assert found.traits == ("CUSTOM_GOLD", "HW_CPU_X86_VMX")
    assert (found.uuid, found.name, found.addresses) == (NODE, "metal-1", (MAC, BOND_MAC))


# What Ironic 39.0 takes in a POST of what 21.4 shows in a GET, as was observed; not what is the old
# cloud's own affair (maintenance, retired, instance_uuid) or refers to what is not carried
# (chassis_uuid), and not what is read from the machine anew (boot_mode, secure_boot).
CARRIED = {
    PartKind.PORTGROUP: "address name mode properties extra standalone_ports_supported",
    PartKind.PORT: (
        "address extra local_link_connection physical_network pxe_enabled portgroup_uuid"
        " is_smartnic"
    ),
    PartKind.CONNECTOR: "type connector_id extra",
    PartKind.TARGET: "volume_type properties boot_index volume_id extra",
}
CARRIED_OF_THE_NODE = (
    "name driver driver_info properties extra resource_class conductor_group shard owner lessee"
    " description network_data bios_interface boot_interface console_interface deploy_interface"
    " inspect_interface management_interface network_interface power_interface raid_interface"
    " rescue_interface storage_interface vendor_interface"
)
CARRIED_BETWEEN_NEWER_CLOUDS = "disable_power_off firmware_interface"


def test_every_field_of_a_node_is_carried() -> None:
    fields = f"{CARRIED_OF_THE_NODE} {CARRIED_BETWEEN_NEWER_CLOUDS}".split()
    values: dict[str, Any] = {name: f"the {name}" for name in fields} | {"driver_info": {"a": "b"}}

    found = document(NodeRecords(node={"uuid": NODE, **values}))

    assert found.node == {"uuid": NODE, **values}
    assert found.left_behind == ()


@pytest.mark.parametrize("kind", list(PartKind))
def test_every_field_of_what_belongs_to_a_node_is_carried(kind: PartKind) -> None:
    part = {"uuid": OTHER, **{name: f"the {name}" for name in CARRIED[kind].split()}}

    of_kind = {
        PartKind.PORTGROUP: NodeRecords({"uuid": NODE}, portgroups=(part,)),
        PartKind.PORT: NodeRecords({"uuid": NODE}, ports=(part,)),
        PartKind.CONNECTOR: NodeRecords({"uuid": NODE}, connectors=(part,)),
        PartKind.TARGET: NodeRecords({"uuid": NODE}, targets=(part,)),
    }

    assert document(of_kind[kind]).parts[kind] == (part,)


def test_what_is_left_behind_is_named_unless_it_is_empty_or_bookkeeping() -> None:
    found = document(
        records(
            raid_config={"logical_disks": []},
            target_raid_config={},
            chassis_uuid="c0",
            maintenance=True,
            last_error="none",
            a_newer_field="x",
        )
    )

    assert found.left_behind == ("a_newer_field", "chassis_uuid", "raid_config")


def test_what_ironic_keeps_for_itself_is_left_behind_and_named() -> None:
    raw = records(driver_internal_info={"agent_version": "9"}, instance_info={}, raid_config={})
    (port, *_) = raw.ports
    found = document(replace(raw, ports=({**port, "internal_info": {"tenant_vif": "v"}},)))

    assert found.left_behind == ("driver_internal_info", f"port {PORT}/internal_info")


@pytest.mark.parametrize("before", [True, False])
def test_the_automated_clean_is_that_of_before(*, before: bool) -> None:
    found = document(records(automated_clean=not before), Before(before))

    assert found.node["automated_clean"] is before


def test_an_automated_clean_that_was_not_set_is_not_carried() -> None:
    assert "automated_clean" not in document(records(automated_clean=True), BEFORE).node


def test_automated_clean_can_be_set_and_unset() -> None:
    found = with_automated_clean(document(), value=False)

    assert found.node["automated_clean"] is False
    assert with_automated_clean(found, None) == document()


def test_the_order_of_parts_and_traits_says_nothing() -> None:
    two = ({"uuid": OTHER, "address": "52:54:00:00:00:02"}, *records().ports)

    one = capture(replace(records(traits=("B", "A")), ports=two), BEFORE, {})
    other = capture(replace(records(traits=("A", "B")), ports=two[::-1]), BEFORE, {})

    assert one == other


def test_secrets_never_stand_in_a_repr() -> None:
    assert PASSWORD not in repr(document())
    assert PASSWORD not in repr(records())


MASKED = [
    ({"redfish_password": MASK}, "node/driver_info/redfish_password"),
    ({"kernel_append_params": f"quiet password={MASK} nofb"}, "kernel_append_params"),
    ({"nested": {"auth": {"token": MASK}}}, "node/driver_info/nested/auth/token"),
    ({"several": [{"token": MASK}]}, "node/driver_info/several/0/token"),
]


@pytest.mark.parametrize(("changes", "path"), MASKED)
def test_a_mask_is_found_wherever_it_stands(changes: dict[str, Any], path: str) -> None:
    (found,) = masked(document(records(driver_info=info(**changes))))

    assert found.endswith(path)


def test_a_driver_info_that_is_withheld_is_a_mask() -> None:
    withheld = {"content": "** Redacted - requires baremetal:node:get:driver_info permission. **"}

    assert masked(document(records(driver_info=withheld))) == ("node/driver_info/content",)


def test_a_masked_volume_target_is_found() -> None:
    found = masked(document(masked_records(targets=True)))

    assert found == (
        "node/driver_info/redfish_password",
        f"volume target {TARGET}/properties/auth_password",
    )


def test_stars_in_free_text_are_no_mask() -> None:
    starry = records(description=f"{MASK} do not touch {MASK}", extra={"note": f"{MASK}!"})

    assert masked(document(starry)) == ()


@pytest.mark.parametrize("value", ["clear", 7, None, True, {}, [], "***"])
def test_what_is_shown_is_no_mask(value: object) -> None:
    assert masked(document(records(driver_info=info(field=value)))) == ()


@pytest.mark.parametrize(
    ("shown", "secret"),
    [(MASK, "p"), (f"password={MASK}", "password=p"), ({"token": MASK}, {"token": "t"})],
)
def test_the_operators_value_stands_where_a_mask_stood(shown: object, secret: object) -> None:
    found = capture(records(driver_info={"key": shown}), BEFORE, {"key": secret, "other": "x"})

    assert found.node["driver_info"] == {"key": secret}


def test_the_operators_value_does_not_replace_what_is_shown() -> None:
    found = capture(records(driver_info={"key": "shown"}), BEFORE, {"key": "given"})

    assert found.node["driver_info"] == {"key": "shown"}


def test_a_node_without_driver_info_has_an_empty_one() -> None:
    assert document(records(driver_info=None)).node["driver_info"] == {}


DIFFERENCES: list[tuple[str, NodeRecords, tuple[str, ...]]] = [
    ("nothing", records(), ()),
    ("a masked password", masked_records(), ()),
    ("all that is masked", masked_records(targets=True), ()),
    ("a value", records(name="metal-2"), ("node/name",)),
    (
        "a value below",
        records(driver_info=info(deploy_kernel="x")),
        ("node/driver_info/deploy_kernel",),
    ),
    (
        "a password",
        records(driver_info=info(redfish_password="x")),
        ("node/driver_info/redfish_password",),
    ),
    ("a missing value", records(resource_class=None), ("node/resource_class",)),
    ("an empty one for none", records(description=""), ()),
    ("none for an empty one", records(conductor_group=None), ()),
    ("a value it should not have", records(description="x"), ("node/description",)),
    (
        "a secret it should not have",
        records(driver_info=info(ipmi_password=MASK)),
        ("node/driver_info/ipmi_password",),
    ),
    ("an interface the old cloud did not know", records(firmware_interface="no-firmware"), ()),
    ("an interface", records(boot_interface="pxe"), ("node/boot_interface",)),
    ("what is no part of a document", records(provision_state="enroll", power_state=None), ()),
    ("a trait less", records(traits=("CUSTOM_GOLD",)), ("trait HW_CPU_X86_VMX",)),
    (
        "a trait more",
        records(traits=("CUSTOM_GOLD", "CUSTOM_X", "HW_CPU_X86_VMX")),
        ("trait CUSTOM_X",),
    ),
    ("no port", replace(records(), ports=()), (f"port {PORT} (missing)",)),
    (
        "a port more",
        replace(records(), ports=(*records().ports, {"uuid": OTHER})),
        (f"port {OTHER} (unexpected)",),
    ),
    (
        "another MAC address",
        replace(records(), ports=({**records().ports[0], "address": BOND_MAC},)),
        (f"port {PORT}/address",),
    ),
    (
        "an inferred physical network of a port group",
        replace(records(), portgroups=({**records().portgroups[0], "physical_network": "p"},)),
        (),
    ),
    (
        "another volume connector",
        replace(records(), connectors=({**records().connectors[0], "connector_id": "x"},)),
        (f"volume connector {CONNECTOR}/connector_id",),
    ),
    (
        "several things, in order",
        replace(records(name="x", boot_interface="pxe", traits=()), targets=()),
        (
            "node/boot_interface",
            "node/name",
            "trait CUSTOM_GOLD",
            "trait HW_CPU_X86_VMX",
            f"volume target {TARGET} (missing)",
        ),
    ),
]


@pytest.mark.parametrize(
    ("found", "expected"), [row[1:] for row in DIFFERENCES], ids=[row[0] for row in DIFFERENCES]
)
def test_the_difference_is(found: NodeRecords, expected: tuple[str, ...]) -> None:
    assert differences(document(), document(found)) == expected


@pytest.mark.parametrize(
    ("wanted", "seen", "same"),
    [
        ("quiet password=s3cret nofb", f"quiet password={MASK} nofb", True),
        ("a\npassword=s3cret", f"a\npassword={MASK}", True),
        ("quiet password=s3cret", f"loud password={MASK}", False),
        (7, f"password={MASK}", False),
        (7, MASK, True),
        (None, MASK, False),
        ("x", "y", False),
    ],
)
def test_a_masked_text_may_be_the_wanted_one(wanted: object, seen: object, *, same: bool) -> None:
    expected = document(records(driver_info={"key": wanted}))
    found = document(records(driver_info={"key": seen}))

    assert differences(expected, found) == (() if same else ("node/driver_info/key",))


keys = st.text(max_size=8)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(keys, below, max_size=3),
    max_leaves=6,
)
driver_infos = st.dictionaries(keys, plain, max_size=4)


@given(driver_infos, st.lists(st.text(min_size=1), unique=True, max_size=3))
def test_a_document_is_read_as_it_was_written(
    driver_info: dict[str, Any], traits: list[str]
) -> None:
    written = document(records(driver_info=driver_info, traits=tuple(traits)))

    read = from_json(json.loads(json.dumps(to_json(written))))

    assert read == written
    assert differences(written, read) == ()


@given(driver_infos, driver_infos)
def test_documents_that_say_different_things_differ(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    there = differences(document(records(driver_info=one)), document(records(driver_info=other)))
    back = differences(document(records(driver_info=other)), document(records(driver_info=one)))

    assert there == back
    assert there != () or _said(one) == _said(other)


def _said(value: Any) -> Any:
    """Take out what says nothing."""
    if not isinstance(value, dict):
        return value
    said = {key: _said(below) for key, below in value.items()}
    return {
        key: below
        for key, below in said.items()
        if below is not None and below is not False and below not in ("", [], {})
    }


# What Ironic masks it masks by this function: by its key, in a text, and below.
masked_by_ironic = st.dictionaries(
    st.sampled_from(["redfish_password", "auth_token", "params", "deep"]),
    st.sampled_from(["x", "--password hunter2", "password=hunter2 quiet"])
    | st.dictionaries(st.sampled_from(["sslkey", "params"]), st.just("token=abc"), max_size=2),
    max_size=4,
)


@given(masked_by_ironic)
def test_what_ironic_masks_is_found_and_is_no_difference(driver_info: dict[str, Any]) -> None:
    wanted = document(records(driver_info=driver_info))
    shown = document(records(driver_info=strutils.mask_dict_password(driver_info, MASK)))

    assert differences(wanted, shown) == ()
    assert bool(masked(shown)) == (shown != wanted)


def test_a_document_of_another_node_differs() -> None:
    assert differences(document(), document(records(uuid=OTHER))) == ("node/uuid",)

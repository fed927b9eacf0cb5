# SPDX-License-Identifier: Apache-2.0
"""All that belongs to a node, read from Ironic itself, and what of it was not carried across.

Written without ephyrad's own code, so that it can judge it. Needs openstacksdk.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.lab.openstack_api import Api
from tests.lab.ports import Cloud
from tests.lab.settings import Settings

_MASK = "******"

# What another cloud can and must have of a node, and of each record that belongs to it.
_NODE = """
    uuid name driver driver_info properties extra resource_class conductor_group shard owner lessee
    description network_data automated_clean retired maintenance bios_interface boot_interface
    console_interface deploy_interface inspect_interface management_interface network_interface
    power_interface raid_interface rescue_interface storage_interface vendor_interface
""".split()
_PARTS = {
    "ports": """
        uuid address extra local_link_connection physical_network pxe_enabled portgroup_uuid
        is_smartnic
    """.split(),
    "portgroups": "uuid address name mode properties extra standalone_ports_supported".split(),
    "connectors": "uuid type connector_id extra".split(),
    "targets": "uuid volume_type properties boot_index volume_id extra".split(),
}
KINDS = ("portgroups", "ports", "connectors", "targets")


@dataclass(frozen=True)
class Belongings:
    """A node's record, its traits, and its other records by kind and UUID: only what is carried."""

    node: Mapping[str, Any]
    traits: frozenset[str]
    parts: Mapping[str, Mapping[str, Mapping[str, Any]]]


def read(settings: Settings, cloud: Cloud, node: str) -> Belongings:
    """Return what a cloud's Ironic records of a node, by UUID or name."""
    ironic = Api(settings, cloud, "baremetal")
    record = ironic.get(f"/v1/nodes/{node}")
    ident = record["uuid"]
    raw = {
        "ports": ironic.get(f"/v1/ports?node={ident}&detail=true")["ports"],
        "portgroups": ironic.get(f"/v1/portgroups?node={ident}&detail=true")["portgroups"],
        "connectors": ironic.get(f"/v1/volume/connectors?node={ident}&detail=true")["connectors"],
        "targets": ironic.get(f"/v1/volume/targets?node={ident}&detail=true")["targets"],
    }
    return Belongings(
        node={name: record.get(name) for name in _NODE},
        traits=frozenset(ironic.get(f"/v1/nodes/{ident}/traits")["traits"]),
        parts={
            kind: {one["uuid"]: {name: one.get(name) for name in _PARTS[kind]} for one in found}
            for kind, found in raw.items()
        },
    )


def without_targets(belongings: Belongings) -> Belongings:
    """Return the same, where it is not judged what volume targets there are."""
    parts = {kind: records for kind, records in belongings.parts.items() if kind != "targets"}
    return replace(belongings, parts=parts)


def differences(before: Belongings, after: Belongings) -> list[str]:
    """Return where `after` is not `before`, as lines; a value masked after is not judged."""
    parts = {kind: after.parts[kind] for kind in before.parts}
    return [
        *_unequal("node", before.node, after.node),
        *_unequal("traits", sorted(before.traits), sorted(after.traits)),
        *_unequal("", before.parts, parts),
    ]


def tally(before: Belongings, after: Belongings) -> dict[str, tuple[int, int]]:
    """Return, for `fields`, `traits` and each kind of other records, how many are equal, of how
    many that there were before.
    """
    found = {"fields": _tally(before.node, after.node)}
    found["traits"] = len(before.traits & after.traits), len(before.traits)
    for kind, records in before.parts.items():
        found[kind] = _tally(records, after.parts[kind])
    return found


def _tally(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[int, int]:
    unequal = [name for name in before if any(_unequal("", before[name], after.get(name)))]
    return len(before) - len(unequal), len(before)


def _unequal(path: str, before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in before.keys() | after.keys():
            yield from _unequal(f"{path}/{name}", before.get(name), after.get(name))
    elif after not in (_MASK, before):
        yield f"{path}: {before!r} became {after!r}"

# SPDX-License-Identifier: Apache-2.0
"""What the auditor writes down about a node's journey, and how it compares two records."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ephyrad.migration.effects import PartKind
from ephyrad.testing.records import Node, copied
from tests.simulation.boundary import BoundedCloud

_NODE_FIELDS = (
    "uuid name driver driver_info properties extra resource_class conductor_group shard owner"
    " lessee description network_data power_interface deploy_interface boot_interface"
    " management_interface network_interface raid_interface vendor_interface"
).split()
_PART_FIELDS = {
    PartKind.PORTGROUP: "uuid address name mode properties extra standalone_ports_supported",
    PartKind.PORT: "uuid address extra local_link_connection physical_network pxe_enabled"
    " portgroup_uuid is_smartnic",
    PartKind.CONNECTOR: "uuid type connector_id extra",
    PartKind.TARGET: "uuid volume_type properties boot_index volume_id extra",
}


@dataclass
class Ledger:
    """What the auditor itself wrote down about one node's journey from one cloud to the other.

    `old` is its record in the cloud that it leaves, `new` in the one that it enters. `notice` is
    the word that an instance may be deleted, and from when on; `releasing` the one by which that
    was intended; `going` the servers on it that Nova deletes.
    """

    leaves: BoundedCloud
    enters: BoundedCloud
    state: str = "active"
    held: bool = False
    created: bool = False
    working: bool = False
    intents: int = 0
    kept_final: bool = False
    verified: bool = False
    handed_over: bool = False
    new_state: str | None = None
    old_state: str | None = None
    old: Node | None = None
    new: Node | None = None
    aborting: bool = False
    restored: bool = False
    in_service: bool = False
    was_in_use: bool = False
    offered_again: bool = False
    shown: dict[str, Any] = field(default_factory=dict)
    due: dict[str, Any] = field(default_factory=dict)
    commands: int = 0
    notice: tuple[str, datetime] | None = None
    releasing: tuple[str, datetime] | None = None
    going: frozenset[str] = frozenset()
    history: list[str] = field(default_factory=list)

    def records(self, uuid: str) -> tuple[Node | None, Node | None]:
        """Return its record in the cloud that it leaves, and in the one that it enters."""
        return self.leaves.ironic.nodes.get(uuid), self.enters.ironic.nodes.get(uuid)


def lasting(node: Node) -> dict[str, Any]:
    """What of a record is to be as before when a node goes back; maintenance is others' as well."""
    names = (*_NODE_FIELDS, "automated_clean", "retired", "retired_reason", "protected")
    parts = {kind.value: copied(node.parts[kind]) for kind in PartKind}
    body = {name: copied(node.body.get(name)) for name in names}
    return {**body, **parts, "traits": sorted(node.traits)}


def begin(uuid: str, leaves: BoundedCloud, enters: BoundedCloud) -> Ledger:
    """Return the ledger of a journey that begins."""
    old, new = leaves.ironic.nodes.get(uuid), enters.ironic.nodes.get(uuid)
    shown = lasting(old) if old else {}
    servers = leaves.nova.servers.values() if leaves.nova else ()
    return Ledger(
        leaves,
        enters,
        old=old,
        new=new,
        old_state=old.state if old else None,
        new_state=new.state if new else None,
        shown=shown,
        due=shown,
        going=frozenset(
            each.uuid for each in servers if each.node == uuid and each.state == "deleting"
        ),
    )


def unequal(old: Node, new: Node) -> Iterator[str]:
    for name in _NODE_FIELDS:
        if old.body.get(name) and old.body[name] != _unmarked(new.body.get(name)):
            yield name
    for kind, names in _PART_FIELDS.items():
        if old.parts[kind].keys() != new.parts[kind].keys():
            yield f"{kind} uuids"
            continue
        for uuid, part in old.parts[kind].items():
            for name in names.split():
                if part.get(name) != new.parts[kind][uuid].get(name):
                    yield f"{kind} {name}"
    if sorted(old.traits) != sorted(new.traits):
        yield "traits"


def _unmarked(value: Any) -> Any:
    """Leave out the mark that ephyrad keeps in `extra` while a node is under way."""
    if not isinstance(value, dict):
        return value
    return {key: below for key, below in value.items() if key != "ephyrad"}

# SPDX-License-Identifier: Apache-2.0
"""A node as a simulated Ironic stores and shows it, and what the two releases differ in."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

from ephyrad.environment.kinds import Kind
from ephyrad.migration.effects import PartKind

T = TypeVar("T")

MASK = "******"

_OLD_INTERFACES = (
    "bios boot console deploy inspect management network power raid rescue storage vendor".split()
)
_CREATABLE = frozenset(
    """
    automated_clean boot_mode chassis_uuid conductor_group console_enabled description driver
    driver_info extra instance_info instance_uuid lessee maintenance name network_data owner
    properties resource_class retired retired_reason secure_boot shard uuid
    """.split()
)
_SHOWN = frozenset(
    """
    allocation_uuid clean_step conductor created_at deploy_step driver_internal_info fault
    inspection_finished_at inspection_started_at last_error maintenance_reason power_state
    protected protected_reason provision_state provision_updated_at raid_config reservation
    target_power_state target_provision_state target_raid_config updated_at
    """.split()
)
_MAPPINGS = frozenset(
    """
    clean_step deploy_step driver_info driver_internal_info extra instance_info network_data
    properties raid_config target_raid_config service_step
    """.split()
)
_FLAGS = frozenset("console_enabled maintenance protected retired disable_power_off".split())

_PART_FIELDS = {
    PartKind.PORTGROUP: "uuid address name mode properties extra standalone_ports_supported",
    PartKind.PORT: "uuid address extra local_link_connection physical_network pxe_enabled"
    " portgroup_uuid is_smartnic",
    PartKind.CONNECTOR: "uuid type connector_id extra",
    PartKind.TARGET: "uuid volume_type properties boot_index volume_id extra",
}
_NEWER_PART_FIELDS = {
    PartKind.PORTGROUP: "physical_network category",
    PartKind.PORT: "name description vendor category",
    PartKind.CONNECTOR: "",
    PartKind.TARGET: "",
}
_PREFERRED = {"boot": "ipxe", "deploy": "direct", "management": "redfish", "power": "redfish"}
_PART_MAPPINGS = frozenset("extra local_link_connection properties internal_info".split())


@dataclass(frozen=True, slots=True)
class Release:
    """What one release's Ironic takes and shows (observed on 21.4 and 39.0).

    `masks_targets`: whether the passwords of volume targets are masked too. `wants_system_scope`:
    whether it hides the nodes of others from a project's administrator. `step_lists`: whether it
    has deploy templates, and runbooks. `api_version`: the newest that is spoken.
    """

    name: str
    api_version: tuple[int, int]
    interfaces: tuple[str, ...]
    creatable: frozenset[str]
    shown: frozenset[str]
    part_fields: Mapping[PartKind, frozenset[str]]
    masks_targets: bool
    wants_system_scope: bool
    step_lists: tuple[Kind, ...]


def _release(name: str, more_interfaces: Iterable[str], more: str, *, newer: bool) -> Release:
    interfaces = (*_OLD_INTERFACES, *more_interfaces)
    creatable = _CREATABLE | {f"{kind}_interface" for kind in interfaces}
    creatable |= {"disable_power_off"} if newer else frozenset()
    fields = {
        kind: frozenset(f"{names} {_NEWER_PART_FIELDS[kind] if newer else ''}".split())
        for kind, names in _PART_FIELDS.items()
    }
    shown = creatable | _SHOWN | frozenset(more.split())
    step_lists = (Kind.DEPLOY_TEMPLATE, Kind.RUNBOOK) if newer else (Kind.DEPLOY_TEMPLATE,)
    return Release(
        name,
        (1, 115) if newer else (1, 82),
        interfaces,
        creatable,
        shown,
        fields,
        masks_targets=newer,
        wants_system_scope=newer,
        step_lists=step_lists,
    )


RELEASE_2023_1 = _release("2023.1", (), "", newer=False)
RELEASE_2026_2 = _release("2026.2", ("firmware",), "service_step health instance_name", newer=True)


@dataclass(slots=True)
class Node:
    """One node's record with all that belongs to it, secrets in clear.

    `body` has the fields of the API's node; `parts` map UUIDs to records. `work` numbers what the
    conductor does with it, so that what was begun before and given up does nothing any more.
    """

    body: dict[str, Any]
    parts: dict[PartKind, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {kind: {} for kind in PartKind}
    )
    traits: list[str] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    work: int = 0
    power_failures: int = 0

    @property
    def uuid(self) -> str:
        """Its UUID."""
        return str(self.body["uuid"])

    @property
    def state(self) -> str:
        """Its provision state."""
        return str(self.body["provision_state"])

    @property
    def fake_power(self) -> bool:
        """Whether no BMC is behind it: then its power state is what it was told last."""
        return bool(self.body["power_interface"] == "fake")


def new_node(release: Release, body: Mapping[str, Any], at: datetime) -> Node:
    """Return the record of a node that was just created."""
    full: dict[str, Any] = {name: _empty(name) for name in sorted(release.shown)}
    full.update(copied(dict(body)))
    # The fields that are left out take what the hardware type prefers.
    for kind in release.interfaces:
        if full[f"{kind}_interface"] is None:
            full[f"{kind}_interface"] = _preferred(kind, str(full["driver"]))
    full["conductor_group"] = full["conductor_group"] or ""
    full["provision_state"] = "enroll"
    full["created_at"] = iso(at)
    return Node(full)


def new_part(release: Release, kind: PartKind, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of a port, port group, volume connector or target just created."""
    names = sorted({*release.part_fields[kind], "node_uuid"})
    full: dict[str, Any] = {name: {} if name in _PART_MAPPINGS else None for name in names}
    if kind is PartKind.PORT:
        full |= {"pxe_enabled": True, "is_smartnic": False, "internal_info": {}}
    if kind is PartKind.PORTGROUP:
        full |= {"mode": "active-backup", "standalone_ports_supported": True}
    return full | copied(dict(body))


def show_node(
    node: Node, *, secrets: bool, fields: Collection[str] | None = None
) -> dict[str, Any]:
    """Return the node or these fields of it as the API shows them, secrets masked unless wanted."""
    body = node.body if fields is None else _some(node.body, fields)
    body = copied(body)
    if fields is None or "traits" in fields:
        body["traits"] = list(node.traits)
    if not secrets and "driver_info" in body:
        body["driver_info"] = _masked(body["driver_info"])
    return body


def show_parts(
    release: Release, node: Node, kind: PartKind, *, secrets: bool
) -> list[dict[str, Any]]:
    """Return the node's records of one kind as the API shows them."""
    parts = [copied(part) for part in node.parts[kind].values()]
    if kind is PartKind.TARGET and release.masks_targets and not secrets:
        for part in parts:
            part["properties"] = _masked(part["properties"])
    return parts


def copied(value: T) -> T:
    """Return a copy of plain JSON values; `copy.deepcopy` takes ten times as long."""
    return cast(T, _copied(value))


def _some(body: Mapping[str, Any], fields: Collection[str]) -> dict[str, Any]:
    return {name: body[name] for name in fields if name in body}


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_copied(below) for below in value]
    return value


def iso(at: datetime) -> str:
    """Return a time as Ironic's API shows it."""
    return at.replace(microsecond=0).isoformat()


def _preferred(kind: str, driver: str) -> str:
    if kind in ("network", "storage"):
        return "noop"
    if driver == "fake-hardware":
        return "fake"
    return _PREFERRED.get(kind, f"no-{kind}")


def _masked(values: Mapping[str, Any]) -> dict[str, Any]:
    # ironic/api: the keys that oslo.utils' strutils.mask_dict_password knows.
    return {key: MASK if "password" in key else value for key, value in values.items()}


def _empty(name: str) -> Any:
    if name in _MAPPINGS:
        return {}
    return False if name in _FLAGS else None

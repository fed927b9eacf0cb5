# SPDX-License-Identifier: Apache-2.0
"""The document: the portable description of a node, and how two of them are compared.

What can be carried was observed on Ironic 21.4 (API 1.82) and 39.0 (API 1.115): the fields that
`POST /v1/nodes`, `/v1/ports`, `/v1/portgroups` and `/v1/volume/*` accept.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ephyrad.migration import marks
from ephyrad.migration.effects import PartKind
from ephyrad.migration.facts import NodeRecords

MASK = "******"
"""What Ironic shows in place of a secret (policy `show_password`)."""

INTERFACES = (
    "bios_interface",
    "boot_interface",
    "console_interface",
    "deploy_interface",
    "firmware_interface",
    "inspect_interface",
    "management_interface",
    "network_interface",
    "power_interface",
    "raid_interface",
    "rescue_interface",
    "storage_interface",
    "vendor_interface",
)
NODE_FIELDS = (
    "uuid",
    "name",
    "driver",
    "driver_info",
    "properties",
    "extra",
    "resource_class",
    "conductor_group",
    "shard",
    "owner",
    "lessee",
    "description",
    "network_data",
    "automated_clean",
    "disable_power_off",
    *INTERFACES,
)
PART_FIELDS: Mapping[PartKind, tuple[str, ...]] = {
    PartKind.PORTGROUP: (
        "uuid",
        "address",
        "name",
        "mode",
        "properties",
        "extra",
        "standalone_ports_supported",
        "physical_network",
        "category",
    ),
    PartKind.PORT: (
        "uuid",
        "address",
        "extra",
        "local_link_connection",
        "physical_network",
        "pxe_enabled",
        "portgroup_uuid",
        "is_smartnic",
        "name",
        "description",
        "vendor",
        "category",
    ),
    PartKind.CONNECTOR: ("uuid", "type", "connector_id", "extra"),
    PartKind.TARGET: ("uuid", "volume_type", "properties", "boot_index", "volume_id", "extra"),
}

# What Ironic masks by its key (oslo.utils' strutils.mask_dict_password as of 10.2, and Ironic 39's
# own snmp_auth_key and snmp_priv_key) contains one of these; "community" is masked by neither.
_TELLTALE = r"(?:pass|pswd|secret|token|key|cookie|credential|configdrive|community|kek|fsid|hash)"
_SECRET_KEY = re.compile(_TELLTALE, re.IGNORECASE)
# Text with a secret in it: `password=...`, `--token ...`, `"secret": ...`, `http://user:word@host`.
_SECRET_TEXT = re.compile(rf"""{_TELLTALE}\w*["'\s=:,>]|://[^/\s]*@""", re.IGNORECASE)

# The whole driver_info for who lacks `baremetal:node:get:driver_info` (api/controllers/v1/node.py,
# node_sanitize, of 21.4 and 39.0).
_REDACTED = "** Redacted - "

# Present in every record and of no use in another cloud; not worth a word in the history.
_BOOKKEEPING = frozenset(
    "allocation_uuid clean_step conductor created_at deploy_step fault health instance_name"
    " instance_uuid last_error links maintenance maintenance_reason node_uuid portgroups ports"
    " power_state provision_state provision_updated_at reservation retired retired_reason"
    " service_step states target_power_state target_provision_state traits updated_at"
    " volume".split()
)


@dataclass(frozen=True, slots=True)
class Before:
    """What the old record said before ephyrad touched it, to be given back."""

    automated_clean: bool | None


@dataclass(frozen=True, slots=True)
class Document:
    """One node's portable description. Its values may be BMC secrets: kept out of `repr`.

    `node` and the members of `parts` map field names to plain JSON values. `left_behind` names
    what the old record holds and the document does not.
    """

    node: Mapping[str, Any] = field(repr=False)
    parts: Mapping[PartKind, tuple[Mapping[str, Any], ...]] = field(repr=False)
    traits: tuple[str, ...]
    left_behind: tuple[str, ...] = ()

    @property
    def uuid(self) -> str:
        """The node's UUID, the same in both clouds."""
        return str(self.node["uuid"])

    @property
    def name(self) -> str | None:
        """The node's name."""
        return self.node.get("name")

    @property
    def addresses(self) -> tuple[str, ...]:
        """The MAC addresses of its ports and port groups."""
        kinds = (PartKind.PORT, PartKind.PORTGROUP)
        return tuple(
            part["address"] for kind in kinds for part in self.parts[kind] if part.get("address")
        )


def capture(records: NodeRecords, before: Before, secrets: Mapping[str, Any]) -> Document:
    """Return the document of a node as its cloud records it.

    `before` undoes what ephyrad itself set on the record, and its mark is left out; `secrets` are
    the operator's values for `driver_info` keys, taken where the record shows a mask.
    """
    node = _carried(records.node, NODE_FIELDS)
    node["driver_info"] = _unmasked(node.get("driver_info") or {}, secrets)
    if "extra" in node:
        node["extra"] = marks.without_mark(node["extra"])
    node.pop("automated_clean", None)
    if before.automated_clean is not None:
        node["automated_clean"] = before.automated_clean
    parts = {
        kind: tuple(
            sorted(
                (_carried(raw, PART_FIELDS[kind]) for raw in raws), key=lambda part: part["uuid"]
            )
        )
        for kind, raws in _raw_parts(records).items()
    }
    return Document(node, parts, tuple(sorted(records.traits)), _left_behind(records))


def with_automated_clean(document: Document, value: bool | None) -> Document:
    """Return the document with another `automated_clean` (None: unset)."""
    node = {key: old for key, old in document.node.items() if key != "automated_clean"}
    if value is not None:
        node["automated_clean"] = value
    return replace(document, node=node)


def without_secrets(document: Document) -> Document:
    """Return the document with MASK in place of every value that looks like a secret.

    That is what Ironic itself masks, by its key or inside a text, and somewhat more: what stands
    in a document that is kept for the record only need not be complete.
    """
    return replace(
        document,
        node=blotted(document.node),
        parts={
            kind: tuple(blotted(part) for part in parts) for kind, parts in document.parts.items()
        },
    )


def masked(document: Document) -> tuple[str, ...]:
    """Return the paths of the values that are a mask and not the value, sorted."""
    found = [path for path, value in _leaves(document.node, "node") if _is_masked(path, value)]
    for kind, parts in document.parts.items():
        for part in parts:
            where = f"{kind} {part['uuid']}"
            found += [path for path, value in _leaves(part, where) if _is_masked(path, value)]
    return tuple(sorted(found))


def is_login(path: str) -> bool:
    """Return whether a BMC's user name or a secret stands at a path of :func:`differences`."""
    key = path.removeprefix("node/driver_info/")
    return key != path and bool(_SECRET_KEY.search(key) or key.endswith("_username"))


def differences(expected: Document, found: Document) -> tuple[str, ...]:
    """Return the paths at which `found` is not `expected`, sorted.

    A secret that `found` shows only masked cannot be compared and is no difference: that it works
    is proven when the new Ironic verifies the BMC. Values are not part of the answer.
    """
    return tuple(
        sorted(
            [
                *_field_differences("node", expected.node, found.node, INTERFACES),
                *(f"trait {trait}" for trait in set(expected.traits) ^ set(found.traits)),
                *(path for kind in PartKind for path in _part_differences(kind, expected, found)),
            ]
        )
    )


def to_json(document: Document) -> dict[str, Any]:
    """Return the document as plain JSON values, secrets included."""
    return {
        "node": dict(document.node),
        "parts": {
            kind.value: [dict(part) for part in parts] for kind, parts in document.parts.items()
        },
        "traits": list(document.traits),
        "left_behind": list(document.left_behind),
    }


def from_json(value: Mapping[str, Any]) -> Document:
    """Return the document that :func:`to_json` wrote."""
    return Document(
        node=dict(value["node"]),
        parts={kind: tuple(value["parts"][kind.value]) for kind in PartKind},
        traits=tuple(value["traits"]),
        left_behind=tuple(value["left_behind"]),
    )


def _raw_parts(records: NodeRecords) -> dict[PartKind, tuple[Mapping[str, Any], ...]]:
    return {
        PartKind.PORTGROUP: records.portgroups,
        PartKind.PORT: records.ports,
        PartKind.CONNECTOR: records.connectors,
        PartKind.TARGET: records.targets,
    }


def _carried(raw: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """Keep the fields that have a value; an absent one and a null one mean the same to Ironic."""
    return {name: raw[name] for name in fields if raw.get(name) is not None}


def blotted(value: Any) -> Any:
    """Return a JSON value with MASK in place of every part of it that looks like a secret."""
    if isinstance(value, Mapping):
        return {
            key: MASK if _SECRET_KEY.search(key) and below is not None else blotted(below)
            for key, below in value.items()
        }
    if isinstance(value, list | tuple):
        return [blotted(below) for below in value]
    return MASK if isinstance(value, str) and _SECRET_TEXT.search(value) else value


def _unmasked(driver_info: Mapping[str, Any], secrets: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: secrets[key] if key in secrets and _has_mask(value) else value
        for key, value in driver_info.items()
    }


def _has_mask(value: Any) -> bool:
    return any(MASK in leaf for _, leaf in _leaves(value, "") if isinstance(leaf, str))


def _is_masked(path: str, value: Any) -> bool:
    """Return whether Ironic withholds a value or a part of it.

    It masks a whole value, or the secret within a text such as `password=...`, in `driver_info`
    and in the properties of volume targets only (oslo.utils, strutils.mask_dict_password): a
    description may well have stars. `driver_info` may be withheld as a whole.
    """
    if not isinstance(value, str):
        return False
    maskable = path.startswith("node/driver_info/") or "/properties/" in path
    return value == MASK or (maskable and (MASK in value or value.startswith(_REDACTED)))


def _left_behind(records: NodeRecords) -> tuple[str, ...]:
    known = _BOOKKEEPING | set(NODE_FIELDS)
    found = {name for name, value in records.node.items() if not _is_empty(value)} - known
    for kind, raws in _raw_parts(records).items():
        found |= {f"{kind} {raw['uuid']}/internal_info" for raw in raws if raw.get("internal_info")}
    return tuple(sorted(found))


def _part_differences(kind: PartKind, expected: Document, found: Document) -> Iterator[str]:
    wanted = {part["uuid"]: part for part in expected.parts[kind]}
    seen = {part["uuid"]: part for part in found.parts[kind]}
    for uuid in wanted.keys() ^ seen.keys():
        yield f"{kind} {uuid} ({'missing' if uuid in wanted else 'unexpected'})"
    for uuid in wanted.keys() & seen.keys():
        # The new Ironic (39.0, observed) gives a port group the physical network of its ports.
        inferred = ("physical_network",) if kind is PartKind.PORTGROUP else ()
        yield from _field_differences(f"{kind} {uuid}", wanted[uuid], seen[uuid], inferred)


def _field_differences(
    where: str, wanted: Mapping[str, Any], seen: Mapping[str, Any], inferred: tuple[str, ...]
) -> Iterator[str]:
    """Compare two records; where `wanted` says nothing, Ironic may fill in what is `inferred`."""
    for name in wanted.keys() | seen.keys():
        if name in wanted:
            yield from _value_differences(f"{where}/{name}", wanted[name], seen.get(name))
        elif name not in inferred and not _is_empty(seen[name]):
            yield f"{where}/{name}"


def _value_differences(path: str, wanted: Any, seen: Any) -> Iterator[str]:
    if _is_empty(wanted) and _is_empty(seen):
        return
    if isinstance(wanted, dict) and isinstance(seen, dict):
        for key in wanted.keys() | seen.keys():
            yield from _value_differences(f"{path}/{key}", wanted.get(key), seen.get(key))
    elif wanted != seen and not _may_be(wanted, seen):
        yield path


def _may_be(wanted: Any, seen: Any) -> bool:
    """Return whether `seen` may be `wanted` with its secret masked."""
    if not isinstance(seen, str) or MASK not in seen or _is_empty(wanted):
        return False
    if seen == MASK:
        return True
    shown = ".*".join(re.escape(clear) for clear in seen.split(MASK))
    return isinstance(wanted, str) and bool(re.fullmatch(shown, wanted, re.DOTALL))


def _is_empty(value: Any) -> bool:
    """Return whether a value says no more than its absence; the number 0 says something."""
    return value is None or value is False or (isinstance(value, str | list | dict) and not value)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield (path, plain value) for everything below `value`."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(below, f"{path}/{key}")
    elif isinstance(value, list | tuple):
        for index, below in enumerate(value):
            yield from _leaves(below, f"{path}/{index}")
    else:
        yield path, value

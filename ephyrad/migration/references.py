# SPDX-License-Identifier: Apache-2.0
"""References: what a document names that another cloud knows by another id or name.

They are found, their counterparts in the new cloud are looked up, and the document is rewritten.
The changes are kept with the document: what was written into the new cloud is ever after compared
with the old record by the same ones, whatever becomes of the mapping file and of the clouds.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ephyrad.migration.document import Document, masked
from ephyrad.migration.effects import PartKind
from ephyrad.migration.facts import CloudName
from ephyrad.migration.identity import (
    By,
    Counterpart,
    Directory,
    NoCounterpart,
    Rule,
    ambiguous,
    counterpart,
    told,
)
from ephyrad.migration.mapping import LISTED, Kind, Names

Directories = Mapping[tuple[CloudName, Kind], Directory]
"""What each cloud has of each kind, as far as it was read."""

_NODE = "node"
_INFO = "driver_info"

_IMAGE_KEYS = tuple(
    f"{prefix}{key}"
    for prefix in ("", "ilo_", "irmc_", "redfish_")
    for key in (
        *("deploy_kernel", "deploy_ramdisk", "deploy_iso"),
        *("rescue_kernel", "rescue_ramdisk", "rescue_iso"),
        "bootloader",
    )
)
_NETWORK_KEYS = (
    "cleaning_network",
    "inspection_network",
    "provisioning_network",
    "rescuing_network",
    "servicing_network",
)
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_IMAGE = re.compile(rf"(glance://)?({_UUID})", re.IGNORECASE)
_ID = re.compile(_UUID, re.IGNORECASE)

_FIELDS = {
    "owner": Kind.PROJECT,
    "lessee": Kind.PROJECT,
    "conductor_group": Kind.CONDUCTOR_GROUP,
    "shard": Kind.SHARD,
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A value of a document that names something. `record` and `keys` say where, as in `Change`."""

    record: str
    keys: tuple[str | int, ...]
    kind: Kind
    value: str

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return _place(self.record, self.keys)


@dataclass(frozen=True, slots=True)
class Change:
    """A value of a document that is another in the new cloud.

    `record` is "node", or a part as in "port UUID"; `keys` lead to the value within it. `old` is
    what it was, None: whatever it was, "": nothing; `new` what it becomes, None: it is taken out.
    `label` says to people what the new one is, or why there is none.
    """

    record: str
    keys: tuple[str | int, ...]
    old: str | None
    new: str | None
    label: str = ""

    def __str__(self) -> str:
        place = _place(self.record, self.keys)
        what = f" ({self.label})" if self.label else ""
        if not self.old and not self.new:
            return f"{place} left behind{what}"
        return f"{place} {self.old or 'none'} -> {self.new or 'none'}{what}"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The changes that a document needs, and in words what stands in the way of others."""

    changes: tuple[Change, ...] = ()
    problems: tuple[str, ...] = ()


def change_of(value: Mapping[str, Any]) -> Change:
    """Return the change whose fields were written as plain JSON values."""
    return Change(**{**value, "keys": tuple(value["keys"])})


def references(document: Document) -> Iterator[Reference]:
    """Yield all that a document names. Paths, URLs and templates are names of nothing."""
    for key, kind in _FIELDS.items():
        yield from _at(_NODE, (key,), kind, document.node.get(key))
    info = document.node.get(_INFO) or {}
    for key in _NETWORK_KEYS:
        yield from _at(_NODE, (_INFO, key), Kind.NETWORK, info.get(key))
    for key in _IMAGE_KEYS:
        if image_id(info.get(key)) is not None:
            yield from _at(_NODE, (_INFO, key), Kind.IMAGE, info[key])
    yield from _of_network_data(document.node.get("network_data"))
    for part_kind in (PartKind.PORT, PartKind.PORTGROUP):
        for part in document.parts[part_kind]:
            where, value = f"{part_kind} {part['uuid']}", part.get("physical_network")
            yield from _at(where, ("physical_network",), Kind.PHYSICAL_NETWORK, value)


def image_id(value: object) -> str | None:
    """Return the Glance id that a value of `driver_info` is, None where it is something else."""
    found = _IMAGE.fullmatch(value) if isinstance(value, str) else None
    return found[2].lower() if found else None


def wanted(document: Document, names: Names) -> frozenset[tuple[CloudName, Kind]]:
    """Return which lists of which cloud :func:`resolve` needs for a document."""
    found = {each.kind for each in references(document)}
    return frozenset(
        (cloud, kind)
        for kind in LISTED
        if kind in found
        for cloud in _lists(kind, names.rule(kind))
    )


def resolve(
    document: Document, known: Directories, names: Names, came_by: tuple[Change, ...] = ()
) -> Resolution:
    """Return what of a document is to be rewritten, by what is known of both clouds.

    `came_by` are the changes by which the node came to the cloud that it leaves now: what it had
    before is what is meant, wherever that is there still.
    """
    info = document.node.get(_INFO) or {}
    changes = [Change(_NODE, (_INFO, key), None, None) for key in info if names.drops(key)]
    problems = []
    left = rewritten(document, tuple(changes))
    unknown = [key for key in sorted(left.node.get(_INFO) or {}) if not names.carries(key)]
    # What is withheld is another trouble, and may be no key of the node's at all.
    hidden = masked(left) if unknown else ()
    unknown = [key for key in unknown if f"{_NODE}/{_INFO}/{key}" not in hidden]
    if unknown:
        problems.append(
            f"driver_info has {', '.join(unknown)}, which no driver known to ephyrad reads: say in"
            " the mapping file ([migration] mapping_file) whether to carry or to drop it"
        )
    for each in references(left):
        found = _of_before(each, known, came_by) or _counterpart(each, known, names.rule(each.kind))
        if isinstance(found, NoCounterpart):
            problems.append(f"{each.place}: {found.because}")
        elif found.id != each.value:
            label = f"{each.kind} {found.label}" if found.label not in ("", found.id) else ""
            changes.append(Change(each.record, each.keys, each.value, found.id or None, label))
    changes += _taken_out_before(left, came_by)
    return Resolution(tuple(changes), tuple(problems))


def rewritten(document: Document, changes: tuple[Change, ...]) -> Document:
    """Return the document as the new cloud is to have it.

    Where a value is not what a change knew, it stays as it is, and shows as a difference.
    """
    if not changes:
        return document
    node: Mapping[str, Any] = document.node
    parts = {kind: list(members) for kind, members in document.parts.items()}
    for change in changes:
        if change.record == _NODE:
            node = _changed(node, change.keys, change)
            continue
        for kind, members in parts.items():
            for at, part in enumerate(members):
                if change.record == f"{kind} {part['uuid']}":
                    members[at] = _changed(part, change.keys, change)
    return replace(
        document, node=node, parts={kind: tuple(members) for kind, members in parts.items()}
    )


def _at(record: str, keys: tuple[str | int, ...], kind: Kind, value: object) -> Iterator[Reference]:
    if isinstance(value, str) and value:
        yield Reference(record, keys, kind, value)


def _of_network_data(data: object) -> Iterator[Reference]:
    """Yield the networks that static network data names (Nova's network_data.json: network_id)."""
    networks = data.get("networks") if isinstance(data, Mapping) else None
    for at, network in enumerate(networks if isinstance(networks, list | tuple) else ()):
        if isinstance(network, Mapping) and _ID.fullmatch(str(network.get("network_id"))):
            keys = ("network_data", "networks", at, "network_id")
            yield from _at(_NODE, keys, Kind.NETWORK, network["network_id"])


def _lists(kind: Kind, rule: Rule) -> tuple[CloudName, ...]:
    match rule.by:
        case By.KEEP:
            return ()
        case By.ID if not (rule.table or rule.several):
            # Whether the new cloud has an image is asked of each by itself.
            return () if kind is Kind.IMAGE else (CloudName.NEW,)
        case _:
            return (CloudName.OLD, CloudName.NEW)


def _taken_out_before(document: Document, came_by: tuple[Change, ...]) -> Iterator[Change]:
    """Yield what gives back to the node's own fields what they had before the node came."""
    for change in came_by:
        name, old = str(change.keys[0]), change.old
        its_own = change.record == _NODE and name in _FIELDS
        if its_own and change.new is None and old and not document.node.get(name):
            yield Change(_NODE, change.keys, "", old)


def _of_before(
    each: Reference, known: Directories, came_by: tuple[Change, ...]
) -> Counterpart | None:
    """Return what stood in a place before the node came, None where that does not help."""
    for change in came_by:
        at_home = isinstance(change.old, str) and change.new == each.value
        if at_home and (change.record, change.keys) == (each.record, each.keys):
            there = known.get((CloudName.NEW, each.kind))
            if each.kind is Kind.IMAGE or there is None:
                # Preflight asks for images.
                return Counterpart(str(change.old), "")
            found = there.named(str(change.old))
            return Counterpart(str(change.old), found[0].label) if len(found) == 1 else None
    return None


def _counterpart(each: Reference, known: Directories, rule: Rule) -> Counterpart | NoCounterpart:
    if each.kind not in LISTED:
        return _of_name(each, rule)
    old, new = (
        known.get((cloud, each.kind)) or Directory(each.kind.value, ())
        for cloud in (CloudName.OLD, CloudName.NEW)
    )
    if each.kind is Kind.IMAGE:
        return _of_image(each, old, new, rule)
    if each.kind is Kind.NETWORK and not _ID.fullmatch(each.value):
        return _of_network_name(each, new, rule)
    return counterpart(each.value, old, new, rule)


def _of_name(each: Reference, rule: Rule) -> Counterpart | NoCounterpart:
    """Return the counterpart of what has a name and no id."""
    if each.value in rule.table:
        return Counterpart(rule.table[each.value], "")
    if each.value in rule.several:
        return ambiguous(each.kind, each.value, rule)
    if rule.by is By.TABLE:
        return NoCounterpart(
            f"the mapping file's table has no entry for {each.kind} {each.value}: add one"
        )
    return Counterpart(each.value, "")


def _of_image(
    each: Reference, old: Directory, new: Directory, rule: Rule
) -> Counterpart | NoCounterpart:
    """Return the counterpart of an image, in the spelling that the value has."""
    ident = image_id(each.value) or each.value
    if rule.by is By.ID and not rule.several and told(ident, old, rule) is None:
        # Preflight asks the new cloud for it.
        return Counterpart(each.value, "")
    found = counterpart(ident, old, new, rule)
    if isinstance(found, NoCounterpart):
        return found
    return replace(found, id=f"{each.value[: -len(ident)]}{found.id}")


def _of_network_name(each: Reference, new: Directory, rule: Rule) -> Counterpart | NoCounterpart:
    """Return the counterpart of a network that the record has by its name, as Ironic allows."""
    if each.value in rule.several:
        return ambiguous(each.kind, each.value, rule)
    if rule.by is By.KEEP and each.value not in rule.table:
        return Counterpart(each.value, "")
    entry = rule.table.get(each.value)
    if entry is None and rule.by is By.TABLE:
        return NoCounterpart(
            f"the mapping file's table has no entry for network {each.value}: add one"
        )
    name = each.value if entry is None else entry
    found = new.named(name)
    if len(found) == 1:
        return Counterpart(name, "" if entry is None else found[0].label)
    if found:
        return NoCounterpart(
            f"the new cloud has {len(found)} networks called {name}: give the id of one in the"
            " mapping file's table"
        )
    return NoCounterpart(
        f"the new cloud has no network called {name}: create it there, or give its counterpart in"
        " the mapping file's table"
    )


def _changed(value: Any, keys: tuple[str | int, ...], change: Change) -> Any:
    """Return a value with what `keys` lead to changed, where it is what the change knew."""
    first, rest = keys[0], keys[1:]
    if isinstance(value, Mapping) and (first in value or (change.old == "" and not rest)):
        if rest:
            return {**value, first: _changed(value[first], rest, change)}
        if change.old is not None and change.old != (value.get(first) or ""):
            return value
        kept = {key: below for key, below in value.items() if key != first}
        return kept if change.new is None else {**value, first: change.new}
    if isinstance(value, list | tuple) and isinstance(first, int) and first < len(value) and rest:
        below = list(value)
        below[first] = _changed(below[first], rest, change)
        return below
    return value


def _place(record: str, keys: tuple[str | int, ...]) -> str:
    path = "/".join(map(str, keys))
    return path if record == _NODE else f"{record}/{path}"

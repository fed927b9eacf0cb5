# SPDX-License-Identifier: Apache-2.0
"""Glance's records of images: what of them is carried, and how it is written there.

What Glance sets itself is left behind: created_at, updated_at, virtual_size, checksum (md5), the
stores and the locations: however many there are, a copy has one, in the new cloud's default store.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ephyrad.clouds.environment import mark
from ephyrad.environment.images import WAITING
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind

MARK = "ephyrad"
"""The property that bears the mark."""

WITH_BYTES = frozenset({"active", "deactivated"})
"""The statuses of an image that has its bytes."""

_CORE = (
    "name",
    "owner",
    "visibility",
    "protected",
    "os_hidden",
    "min_disk",
    "min_ram",
    "disk_format",
    "container_format",
)
_DEFAULTS: Mapping[str, object] = {
    "protected": False,
    "os_hidden": False,
    "min_disk": 0,
    "min_ram": 0,
}
# Read-only, or refused in a request (observed on 2023.1 and 2026.2), but for what _CORE has.
_GLANCES_OWN = frozenset(
    """
    id status size virtual_size checksum os_hash_algo os_hash_value created_at updated_at self file
    schema stores store locations location direct_url tags deleted deleted_at
    """.split()
)
_RESERVED = "os_glance_"


def image_item(raw: Mapping[str, Any], members: Iterable[Mapping[str, Any]]) -> Item:
    """Return an image as Glance shows it; `members` are those of one that is shared.

    :raises KeyError: something is missing.
    :raises TypeError: something is of another type than Glance gives it.
    """
    status = raw["status"]
    fields: dict[str, Any] = {"status": status}
    for name in _CORE:
        if raw[name] not in (None, _DEFAULTS.get(name)):
            fields[name] = raw[name]
    listed = list(members)
    given = {
        "tags": sorted(raw["tags"]),
        "properties": dict(sorted(_properties(raw).items())),
        "members": sorted(each["member_id"] for each in listed),
        "accepted": sorted(each["member_id"] for each in listed if each["status"] == "accepted"),
    }
    fields |= {name: value for name, value in given.items() if value}
    if status in WITH_BYTES:
        fields["size"] = raw.get("size")
        if raw.get("os_hash_value"):
            fields["hash"] = f"{raw['os_hash_algo']}:{raw['os_hash_value']}"
    return Item(
        Kind.IMAGE,
        raw["id"],
        raw.get("name") or "",
        fields,
        mark=mark.read(raw.get(MARK), raw["id"]),
        trouble=_trouble(raw),
    )


def creation(item: Item) -> dict[str, Any]:
    """Return the body that creates the record of an image that is to get bytes later.

    Until it has them, nobody finds it in a list: it is hidden, and private to its owner. One that
    belongs to nobody is made so: without a word of an owner it would be ephyrad's (observed).
    """
    fields = item.fields
    body = {"owner": None} | {name: fields[name] for name in _CORE if name in fields}
    body |= fields.get("properties", {})
    return {**body, **WAITING, "id": item.key, "tags": fields.get("tags", []), MARK: mark.of(item)}


def patch(item: Item, found: Item) -> list[dict[str, Any]]:
    """Return the operations that make `found` what `item` is, and mark it so.

    Members and the status are changed by calls of their own. The formats of an image that has
    bytes can be changed no more (403, observed), nor need they: they were written at its creation.
    """
    operations = list(_core_operations(item, found))
    if item.fields.get("tags") != found.fields.get("tags"):
        operations.append(_add("tags", item.fields.get("tags", [])))
    operations += _property_operations(item, found)
    return [*operations, _add(MARK, mark.of(item))]


def _core_operations(item: Item, found: Item) -> Iterator[dict[str, Any]]:
    for name in _CORE:
        value = item.fields.get(name, _DEFAULTS.get(name))
        if value != found.fields.get(name, _DEFAULTS.get(name)):
            yield _add(name, value)


def _property_operations(item: Item, found: Item) -> Iterator[dict[str, Any]]:
    wanted: Mapping[str, str] = item.fields.get("properties", {})
    there: Mapping[str, str] = found.fields.get("properties", {})
    for name in sorted(wanted):
        if there.get(name) != wanted[name]:
            yield _add(name, wanted[name])
    for name in sorted(there.keys() - wanted.keys()):
        yield {"op": "remove", "path": _path(name)}


def _add(name: str, value: object) -> dict[str, Any]:
    """Return the operation that sets a value, whether there was one or not (observed)."""
    return {"op": "add", "path": _path(name), "value": value}


def _path(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _properties(raw: Mapping[str, Any]) -> dict[str, str]:
    left_out = _GLANCES_OWN.union(_CORE, {MARK})
    return {
        name: value
        for name, value in raw.items()
        if name not in left_out and not name.startswith(_RESERVED)
    }


def _trouble(raw: Mapping[str, Any]) -> str | None:
    """Return why an image cannot be carried as it stands."""
    if raw["status"] not in WITH_BYTES:
        return f"it has no bytes yet (status {raw['status']}): it is carried once they are uploaded"
    if raw.get("block_device_mapping", "[]") not in ("", "[]"):
        return (
            "its bytes are in volume snapshots of the old cloud (block_device_mapping): make an"
            " image of the volume there, which is carried"
        )
    if raw.get("cinder_encryption_key_id"):
        return (
            "its bytes are encrypted with a key of the old cloud's key manager"
            " (cinder_encryption_key_id): make an image of a decrypted volume there"
        )
    if not raw.get("os_hash_value"):
        return (
            "it has no os_hash_value, by which its bytes could be verified: save it and upload it"
            " to the old cloud anew"
        )
    if raw.get("size") is None:
        return "its size is not known: save it and upload it to the old cloud anew"
    return _without_format(raw)


def _without_format(raw: Mapping[str, Any]) -> str | None:
    lacking: Sequence[str] = [
        name for name in ("disk_format", "container_format") if not raw.get(name)
    ]
    if not lacking:
        return None
    return f"it has no {' and no '.join(lacking)}, without which no Glance takes bytes"

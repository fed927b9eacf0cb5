# SPDX-License-Identifier: Apache-2.0
"""What is particular about images: bytes that come after the record, and images they need."""

from collections.abc import Mapping
from typing import Any

from ephyrad.environment.item import Item, ItemId
from ephyrad.environment.kinds import Kind

_WITH_BYTES = frozenset({"active", "deactivated"})
_NEEDED = ("kernel_id", "ramdisk_id")

WAITING: Mapping[str, str | bool] = {"visibility": "private", "os_hidden": True, "protected": False}
"""What the record of an image says until it is whole, whatever it is to say then."""


def lacks_bytes(found: Item) -> bool:
    """Return whether an image of the new cloud waits for its bytes (status `queued`)."""
    return found.kind is Kind.IMAGE and found.fields.get("status") == "queued"


def is_filled_now(found: Item) -> bool:
    """Return whether an image is between the two: its bytes are being taken in, by whomever."""
    status = found.fields.get("status")
    return found.kind is Kind.IMAGE and status not in _WITH_BYTES | {"queued"}


def bytes_differ(wanted: Item, found: Item) -> bool:
    """Return whether two images of one id have bytes, and not the same ones."""
    if found.kind is not Kind.IMAGE or found.fields.get("status") not in _WITH_BYTES:
        return False
    return bool(wanted.fields.get("hash") != found.fields.get("hash"))


def are_hashed_alike(wanted: Item, found: Item) -> bool:
    """Return whether two images' hashes are of one algorithm, so that they tell something."""
    one, other = (str(each.fields.get("hash")).partition(":")[0] for each in (wanted, found))
    return one == other


def is_unfinished(wanted: Item, found: Item) -> bool:
    """Return whether an image waits for the rest of what it is to say, as its mark promises.

    That tells it without the journal, where it looks as if somebody had changed it.
    """
    if found.kind is not Kind.IMAGE or found.mark != wanted.digest:
        return False
    return all(found.fields.get(name, False) == value for name, value in WAITING.items())


def unfinished_states(wanted: Item) -> list[Mapping[str, Any]]:
    """Return the fields that an image has before and after it is given its bytes."""
    of_bytes = ("size", "hash")
    later = {*of_bytes, "members", "accepted"}
    made = {name: value for name, value in wanted.fields.items() if name not in later}
    made |= WAITING
    # What is at its default is left out of fields.
    made = {name: value for name, value in made.items() if value is not False}
    filled = {name: wanted.fields[name] for name in of_bytes if name in wanted.fields}
    return [{**made, "status": "queued"}, {**made, **filled, "status": "active"}]


def needed_by(item: Item) -> tuple[ItemId, ...]:
    """Return the images without which an image is of no use: its kernel and its ramdisk."""
    if item.kind is not Kind.IMAGE:
        return ()
    properties = item.fields.get("properties") or {}
    return tuple(ItemId(Kind.IMAGE, properties[key]) for key in _NEEDED if properties.get(key))

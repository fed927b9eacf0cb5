# SPDX-License-Identifier: Apache-2.0
"""Names that a cloud gives to one item only, where items are known by their ids.

Where two of the old cloud have swapped their names, neither can have its new one in the new cloud
while the other has it there: one is called something else in between.
"""

import enum
from collections.abc import Iterable
from dataclasses import replace

from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind

KINDS = frozenset({Kind.DEPLOY_TEMPLATE, Kind.RUNBOOK})
"""Kinds whose names are unique: Ironic answers 409 (observed on 2023.1 and 2026.2)."""


class Way(enum.Enum):
    """How an item comes by a name that another one has."""

    FREE = enum.auto()
    """Nobody has it."""
    NONE = enum.auto()
    """It does not: who has it keeps it."""
    LATER = enum.auto()
    """Who has it is ephyrad's, and is to be renamed before."""
    CIRCLE = enum.auto()
    """Who has it waits, perhaps by others, for the name that this item has."""


def way_to_name(wanted: Item, old: Iterable[Item], new: Iterable[Item]) -> Way:
    """Return how an item comes by its name, by all of its kind that both clouds have."""
    holders = {item.name: item for item in new}
    names = {item.key: item.name for item in old if item.trouble is None}
    name, passed = wanted.name, set[str]()
    while (holder := holders.get(name)) is not None:
        if holder.key == wanted.key and passed:
            return Way.CIRCLE
        renamed = names.get(holder.key, holder.name)
        # What people changed is not renamed; neither is what is masked, by which nobody can tell.
        if holder.mark != holder.digest or renamed == holder.name or holder.key in passed:
            return Way.NONE
        passed.add(holder.key)
        name = renamed
    return Way.LATER if passed else Way.FREE


def parked(item: Item) -> Item:
    """Return an item under a name that nobody else has, for a moment."""
    name = f"CUSTOM_EPHYRAD_{item.key.replace('-', '').upper()}"
    return replace(item, name=name, fields={**item.fields, "name": name})

# SPDX-License-Identifier: Apache-2.0
"""What the journal of a node tells on its way: forty entries, some of tries in vain."""

from collections.abc import Iterator
from uuid import UUID

from ephyrad.journal.journal import Journal
from ephyrad.migration.effects import CreateParts, ManageNode, PartKind, PowerOffNode
from ephyrad.migration.entries import Asked, Entry
from ephyrad.migration.outcomes import Underway, Unreachable
from ephyrad.migration.states import State
from tests.unit.migration.builders import PORT, cleaned_road, migration

LENGTH = 40
_LOCKED = Unreachable("node is locked by host conductor-1, please retry")


def story() -> tuple[Entry, ...]:
    """From being asked for to being registered, held once on the way."""
    road = cleaned_road().created()
    parts = CreateParts(dict.fromkeys(PartKind, (PORT,)), traits=True)
    road = road.tried(parts).in_state(State.TRANSFERRED)
    road = road.tried(ManageNode(), _LOCKED, times=10).held().released()
    road = road.tried(ManageNode(), Underway()).tried(PowerOffNode(), Underway())
    road = road.in_state(State.REGISTERED)
    assert len(road.entries) == LENGTH
    return road.entries


def node_ids(count: int) -> Iterator[str]:
    """Give so many UUIDs."""
    return (str(UUID(int=number, version=4)) for number in range(count))


def fill(journal: Journal, count: int) -> None:
    """Write the story of so many nodes into the journal."""
    for node in node_ids(count):
        _tell(journal, node, story())


def fill_waiting(journal: Journal, count: int) -> None:
    """Write so many nodes whose owners use them still, but for the last: it is cleaned."""
    *others, last = node_ids(count)
    for node in others:
        _tell(journal, node, migration().retired_in_use().entries)
    _tell(journal, last, cleaned_road().entries)


def _tell(journal: Journal, node: str, entries: tuple[Entry, ...]) -> None:
    asked, *rest = entries
    assert isinstance(asked, Asked)
    journal.append(journal.begin(node, asked), rest)

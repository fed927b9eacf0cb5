# SPDX-License-Identifier: Apache-2.0
"""A node's journeys as its history tells them: which states it reached when, and what held it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ephyrad.migration.direction import Direction
from ephyrad.migration.entries import Aborting, Asked, Entry, Held, Lifted, Moved, Restored
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause

TELLING = (Asked, Moved, Held, Lifted, Aborting, Restored)
"""The entries that tell of journeys; no others are looked at."""


@dataclass(frozen=True, slots=True)
class Reached:
    """When a journey came to a state, and when it left it: None where it is in it."""

    state: State
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold, until it was lifted: None where it stands."""

    cause: Cause
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """One journey of one node. `ended`: when it arrived or was `restored`, None before."""

    node: str
    asked_at: datetime
    direction: Direction
    states: tuple[Reached, ...]
    holds: tuple[Hold, ...] = ()
    ended: datetime | None = None
    aborted: bool = False
    restored: bool = False

    @property
    def arrived(self) -> bool:
        """Whether the node came to where it was carried."""
        return self.ended is not None and not self.restored

    @property
    def held(self) -> bool:
        """Whether a hold stands."""
        return bool(self.holds) and self.holds[-1].until is None


def journeys(node: str, entries: Iterable[Entry]) -> Sequence[Journey]:
    """Return a node's journeys, the first one first."""
    found: list[Journey] = []
    for entry in entries:
        if isinstance(entry, Asked) and (not found or found[-1].ended is not None):
            begun = Reached(State.ACTIVE, entry.at)
            found.append(Journey(node, entry.at, entry.direction, (begun,)))
        elif found:
            found[-1] = _after(found[-1], entry)
    return found


def _after(journey: Journey, entry: Entry) -> Journey:
    match entry:
        case Moved(at=at, dest=dest):
            *before, last = journey.states
            states = (*before, replace(last, until=at), Reached(dest, at))
            ended = at if dest is State.COMPUTE_READY else None
            return replace(journey, states=states, ended=ended)
        case Held(at=at, cause=cause):
            lifted = _lifted(journey, at)
            return replace(lifted, holds=(*lifted.holds, Hold(cause, at)))
        case Lifted(at=at):
            return _lifted(journey, at)
        case Aborting(at=at):
            return replace(_lifted(journey, at), aborted=True)
        case Restored(at=at):
            return replace(_lifted(journey, at), ended=at, restored=True)
        case _:
            return journey


def _lifted(journey: Journey, at: datetime) -> Journey:
    if not journey.held:
        return journey
    *before, last = journey.holds
    return replace(journey, holds=(*before, replace(last, until=at)))

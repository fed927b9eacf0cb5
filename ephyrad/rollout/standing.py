# SPDX-License-Identifier: Apache-2.0
"""Where a rollout stands: what both clouds and the journal show of its nodes at one moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ephyrad.migration.facts import CloudName
from ephyrad.migration.migration import Migration
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.declaration import Direction
from ephyrad.rollout.floors import Capacity, capacity
from ephyrad.rollout.rollout import Rollout


@dataclass(frozen=True, slots=True)
class Fleet:
    """All nodes of both clouds, by UUID, and all migrations of the journal, read at `at`."""

    at: datetime
    old: Mapping[str, Candidate]
    new: Mapping[str, Candidate]
    migrations: Mapping[str, Migration]

    def leaving(self, direction: Direction) -> Mapping[str, Candidate]:
        """Return the nodes of the cloud that nodes leave."""
        return self.old if direction is Direction.FORWARD else self.new

    def entering(self, direction: Direction) -> Mapping[str, Candidate]:
        """Return the nodes of the cloud that nodes enter."""
        return self.new if direction is Direction.FORWARD else self.old


def clouds(direction: Direction) -> tuple[CloudName, CloudName]:
    """Return the cloud that nodes leave, and the one that they enter."""
    both = (CloudName.OLD, CloudName.NEW)
    return both if direction is Direction.FORWARD else both[::-1]


@dataclass(frozen=True, slots=True)
class Standing:
    """A rollout seen together with its fleet."""

    rollout: Rollout
    fleet: Fleet

    @property
    def leaving(self) -> Mapping[str, Candidate]:
        """The nodes of the cloud that the rollout's nodes leave."""
        return self.fleet.leaving(self.rollout.declared.direction)

    @property
    def entering(self) -> Mapping[str, Candidate]:
        """The nodes of the cloud that they enter."""
        return self.fleet.entering(self.rollout.declared.direction)

    def journey(self, node: str) -> Migration | None:
        """Return the node's migration, where it is of this rollout or goes its way."""
        found = self.fleet.migrations.get(node)
        if found is None or (found.finished and found.asked_at < self.rollout.started_at):
            return None
        return found

    def journeys(self) -> Iterator[Migration]:
        """Yield the migrations of the nodes of all waves that were opened."""
        for member in self.rollout.members():
            found = self.journey(member.node)
            if found is not None:
                yield found

    def in_flight(self) -> Iterator[str]:
        """Yield the nodes of the rollout that occupy a slot, or will as soon as they are begun."""
        return (each.node for each in self.journeys() if self.occupies(each))

    def intended(self) -> Iterator[str]:
        """Yield those that will occupy a slot, and do not yet."""
        return (each.node for each in self.journeys() if self.occupies(each) and not each.in_flight)

    def occupies(self, journey: Migration) -> bool:
        """Return whether a node counts as in flight: budgets count what is intended, too."""
        if journey.in_flight:
            return True
        untouched = not (journey.touched or journey.finished or journey.hold)
        return untouched and not self._waits_in_use(journey)

    def waits_for_owner(self, journey: Migration) -> bool:
        """Return whether nothing but the node's owner is waited for."""
        if journey.finished or journey.hold or journey.in_flight:
            return False
        return journey.was_in_use or self._waits_in_use(journey)

    def _waits_in_use(self, journey: Migration) -> bool:
        node = self.leaving.get(journey.node)
        return journey.state is State.ACTIVE and node is not None and node.in_use

    def capacities(self) -> tuple[Capacity, Capacity]:
        """Return what the cloud that nodes leave has, without what is spoken for; and the other."""
        spoken_for = {
            each.node
            for each in self.fleet.migrations.values()
            if not each.finished and each.hold is None
        }
        return capacity(self.leaving.values(), spoken_for), capacity(self.entering.values())


def is_failure(journey: Migration) -> bool:
    """Return whether a node is held for another reason than an operator's wish."""
    return journey.hold is not None and journey.hold.cause is not Cause.OPERATOR

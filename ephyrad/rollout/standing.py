# SPDX-License-Identifier: Apache-2.0
"""Where a rollout stands: what both clouds and the journal show of its nodes at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import CloudName
from ephyrad.migration.migration import Migration
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.floors import Both, both_capacities
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


@dataclass(frozen=True)
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
        if found is None or not self._goes_its_way(found) or self._is_past(found):
            return None
        return found

    def is_free(self, node: str) -> bool:
        """Return whether a node may be begun with.

        Somebody else may have sent it the other way, or aborted it, since the rollout was started:
        that is not undone.
        """
        found = self.fleet.migrations.get(node)
        return found is None or (found.over and self._is_past(found))

    def _goes_its_way(self, journey: Migration) -> bool:
        return journey.direction is self.rollout.declared.direction

    def _is_past(self, journey: Migration) -> bool:
        """Return whether a journey that is over is no matter of this rollout.

        One that was under way when the rollout was started, and arrived or was aborted since, is
        one.
        """
        counts = journey.since if self._goes_its_way(journey) else journey.asked_at
        return journey.over and counts < self.rollout.started_at

    def turned(self, node: str) -> bool:
        """Return whether a node is on its way in the other direction, or went it since the start.

        Who sent it there does not want it carried again by the same rollout.
        """
        found = self.fleet.migrations.get(node)
        if found is None or found.direction is self.rollout.declared.direction:
            return False
        return not found.over or found.asked_at >= self.rollout.started_at

    def went_back(self, node: str) -> bool:
        """Return whether a node that was begun with is back where it was, or goes there."""
        journey = self.journey(node)
        return self.turned(node) or (journey is not None and journey.restored)

    @cached_property
    def journeys(self) -> Sequence[Migration]:
        """The migrations of the nodes of all waves that were opened."""
        found = (self.journey(member.node) for member in self.rollout.members())
        return tuple(each for each in found if each is not None)

    @cached_property
    def in_flight(self) -> Sequence[str]:
        """The nodes of the rollout that occupy a slot, or will as soon as they are begun."""
        return tuple(each.node for each in self.journeys if self.occupies(each))

    @cached_property
    def intended(self) -> int:
        """How many will occupy a slot, and do not yet."""
        return sum(self.occupies(each) and not each.in_flight for each in self.journeys)

    def occupies(self, journey: Migration) -> bool:
        """Return whether a node counts as in flight: budgets count what is intended, too."""
        if journey.in_flight:
            return True
        untouched = not (journey.touched or journey.over or journey.hold)
        return untouched and not self._waits_in_use(journey)

    def waits_for_owner(self, journey: Migration) -> bool:
        """Return whether nothing but the node's owner is waited for."""
        if not journey.takes_notice or journey.hold or journey.in_flight:
            return False
        return journey.was_in_use or self._waits_in_use(journey)

    def _waits_in_use(self, journey: Migration) -> bool:
        node = self.leaving.get(journey.node)
        return journey.state is State.ACTIVE and node is not None and node.in_use

    @cached_property
    def capacities(self) -> Both:
        """What the cloud that nodes leave has, without what is spoken for; and the other."""
        spoken_for = {
            each.node
            for each in self.fleet.migrations.values()
            if not each.over and (each.hold is None or each.touched)
        }
        return both_capacities(self.leaving, self.entering, spoken_for)


def is_failure(journey: Migration) -> bool:
    """Return whether a node is held for another reason than an operator's wish."""
    return journey.hold is not None and journey.hold.cause is not Cause.OPERATOR

# SPDX-License-Identifier: Apache-2.0
"""The admission of the active rollout, as the slots ask for it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from ephyrad.engine.rollout.fleet import FleetReader
from ephyrad.journal.journal import Journal
from ephyrad.migration.migration import Migration
from ephyrad.migration.policy import Policy
from ephyrad.migration.states import State
from ephyrad.rollout.admission import below_floor, refusal
from ephyrad.rollout.limits import Values
from ephyrad.rollout.notices import giver
from ephyrad.rollout.rollout import Rollout, Status
from ephyrad.rollout.windows import Zones


def is_begun(migration: Migration) -> bool:
    """Return whether a node was on its way before, so that nothing keeps it from going on."""
    return migration.state is not State.ACTIVE or migration.aborting or migration.releasing


class Members:
    """Knows which nodes the active rollout has, and whether it lets one go on."""

    def __init__(
        self, journal: Journal, fleet: FleetReader, clock: Callable[[], datetime], zones: Zones
    ) -> None:
        self._journal = journal
        self.fleet = fleet
        self._clock = clock
        self._zones = zones
        self._known: dict[str, tuple[int, Mapping[str, Values]]] = {}
        # Kept: it is asked for at every turn.
        self._own = (Policy(), timedelta(), Policy())

    def refusal(self, node: str, in_flight: Collection[str]) -> str | None:
        """Return why a node has to wait for the rollout, in words; None: it has not."""
        migration = self._journal.migration(node)
        if migration is None:
            return None
        begun = is_begun(migration)
        rollout = self._journal.rollouts.active()
        if rollout is None or node not in self._members(rollout):
            return None if begun else self._stopped(migration)
        if migration.direction is not rollout.declared.direction:
            return None
        why = refusal(
            rollout,
            node,
            members=self._members(rollout),
            in_flight=in_flight,
            begun=begun,
            at=self._clock(),
            zones=self._zones,
        )
        return why if why is not None or begun else self._below_floor(rollout, node, in_flight)

    def _below_floor(self, rollout: Rollout, node: str, in_flight: Collection[str]) -> str | None:
        if not rollout.declared.floors:
            return None
        touched = {
            each.node for each in self._journal.migrations() if each.touched and not each.over
        }
        return below_floor(
            rollout,
            node,
            look=self.fleet.look(rollout.declared.direction),
            taken=touched.union(in_flight),
            at=self._clock(),
        )

    def _stopped(self, migration: Migration) -> str | None:
        """Say that its rollout was stopped before it began, if that is so."""
        for rollout in self._journal.rollouts.rollouts():
            if (
                rollout.status is Status.STOPPED
                and migration.asked_by == giver(rollout)
                and migration.node in self._members(rollout)
            ):
                return (
                    f"rollout {rollout.name} was stopped before it began: start another one that"
                    f" has it, or take it back with `ephyra node abort {migration.node}`"
                )
        return None

    def policy(self, policy: Policy, node: str) -> Policy:
        """Return the policy for a node: its rollout may have another deadline for owners."""
        rollout = self._journal.rollouts.active()
        drain = rollout.declared.deadlines.drain if rollout else None
        if rollout is None or drain is None or node not in self._members(rollout):
            return policy
        if self._own[:2] != (policy, drain):
            self._own = policy, drain, replace(policy, drain_timeout=drain)
        return self._own[2]

    def _members(self, rollout: Rollout) -> Mapping[str, Values]:
        seq, members = self._known.get(rollout.name, (0, {}))
        if seq != rollout.seq:
            members = {each.node: each.values for each in rollout.members()}
            self._known[rollout.name] = rollout.seq, members
        return members

# SPDX-License-Identifier: Apache-2.0
"""The admission of the active rollout, as the slots ask for it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from ephyrad.journal.journal import Journal
from ephyrad.migration.migration import Migration
from ephyrad.migration.policy import Policy
from ephyrad.migration.states import State
from ephyrad.rollout.admission import refusal
from ephyrad.rollout.limits import Values
from ephyrad.rollout.rollout import Rollout
from ephyrad.rollout.windows import Zones


def is_begun(migration: Migration) -> bool:
    """Return whether a node was on its way before, so that nothing keeps it from going on."""
    return migration.state is not State.ACTIVE or migration.aborting or migration.releasing


class Members:
    """Knows which nodes the active rollout has, and whether it lets one go on."""

    def __init__(self, journal: Journal, clock: Callable[[], datetime], zones: Zones) -> None:
        self._journal = journal
        self._clock = clock
        self._zones = zones
        self._known: tuple[tuple[str, int], Mapping[str, Values]] = (("", 0), {})
        # Kept: it is asked for at every turn.
        self._own = (Policy(), timedelta(), Policy())

    def refusal(self, node: str, in_flight: Collection[str]) -> str | None:
        """Return why a node has to wait for the rollout, in words; None: it has not."""
        rollout = self._journal.rollouts.active()
        if rollout is None:
            return None
        migration = self._journal.migration(node)
        if migration is None or migration.direction is not rollout.declared.direction:
            return None
        return refusal(
            rollout,
            node,
            members=self._members(rollout),
            in_flight=in_flight,
            begun=is_begun(migration),
            at=self._clock(),
            zones=self._zones,
        )

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
        key = (rollout.name, len(rollout.waves))
        if self._known[0] != key:
            self._known = key, {each.node: each.values for each in rollout.members()}
        return self._known[1]

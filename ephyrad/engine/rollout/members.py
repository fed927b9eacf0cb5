# SPDX-License-Identifier: Apache-2.0
"""The admission of the active rollout, as the slots ask for it."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from ephyrad.journal.journal import Journal
from ephyrad.migration.states import State
from ephyrad.rollout.admission import refusal
from ephyrad.rollout.limits import Values
from ephyrad.rollout.rollout import Rollout
from ephyrad.rollout.windows import Zones


class Members:
    """Knows which nodes the active rollout has, and whether it lets one go on."""

    def __init__(self, journal: Journal, clock: Callable[[], datetime], zones: Zones) -> None:
        self._journal = journal
        self._clock = clock
        self._zones = zones
        self._known: tuple[tuple[str, int], Mapping[str, Values]] = (("", 0), {})

    def refusal(self, node: str, in_flight: Collection[str]) -> str | None:
        """Return why a node has to wait for the rollout, in words; None: it has not."""
        rollout = self._journal.rollouts.active()
        if rollout is None:
            return None
        migration = self._journal.migration(node)
        return refusal(
            rollout,
            node,
            members=self._members(rollout),
            in_flight=in_flight,
            begun=migration is not None and migration.state is not State.ACTIVE,
            at=self._clock(),
            zones=self._zones,
        )

    def _members(self, rollout: Rollout) -> Mapping[str, Values]:
        key = (rollout.name, len(rollout.waves))
        if self._known[0] != key:
            self._known = key, {each.node: each.values for each in rollout.members()}
        return self._known[1]

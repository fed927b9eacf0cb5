# SPDX-License-Identifier: Apache-2.0
"""Watches: the cheap look at the one thing that a node waits for, between two whole looks.

Nothing is decided on it: what it finds changed leads to a sighting of both clouds. So does a
notification, whatever else wakes the node, and a minute or so without a whole look.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.perform import Clouds
from ephyrad.migration.conditions import offered
from ephyrad.migration.facts import CloudView
from ephyrad.migration.migration import Migration
from ephyrad.migration.policy import Policy
from ephyrad.migration.steps import WaitUntil, Watch

_LOOKS = 12
"""How many looks may rest on the last whole one."""


@dataclass(frozen=True, slots=True)
class _Watched:
    """A wait, the entries that the journal had at its beginning, and when to look at all again."""

    step: WaitUntil
    seq: int
    due: datetime
    whole: datetime


class Watches:
    """What the nodes wait for whose wait one call can tell to go on."""

    def __init__(self, clouds: Clouds) -> None:
        self._clouds = clouds
        self._watched: dict[str, _Watched] = {}

    def begin(self, migration: Migration, step: WaitUntil, at: datetime, policy: Policy) -> None:
        """Remember a wait that a sighting of that time led to."""
        if step.watch is not None and step.again is not None:
            whole = at + _LOOKS * policy.look_again
            self._watched[migration.node] = _Watched(step, migration.seq, step.again, whole)

    def goes_on(
        self, migration: Migration, at: datetime, policy: Policy, told: Callable[[], bool]
    ) -> WaitUntil | None:
        """Return the wait that a node still is in, None where both clouds are to be looked at.

        `told` says whether a notification waits for the node. A turn before its time was due to
        something else, as the sweep.
        """
        found = self._watched.pop(migration.node, None)
        if found is None or found.seq != migration.seq or told():
            return None
        if not found.due <= at < min(found.whole, found.step.deadline):
            return None
        if not self._stands(migration, found.step):
            return None
        again = at + policy.look_again
        step = WaitUntil(found.step.what, found.step.deadline, again, found.step.watch)
        self._watched[migration.node] = _Watched(step, found.seq, again, found.whole)
        return step

    def _stands(self, migration: Migration, step: WaitUntil) -> bool:
        old = step.watch is Watch.PROVIDER
        clouds = self._clouds.facing(migration.direction)
        cloud = clouds.old if old else clouds.new
        try:
            compute = cloud.compute(migration.node, who=False, offer=True)
        except CloudReadError:
            # The whole look tells of it.
            return False
        if compute is None:
            return False
        return compute.provider is not None if old else not offered(CloudView(None, compute))

# SPDX-License-Identifier: Apache-2.0
"""One life of ephyrad as far as items are concerned, without threads."""

import random
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from ephyrad.engine.environment.comparison import Comparer, Comparison
from ephyrad.engine.environment.engine import EnvironmentEngine, EnvironmentTuning
from ephyrad.engine.environment.look import Environments
from ephyrad.engine.environment.operations import EnvironmentAsked
from ephyrad.engine.perform import Clouds
from ephyrad.environment.decide import decide
from ephyrad.environment.effects import Effect
from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.migration.facts import Notification
from ephyrad.secrets.keys import KeyRing
from ephyrad.testing.clock import VirtualClock
from tests.simulation.boundary import Boundaries, BoundedJournal
from tests.simulation.items.clouds import Written, bound
from tests.simulation.items.truth import KINDS

_DEEPEST = 3
_BETWEEN = frozenset(
    f"{when} {kind} {effect}" for when in ("before", "after") for kind in KINDS for effect in Effect
)


@dataclass(frozen=True)
class Surroundings:
    """What a process finds around it."""

    directory: Path
    keys: KeyRing
    clouds: Clouds
    environments: Environments
    boundaries: Boundaries
    clock: VirtualClock
    written: Written


class _Checked:
    """A comparer that decides once more on what it says needed no new decision."""

    def __init__(self, comparer: Comparer, clock: VirtualClock) -> None:
        self.journal = comparer.journal
        self._comparer = comparer
        self._clock = clock

    def compare(self, kind: Kind, policy: EnvironmentPolicy) -> Comparison:
        found = self._comparer.compare(kind, policy)
        for line in found.lines:
            if line.seen.at < found.at:
                seen = replace(line.seen, at=found.at)
                assert decide(self.journal.record(line.item), seen, policy) == line.step
        return found


class Process:
    """From its start to its death; `working_on` are the items whose turns are taken, nested."""

    def __init__(self, around: Surroundings, tuning: EnvironmentTuning, rng: random.Random) -> None:
        self.working_on: list[str] = []
        self._clock = around.clock
        self._rng = rng
        self._interval = tuning.sweep_interval
        self._next_sweep = around.clock.monotonic()
        self.journal = BoundedJournal.open(around.directory, around.keys, around.clock.now)
        self.journal.boundaries = around.boundaries
        bound(self.journal.environment, around.boundaries, around.written)
        self.engine = EnvironmentEngine(
            self.journal.environment,
            around.environments,
            around.clouds,
            tuning=lambda: tuning,
            workers=0,
            clock=around.clock.now,
            monotonic=around.clock.monotonic,
        )
        checked = _Checked(self.engine.comparer, around.clock)
        setattr(self.engine.sweep, "_comparer", checked)  # noqa: B010
        self.operations = EnvironmentAsked(self.engine)

    def receive(self, notification: Notification) -> None:
        """Take a notification as the listener does."""
        self.engine.told(self.journal.receive([notification]).items)

    def turn(self) -> bool:
        """Take a turn of an item that chance chooses; False: none is due."""
        depth = len(self.working_on)

        def choose(ready: Collection[str]) -> str:
            self.working_on.append(self._rng.choice(list(ready)))
            return self.working_on[-1]

        try:
            return self.engine.crew.take_one(choose)
        finally:
            del self.working_on[depth:]

    def interleave(self, boundary: str) -> None:
        """Take another item's turn in the middle of one, where a call leaves time for it.

        Not in the midst of a reading: there, threads may hold a lock that others wait for.
        """
        nested = 0 < len(self.working_on) < _DEEPEST
        if nested and boundary in _BETWEEN and self._rng.random() < 0.1:
            self.turn()

    def sweep_if_due(self) -> None:
        """Compare all kinds where it is time."""
        if self._next_sweep <= self._clock.monotonic():
            self.engine.sweep.sweep()
            self._next_sweep = self._clock.monotonic() + self._interval

    def pause(self) -> float:
        """Return the seconds until it has something to do by itself."""
        sweep, due = self._next_sweep - self._clock.monotonic(), self.engine.crew.due_in()
        return sweep if due is None else min(sweep, due)

    def die(self) -> None:
        """Forget all that was in memory."""
        self.journal.close()

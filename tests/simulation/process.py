# SPDX-License-Identifier: Apache-2.0
"""ephyrad's process in a simulated world: it is started, works, is killed and started again."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ephyrad.engine.answers import BusAnswer
from ephyrad.engine.engine import Engine, Tuning
from ephyrad.engine.look import Secrets
from ephyrad.engine.operations import EngineOperations
from ephyrad.engine.perform import Clouds
from ephyrad.engine.rollout.gates import Gates
from ephyrad.journal.lock import StateInUseError, StateLock
from ephyrad.migration.facts import CloudName, Notification
from ephyrad.secrets.keys import KeyRing
from ephyrad.testing.clock import VirtualClock
from tests.simulation.boundary import Boundaries, BoundedJournal

Written = Callable[[str, str, dict[str, Any]], None]
RolloutWritten = Callable[[datetime, str, dict[str, Any]], None]

_DEEPEST = 3


@dataclass(frozen=True)
class Surroundings:
    """What a process finds around it: its state directory, both clouds, the time."""

    directory: Path
    keys: KeyRing
    clouds: Clouds
    boundaries: Boundaries
    clock: VirtualClock
    now: Callable[[], datetime]
    written: Written
    secrets: Secrets
    rollout_written: RolloutWritten


class Process:
    """One life of ephyrad, from its start to its death; its threads are `rng`'s choices.

    :raises StateInUseError: another one uses the state directory.
    """

    def __init__(
        self, around: Surroundings, tuning: Tuning, rng: random.Random, gates: Gates | None = None
    ) -> None:
        self._around = around
        self._interval = tuning.sweep_interval
        self._rng = rng
        self._depth = 0
        self._lock = StateLock(around.directory)
        self._lock.__enter__()
        self.journal = BoundedJournal.open(around.directory, around.keys, around.now)
        self.journal.boundaries, self.journal.written = around.boundaries, around.written
        self.journal.rollouts.boundaries = around.boundaries
        self.journal.rollouts.written = around.rollout_written
        self.engine = Engine(
            self.journal,
            around.clouds,
            around.secrets,
            tuning=lambda: tuning,
            workers=1,
            clock=around.now,
            monotonic=around.clock.monotonic,
            gates=gates,
        )
        self.operations = EngineOperations(
            self.engine, lambda name: BusAnswer("connected", None, 0), "0"
        )
        self._sweeps = dict.fromkeys(CloudName, around.clock.monotonic())
        # Without a rollout a look finds nothing to do.
        self._drives = gates is not None
        self._look_due = around.clock.monotonic()

    def begin(self) -> None:
        """Do what `Engine.start` does, without its threads."""
        for node in self.engine.unfinished():
            self.engine.crew.wake(node)

    def receive(self, notification: Notification) -> None:
        """Take a notification as the listener does."""
        self.engine.receive([notification])

    def turn(self) -> bool:
        """Take a turn of a node that chance chooses; False: none is due."""
        self._depth += 1
        try:
            return self.engine.crew.take_one(lambda ready: self._rng.choice(list(ready)))
        finally:
            self._depth -= 1

    def interleave(self, boundary: str) -> None:
        """Take another node's turn in the middle of one, where a call leaves time for it."""
        if "cloud" in boundary and self._depth < _DEEPEST and self._rng.random() < 0.1:
            self.turn()

    def sweep_if_due(self) -> None:
        """Sweep each cloud whose time has come."""
        for cloud in (self._around.clouds.old, self._around.clouds.new):
            if self._sweeps[cloud.name] <= self._around.clock.monotonic():
                self.engine.sweep.sweep(cloud)
                self._sweeps[cloud.name] = self._around.clock.monotonic() + self._interval

    def drive_if_due(self) -> None:
        """Do what the rollout's thread does, when its time has come or something changed."""
        rollouts, clock = self.engine.rollouts, self._around.clock
        if not self._drives:
            return
        if rollouts.woken() or self._look_due <= clock.monotonic():
            pause = rollouts.go_on()
            self._look_due = clock.monotonic() + pause

    def pause(self) -> float:
        """Return the seconds until it has something to do by itself."""
        door = min(self._sweeps.values())
        if self._drives:
            door = 0.0 if self.engine.rollouts.woken() else min(self._look_due, door)
        sweep = max(door - self._around.clock.monotonic(), 0.0)
        due = self.engine.crew.due_in()
        return sweep if due is None else min(sweep, due)

    def trim(self, older_than: timedelta) -> None:
        """Do what the trimming thread does."""
        self.journal.trim(self._around.now() - older_than)

    def die(self) -> None:
        """Forget all that was in memory; what the kernel kept for it, it gives back."""
        self.journal.close()
        self._lock.__exit__(None, None, None)


def is_refused(directory: Path) -> bool:
    """Try to start one more ephyrad on the state directory; return whether it refuses."""
    try:
        with StateLock(directory):
            return False
    except StateInUseError:
        return True

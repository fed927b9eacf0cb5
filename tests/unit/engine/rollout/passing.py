# SPDX-License-Identifier: Apache-2.0
"""The time of a run that flies, and runs to be tried in it."""

from collections.abc import Callable
from datetime import timedelta

from ephyrad.migration.direction import Direction
from ephyrad.rollout.declaration import CommandGate, Gate
from ephyrad.rollout.gate_run import GateRun


class FlyingTime:
    """Implements :class:`ephyrad.engine.rollout.run_time.RunTime`: rests take no time.

    `ends_after`: after so many rests the run is told to end. `resting` is called in each rest, with
    its seconds.
    """

    def __init__(
        self,
        ends_after: int | None = None,
        resting: Callable[[float], object] = lambda _seconds: None,
    ) -> None:
        self.rests: list[float] = []
        self._now = 0.0
        self._ends_after = ends_after
        self._resting = resting

    def now(self) -> float:
        return self._now

    def rest(self, seconds: float) -> bool:
        self.rests.append(seconds)
        self._now += seconds
        self._resting(seconds)
        return self._ends_after is not None and len(self.rests) >= self._ends_after


def a_run(gate: Gate | None = None, ident: str = "run-1", *nodes: str) -> GateRun:
    found = gate or CommandGate(("true",), timedelta(seconds=10))
    return GateRun(ident, found, nodes or ("u1",), "summer", "canary", Direction.FORWARD)

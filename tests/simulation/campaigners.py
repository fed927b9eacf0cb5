# SPDX-License-Identifier: Apache-2.0
"""Those who steer a rollout: an operator with changing wishes, and gates with their own mind."""

import contextlib
import random
from collections.abc import Callable, Collection
from dataclasses import replace

from ephyrad.engine.answers import OperationError
from ephyrad.engine.operations import EngineOperations
from ephyrad.rollout.declaration import Declaration
from ephyrad.rollout.gate_run import GateRun
from ephyrad.rollout.verdict import Result, Verdict
from ephyrad.testing.clock import VirtualClock
from tests.simulation.trace import Trace


class ChanceGates:
    """Gates that take minutes, and fail as often as `fails` says; ephyrad's death ends them."""

    def __init__(self, clock: VirtualClock, rng: random.Random) -> None:
        self.fails = 0.0
        self._clock = clock
        self._rng = rng
        self._runs: dict[str, tuple[float, Verdict]] = {}

    def start(self) -> None:
        """Nothing was left behind."""

    def stop(self) -> None:
        """End all runs."""
        self._runs.clear()

    def begin(self, run: GateRun) -> None:
        """Begin one; when it will end, and how, is decided now."""
        bad = self._rng.choice((Result.FAIL, Result.UNCLEAR))
        result = bad if self._rng.random() < self.fails else Result.PASS
        ends = self._clock.monotonic() + self._rng.uniform(1.0, 300.0)
        self._runs.setdefault(run.id, (ends, Verdict(result, "so it is")))

    def result(self, run_id: str) -> Verdict | None:
        """Return the verdict, once its time has come."""
        ends, verdict = self._runs.get(run_id, (0.0, None))
        return verdict if ends <= self._clock.monotonic() else None

    def is_known(self, run_id: str) -> bool:
        """Whether it is under way."""
        return run_id in self._runs

    def forget(self, run_id: str) -> None:
        """Forget it."""
        self._runs.pop(run_id, None)


class Campaigner:
    """The operator of a rollout. `calm`: he only has it go on."""

    def __init__(
        self,
        declared: Declaration,
        clock: VirtualClock,
        rng: random.Random,
        trace: Trace,
        operations: Callable[[], EngineOperations | None],
        *,
        spoiled: Callable[[], Collection[str]],
        calm: bool,
    ) -> None:
        self.calm = calm
        self._declared = declared
        self._clock = clock
        self._rng = rng
        self._trace = trace
        self._operations = operations
        self._spoiled = spoiled
        self._started = False
        self._kept = 0

    def begin(self) -> None:
        """Look after it from now on."""
        self._clock.call_later(self._rng.expovariate(1 / 300.0), self._look)

    def start(self, operations: EngineOperations) -> None:
        """Start it, or another one like it after one was stopped."""
        known = operations.rollouts.all()
        if not known or known[0].status in ("stopped", "finished"):
            # Where ephyrad died before it could answer, it is started already.
            declared = replace(self._declared, name=f"campaign-{len(known)}")
            operations.rollouts.start(declared, by="operator")
        self._started = True

    def _look(self) -> None:
        self._clock.call_later(self._rng.expovariate(1 / 300.0), self._look)
        operations = self._operations()
        if operations is not None and self._started:
            with contextlib.suppress(OperationError):
                self._steer(operations)
            if self.calm:
                self._give_up(operations)

    def _steer(self, operations: EngineOperations) -> None:
        rollouts = operations.rollouts
        newest = next(iter(rollouts.all()), None)
        if newest is None:
            return
        name, wish = newest.name, "" if self.calm else self._rng.choice(_WISHES)
        self._kept += self.calm and "available in" in newest.waits_for
        if newest.status == "stopped":
            self.start(operations)
        elif newest.status == "paused" and (self.calm or self._rng.random() < 0.5):
            self._trace.add(f"the operator resumes {name}, which pauses: {newest.reason}")
            rollouts.resume(name, by="operator")
        elif wish == "pause":
            self._trace.add(f"the operator pauses {name}")
            rollouts.pause(name, reason="lunch", by="operator")
        elif wish == "stop":
            self._trace.add(f"the operator stops {name}")
            rollouts.stop(name, by="operator")
        elif wish == "apply":
            self._trace.add(f"the operator changes {name}")
            rollouts.apply(replace(self._changed(), name=name), by="operator")
        elif "somebody to approve" in newest.waits_for:
            rollouts.approve(name, by="operator")
        elif self._kept >= _PATIENCE and self._declared.floors:
            # Somebody who never goes uses a node of a class: the last spare ones stay with him.
            self._trace.add(f"the operator takes the floors out of {name}")
            self._declared = replace(self._declared, floors=())
            rollouts.apply(replace(self._declared, name=name), by="operator")

    def _give_up(self, operations: EngineOperations) -> None:
        """Have nobody wait for a node that somebody has claimed by hand, for good."""
        for node in sorted(self._spoiled()):
            with contextlib.suppress(OperationError):
                answer = operations.node(node)
                if answer.state == "active" and not answer.held:
                    operations.hold(node, reason="somebody has it", by="operator")

    def _changed(self) -> Declaration:
        """Return it with other limits and floors of the same kinds."""
        limits, rng = self._declared.limits, self._rng
        by_value = {key: rng.randint(1, 3) for key in limits.by_value}
        in_flight = rng.choice((None, 1, 2, 4))
        changed = replace(limits, in_flight=in_flight, by_value=by_value)
        floors = self._declared.floors if rng.random() < 0.7 else ()
        return replace(self._declared, limits=changed, floors=floors)


_PATIENCE = 6
"""At so many looks a floor may keep a rollout, until it is taken away."""

_WISHES = ("pause", "apply", "apply", "stop", *[""] * 6)

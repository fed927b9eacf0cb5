# SPDX-License-Identifier: Apache-2.0
"""Runs gates: each in a thread of its own, a few at once, never in a turn."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from ephyrad.engine.rollout.run_time import RunTime, WallTime
from ephyrad.rollout.declaration import ApprovalGate, Gate
from ephyrad.rollout.gate_run import GateRun
from ephyrad.rollout.verdict import Result, Verdict

LOG = logging.getLogger(__name__)

_PATIENCE = 30.0
"""Seconds that all runs together are given to end when ephyrad stops."""

Perform = Callable[[GateRun, RunTime], Verdict | None]
"""Tries one kind of gate. None: it was told to end before there was a verdict."""


class Gates(Protocol):
    """What the rollout asks for; nothing of it waits but `stop`, and nothing raises."""

    def start(self) -> None:
        """Begin to take away what was left behind."""

    def stop(self) -> None:
        """End all runs, and return when they have ended."""

    def begin(self, run: GateRun) -> None:
        """Have a gate tried; nothing happens where the run has begun already.

        After a restart nothing is known of a run that had begun: it is begun again, under another
        id, since a program may have done half of what it does.
        """

    def result(self, run_id: str) -> Verdict | None:
        """Return the verdict, None where there is none yet or the run is not known."""

    def is_known(self, run_id: str) -> bool:
        """Say whether the run is under way, waits for its turn, or has its verdict here."""

    def forget(self, run_id: str) -> None:
        """End the run if it is under way, and forget its verdict."""


@dataclass(slots=True)
class _Run:
    run: GateRun
    time: WallTime = field(default_factory=WallTime)
    verdict: Verdict | None = None


class GateRunner:
    """Implements :class:`Gates`. Any number of threads may call it."""

    def __init__(
        self,
        kinds: Mapping[type[Gate], Perform],
        *,
        tidy: Callable[[RunTime], None] | None = None,
        at_once: int = 4,
        told: Callable[[str], None] = lambda _run_id: None,
    ) -> None:
        """`kinds` has who tries each kind of gate.

        `tidy` is called at the start, in a thread of its own, to take away what runs left behind
        that a crash ended, and again after a run that was told to end. `told` is called, in the
        run's thread, once a run has its verdict. A run beyond `at_once` waits until one has ended.
        """
        self._kinds = kinds
        self._tidy = tidy
        self._at_once = at_once
        self._told = told
        self._lock = threading.Lock()
        self._runs: dict[str, _Run] = {}
        self._waiting: deque[str] = deque()
        self._working: set[threading.Thread] = set()
        self._times: dict[threading.Thread, WallTime] = {}
        self._stopped = False

    def start(self) -> None:
        """Begin to take away what was left behind."""
        tidy, mine = self._tidy, WallTime()
        if tidy is not None:
            with self._lock:
                if not self._stopped:
                    self._work("gates-tidy", mine, lambda: self._tidied(tidy, mine))

    def stop(self, seconds: float = _PATIENCE) -> None:
        """End all runs, and return when they have ended, or after so many seconds."""
        with self._lock:
            self._stopped = True
            self._waiting.clear()
            threads = list(self._times)
            for times in self._times.values():
                times.end()
        end = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(end - time.monotonic(), 0.0))
            if thread.is_alive():
                LOG.warning("%s did not end in %g s and is left alone", thread.name, seconds)

    def begin(self, run: GateRun) -> None:
        with self._lock:
            if run.id not in self._runs and not self._stopped:
                self._runs[run.id] = _Run(run)
                self._waiting.append(run.id)
                self._begin_waiting()

    def result(self, run_id: str) -> Verdict | None:
        with self._lock:
            mine = self._runs.get(run_id)
            return None if mine is None else mine.verdict

    def is_known(self, run_id: str) -> bool:
        with self._lock:
            return run_id in self._runs

    def forget(self, run_id: str) -> None:
        with self._lock:
            mine = self._runs.pop(run_id, None)
            if mine is not None:
                mine.time.end()

    def _begin_waiting(self) -> None:
        while self._waiting and len(self._working) < self._at_once:
            mine = self._runs.get(self._waiting.popleft())
            if mine is not None:
                try:
                    work = partial(self._try, mine)
                    self._working.add(self._work(f"gate-{mine.run.id}", mine.time, work))
                except RuntimeError as error:
                    mine.verdict = Verdict(Result.UNCLEAR, f"it could not be begun: {error}")

    def _work(self, name: str, times: WallTime, work: Callable[[], None]) -> threading.Thread:
        def body() -> None:
            try:
                work()
            finally:
                with self._lock:
                    me = threading.current_thread()
                    self._working.discard(me)
                    self._times.pop(me, None)
                    if not self._stopped:
                        self._begin_waiting()

        thread = threading.Thread(target=body, name=name, daemon=True)
        thread.start()
        self._times[thread] = times
        return thread

    def _try(self, mine: _Run) -> None:
        run = mine.run
        LOG.info("rollout %s, wave %s: gate %s begins", run.rollout, run.wave, run.id)
        verdict = self._judged(run, mine.time)
        if verdict is None:
            LOG.info("gate %s was ended before it had a verdict", run.id)
            # It was not given the time to see that all of its own is gone.
            self.start()
            return
        with self._lock:
            mine.verdict = verdict
            known = run.id in self._runs
        level = logging.INFO if verdict.passed else logging.WARNING
        LOG.log(level, "gate %s: %s: %s", run.id, verdict.result, verdict.words)
        if known:
            self._told(run.id)

    def _judged(self, run: GateRun, times: RunTime) -> Verdict | None:
        if isinstance(run.gate, ApprovalGate):
            return Verdict(Result.UNCLEAR, "an approval is a person's: nothing runs for it")
        try:
            return self._kinds[type(run.gate)](run, times)
        except Exception as error:
            LOG.exception("gate %s failed by an error of ephyrad's own", run.id)
            words = f"ephyrad itself failed at it, which its log tells of: {error!r}"
            return Verdict(Result.UNCLEAR, words)

    @staticmethod
    def _tidied(tidy: Callable[[RunTime], None], times: RunTime) -> None:
        try:
            tidy(times)
        except Exception:
            LOG.exception("what earlier runs of gates left behind could not be looked for")

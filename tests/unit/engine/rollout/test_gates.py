# SPDX-License-Identifier: Apache-2.0
"""Runs of gates: each in a thread of its own, none in the way of another."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from ephyrad.engine.rollout.command_gate import CommandRuns
from ephyrad.engine.rollout.gates import GateRunner, Perform
from ephyrad.engine.rollout.run_time import RunTime
from ephyrad.rollout.declaration import ApprovalGate, CommandGate
from ephyrad.rollout.gate_run import GateRun
from ephyrad.rollout.verdict import Result, Verdict
from tests.unit.engine.rollout.passing import a_run

PASS = Verdict(Result.PASS, "well")
FOREVER = 1e6


class Told:
    """Waits until runs have their verdicts."""

    def __init__(self) -> None:
        self._runs: dict[str, threading.Event] = {}

    def __call__(self, run_id: str) -> None:
        self._of(run_id).set()

    def wait(self, run_id: str) -> None:
        assert self._of(run_id).wait(20)

    def _of(self, run_id: str) -> threading.Event:
        return self._runs.setdefault(run_id, threading.Event())


@contextmanager
def runner(perform: Perform, told: Told | None = None, at_once: int = 4) -> Iterator[GateRunner]:
    gates = GateRunner({CommandGate: perform}, at_once=at_once, told=told or Told())
    try:
        yield gates
    finally:
        gates.stop()


def waits_for_its_end(_run: GateRun, time: RunTime) -> Verdict | None:
    assert time.rest(FOREVER)
    return None


def test_a_verdict_comes_when_the_run_is_over() -> None:
    told, go = Told(), threading.Event()

    def perform(_run: GateRun, _time: RunTime) -> Verdict:
        go.wait(20)
        return PASS

    with runner(perform, told) as gates:
        gates.begin(a_run())
        before = gates.result("run-1")
        go.set()
        told.wait("run-1")

        assert before is None
        assert gates.result("run-1") == PASS
        assert gates.is_known("run-1")


def test_a_run_begins_once() -> None:
    told = Told()
    begun: list[str] = []

    def perform(run: GateRun, _time: RunTime) -> Verdict:
        begun.append(run.id)
        return PASS

    with runner(perform, told) as gates:
        gates.begin(a_run())
        told.wait("run-1")
        gates.begin(a_run())

    assert begun == ["run-1"]


def test_nothing_is_known_of_a_run_that_never_began() -> None:
    with runner(waits_for_its_end) as gates:
        assert gates.result("other") is None
        assert not gates.is_known("other")
        gates.forget("other")


def test_no_more_than_a_few_run_at_once_and_the_others_follow() -> None:
    told, go = Told(), threading.Semaphore(0)
    running = threading.Semaphore(0)
    most, now, lock = 0, 0, threading.Lock()

    def perform(_run: GateRun, _time: RunTime) -> Verdict:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        running.release()
        go.acquire(timeout=20)
        with lock:
            now -= 1
        return PASS

    with runner(perform, told, at_once=2) as gates:
        for number in range(5):
            gates.begin(a_run(None, f"run-{number}"))
        for _ in range(2):
            assert running.acquire(timeout=20)
        go.release(5)
        for number in range(5):
            told.wait(f"run-{number}")

    assert most == 2


def test_a_forgotten_run_ends_and_has_no_result() -> None:
    ended = threading.Event()

    def perform(run: GateRun, time: RunTime) -> Verdict | None:
        waits_for_its_end(run, time)
        ended.set()
        return None

    with runner(perform) as gates:
        gates.begin(a_run())
        gates.forget("run-1")

        assert ended.wait(20)
        assert not gates.is_known("run-1")
        assert gates.result("run-1") is None


def test_a_forgotten_run_that_waited_never_begins() -> None:
    told = Told()
    begun: list[str] = []

    def perform(run: GateRun, time: RunTime) -> Verdict | None:
        begun.append(run.id)
        return waits_for_its_end(run, time) if run.id == "first" else PASS

    with runner(perform, told, at_once=1) as gates:
        for name in ("first", "second", "third"):
            gates.begin(a_run(None, name))
        gates.forget("second")
        gates.forget("first")
        told.wait("third")

    assert begun == ["first", "third"]


def test_an_error_of_our_own_is_no_pass() -> None:
    told = Told()

    def perform(_run: GateRun, _time: RunTime) -> Verdict:
        raise ZeroDivisionError("by us")

    with runner(perform, told) as gates:
        gates.begin(a_run())
        told.wait("run-1")
        verdict = gates.result("run-1")

    assert verdict is not None
    assert verdict.result is Result.UNCLEAR
    assert verdict.words.startswith("ephyrad itself failed at it")


def test_an_approval_is_a_persons() -> None:
    told = Told()
    with runner(waits_for_its_end, told) as gates:
        gates.begin(a_run(ApprovalGate()))
        told.wait("run-1")
        verdict = gates.result("run-1")

    assert verdict == Verdict(Result.UNCLEAR, "an approval is a person's: nothing runs for it")


def test_stop_ends_what_runs_begins_nothing_and_leaves_no_verdict() -> None:
    gates = GateRunner({CommandGate: waits_for_its_end}, at_once=1)
    for name in ("running", "waiting"):
        gates.begin(a_run(None, name))

    gates.stop()
    gates.begin(a_run(None, "late"))

    assert [gates.result(name) for name in ("running", "waiting", "late")] == [None] * 3
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("gate-")]


def test_one_that_does_not_end_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    go = threading.Event()

    def perform(_run: GateRun, _time: RunTime) -> Verdict:
        go.wait(20)
        return PASS

    gates = GateRunner({CommandGate: perform})
    gates.begin(a_run())
    gates.stop(0.05)
    go.set()

    assert "gate-run-1 did not end in 0.05 s and is left alone" in caplog.text


def test_what_was_left_behind_is_looked_for_at_the_start() -> None:
    looked = threading.Event()

    def tidy(_time: RunTime) -> None:
        looked.set()
        raise ZeroDivisionError("which is told, and harms nothing")

    gates = GateRunner({CommandGate: waits_for_its_end}, tidy=tidy)
    gates.start()

    assert looked.wait(20)
    gates.stop()


def test_what_a_forgotten_run_left_behind_is_looked_for() -> None:
    looked, runs = threading.Event(), threading.Event()

    def perform(_run: GateRun, time: RunTime) -> Verdict | None:
        runs.set()
        assert time.rest(FOREVER)
        return None

    gates = GateRunner({CommandGate: perform}, tidy=lambda _time: looked.set())
    gates.begin(a_run())
    assert runs.wait(20)
    assert not looked.is_set()

    gates.forget("run-1")

    assert looked.wait(20)
    gates.stop()


def test_a_real_program_is_ended_by_stop() -> None:
    gates = GateRunner({CommandGate: CommandRuns({"PATH": "/usr/bin:/bin"})})
    gates.begin(a_run(CommandGate(("sleep", "60"), timedelta(seconds=60))))

    gates.stop(20)

    assert gates.result("run-1") is None
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("gate-")]

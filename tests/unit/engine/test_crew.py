# SPDX-License-Identifier: Apache-2.0
"""Worker threads: never two at one node, every wake is heeded, every wait ends."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ephyrad.engine.crew import Crew
from ephyrad.engine.turn import Queued, Resting, TurnEnd, Waiting

SOON = timedelta(milliseconds=20)
LONG = 10.0


def _now() -> datetime:
    return datetime.now(UTC)


NewCrew = Callable[[Callable[[str], TurnEnd]], Crew]


@pytest.fixture
def crew_of() -> Iterator[NewCrew]:
    made: list[Crew] = []

    def make(take: Callable[[str], TurnEnd]) -> Crew:
        crew = Crew(take, workers=4, clock=_now, monotonic=time.monotonic)
        made.append(crew)
        crew.start()
        return crew

    yield make
    for crew in made:
        crew.stop()


def test_one_node_is_never_worked_on_twice_at_once(crew_of: NewCrew) -> None:
    busy = threading.Lock()
    clashes: list[str] = []
    turns = threading.Semaphore(0)

    def take(node: str) -> TurnEnd:
        if not busy.acquire(blocking=False):
            clashes.append(node)
            return Resting()
        try:
            turns.release()
        finally:
            busy.release()
        return Resting()

    crew = crew_of(take)
    for _ in range(200):
        crew.wake("a")
    assert turns.acquire(timeout=LONG)

    assert clashes == []


def test_a_wake_during_a_turn_leads_to_another(crew_of: NewCrew) -> None:
    began, go_on, again = threading.Event(), threading.Event(), threading.Event()

    def take(_: str) -> TurnEnd:
        if began.is_set():
            again.set()
        began.set()
        go_on.wait(LONG)
        return Resting()

    crew = crew_of(take)
    crew.wake("a")
    assert began.wait(LONG)
    crew.wake("a")
    go_on.set()

    assert again.wait(LONG)


def test_what_woke_a_node_before_it_looks_leads_to_no_other_turn() -> None:
    told: list[str] = []

    def take(node: str) -> TurnEnd:
        crew.wake(node)
        crew.looks(node)
        if not told:
            told.append(node)
            crew.wake(node)
        return Resting()

    crew = Crew(take, workers=0, clock=_now, monotonic=time.monotonic)
    crew.wake("a")
    turns = [crew.take_one(lambda ready: next(iter(ready))) for _ in range(3)]

    assert turns == [True, True, False]


def test_a_wait_ends_by_itself(crew_of: NewCrew) -> None:
    turns: list[str] = []
    twice = threading.Event()

    def take(node: str) -> TurnEnd:
        turns.append(node)
        if len(turns) == 2:
            twice.set()
            return Resting()
        return Waiting("something", _now() + SOON)

    crew_of(take).wake("a")

    assert twice.wait(LONG)


def test_other_nodes_go_on_while_one_is_busy(crew_of: NewCrew) -> None:
    release, done = threading.Event(), threading.Event()

    def take(node: str) -> TurnEnd:
        if node == "slow":
            release.wait(LONG)
        else:
            done.set()
        return Resting()

    crew = crew_of(take)
    crew.wake("slow")
    crew.wake("quick")

    assert done.wait(LONG)
    release.set()


def test_the_node_that_queued_first_gets_the_free_slot(crew_of: NewCrew) -> None:
    order: list[str] = []
    seen = threading.Semaphore(0)

    def take(node: str) -> TurnEnd:
        order.append(node)
        seen.release()
        return Queued()

    crew = crew_of(take)
    for node in ("a", "b"):
        crew.wake(node)
        assert seen.acquire(timeout=LONG)
    _until(lambda: isinstance(crew.end_of("a"), Queued) and isinstance(crew.end_of("b"), Queued))
    crew.wake_queued()
    assert seen.acquire(timeout=LONG)

    assert order == ["a", "b", "a"]


def test_an_error_of_our_own_does_not_end_a_worker(
    crew_of: NewCrew, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()

    def take(node: str) -> TurnEnd:
        if node == "bad":
            raise ZeroDivisionError
        done.set()
        return Resting()

    crew = crew_of(take)
    for _ in range(4):
        crew.wake("bad")
    crew.wake("good")

    assert done.wait(LONG)
    assert crew.alive()
    _until(lambda: "node bad" in caplog.text)


def test_stopping_waits_for_the_turn_that_is_taken() -> None:
    began, go_on = threading.Event(), threading.Event()
    finished: list[str] = []

    def take(node: str) -> TurnEnd:
        began.set()
        go_on.wait(LONG)
        finished.append(node)
        return Resting()

    crew = Crew(take, workers=1, clock=_now, monotonic=time.monotonic)
    crew.start()
    crew.wake("a")
    crew.wake("b")
    assert began.wait(LONG)
    stopper = threading.Thread(target=crew.stop)
    stopper.start()
    _until(lambda: crew.stopping)
    go_on.set()
    stopper.join(LONG)

    assert finished == ["a"]


def _until(is_so: Callable[[], bool]) -> None:
    limit = time.monotonic() + LONG
    while not is_so():
        assert time.monotonic() < limit
        threading.Event().wait(0.01)


def test_one_turn_is_taken_in_this_thread_of_the_chosen_node() -> None:
    taken: list[str] = []

    def take(node: str) -> TurnEnd:
        taken.append(node)
        return Resting()

    crew = Crew(take, workers=0, clock=_now, monotonic=lambda: 0.0)
    for node in ("a", "b", "c"):
        crew.wake(node)

    took = crew.take_one(max)

    assert took
    assert taken == ["c"]
    assert crew.due_in() == 0.0
    assert crew.take_one(min)
    assert crew.take_one(min)
    assert not crew.take_one(min)
    assert crew.due_in() is None


def test_the_time_until_a_turn_is_that_of_the_wait_that_ends_first() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    ends = {"a": now + timedelta(seconds=30), "b": now + timedelta(seconds=20)}
    crew = Crew(
        lambda node: Waiting("something", ends[node]), 0, clock=lambda: now, monotonic=lambda: 5.0
    )
    for node in ends:
        crew.wake(node)
        crew.take_one(min)

    assert crew.due_in() == 20.0


def test_an_error_of_a_turn_taken_in_this_thread_is_raised() -> None:
    def take(_: str) -> TurnEnd:
        raise RuntimeError("no")

    crew = Crew(take, workers=0, clock=_now, monotonic=lambda: 0.0)
    crew.wake("a")

    with pytest.raises(RuntimeError, match="no"):
        crew.take_one(min)


def test_a_node_whose_turn_is_taken_is_ready_for_nobody_else() -> None:
    others: list[bool] = []

    def take(node: str) -> TurnEnd:
        if not others:
            crew.wake(node)
            others.append(crew.take_one(min))
        return Resting()

    crew = Crew(take, 0, clock=_now, monotonic=lambda: 0.0)
    crew.wake("a")
    crew.take_one(min)

    assert others == [False]
    assert crew.take_one(min)

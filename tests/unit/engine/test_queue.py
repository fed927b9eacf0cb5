# SPDX-License-Identifier: Apache-2.0
"""Who waits for a slot is called when one is free, whatever happens in between."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from ephyrad.engine.crew import Crew
from ephyrad.engine.turn import Queued, Resting, TurnEnd

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_LONG = 10.0


class Turns:
    """Takes the turns of a crew with one worker as a test tells, and counts them."""

    def __init__(self) -> None:
        self.take: Callable[[str], TurnEnd] = lambda node: Queued()
        self.crew = Crew(self._take, 1, lambda: _NOW, lambda: 0.0)
        self._taken: list[str] = []
        self._changed = threading.Condition()

    def _take(self, node: str) -> TurnEnd:
        end = self.take(node)
        with self._changed:
            self._taken.append(node)
            self._changed.notify_all()
        return end

    def expect(self, *nodes: str) -> None:
        """Expect these turns, and forget them."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._taken) >= len(nodes), _LONG)
            assert tuple(self._taken) == nodes
            self._taken.clear()


def _queue(turns: Turns, *nodes: str) -> None:
    for node in nodes:
        turns.crew.wake(node)
        turns.expect(node)


def test_a_free_slot_calls_whoever_has_waited_longest() -> None:
    turns = Turns()
    turns.crew.start()
    _queue(turns, "a", "b")

    turns.crew.wake_queued()

    turns.expect("a")
    turns.crew.stop()
    turns.expect()


def test_a_node_that_leaves_the_slot_lets_the_next_one_have_it() -> None:
    turns = Turns()
    turns.crew.start()
    _queue(turns, "held", "b", "c")
    turns.take = lambda node: Resting() if node == "held" else Queued()

    turns.crew.wake_queued()

    turns.expect("held", "b")
    turns.crew.stop()
    turns.expect()


def test_two_free_slots_call_two_nodes() -> None:
    turns = Turns()
    turns.crew.start()
    _queue(turns, "a", "b", "c")

    turns.crew.wake_queued()
    turns.crew.wake_queued()

    turns.expect("a", "b")
    turns.crew.stop()
    turns.expect()


def test_a_slot_given_back_while_a_turn_fails_to_get_one_is_not_missed() -> None:
    turns = Turns()
    tries: list[str] = []

    def take(node: str) -> TurnEnd:
        tries.append(node)
        if len(tries) == 1:
            # Nobody is in the queue yet.
            turns.crew.wake_queued()
            return Queued()
        return Resting()

    turns.take = take
    turns.crew.start()

    turns.crew.wake("a")

    turns.expect("a", "a")
    turns.crew.stop()


def test_more_slots_are_heeded_at_once() -> None:
    turns = Turns()
    turns.crew.start()
    _queue(turns, "a", "b")

    turns.take = lambda node: Resting()
    turns.crew.wake_all_queued()

    turns.expect("a", "b")
    turns.crew.stop()
    turns.expect()

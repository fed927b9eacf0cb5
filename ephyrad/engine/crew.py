# SPDX-License-Identifier: Apache-2.0
"""The crew: worker threads that take nodes' turns, never two at once for one node.

Items of the environment have a crew of their own, which knows them by their texts.
"""

import heapq
import logging
import threading
from collections.abc import Callable, Collection
from datetime import datetime

from ephyrad.engine.turn import Queued, Resting, TurnEnd, Waiting

LOG = logging.getLogger(__name__)

_AFTER_A_BUG = 60.0
"""Seconds until a node is looked at again whose turn ended in an error of ephyrad's own."""


class Crew:
    """Runs `take` for nodes that were woken or whose time has come.

    `monotonic` gives seconds for the waiting, `clock` the UTC that deadlines are in.
    """

    def __init__(
        self,
        take: Callable[[str], TurnEnd],
        workers: int,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        *,
        word: str = "node",
        admits: Callable[[str], bool] = lambda _node: True,
    ) -> None:
        """`word` says in messages what is woken; `admits` whether a queued node could go on."""
        self._word = word
        self._admits = admits
        self._take = take
        self._workers = workers
        self._clock = clock
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._ready: dict[str, None] = {}
        self._due: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []
        self._running: set[str] = set()
        self._again: set[str] = set()
        self._queued: dict[str, None] = {}
        self._called: set[str] = set()
        self._freed = 0
        self._began: dict[str, int] = {}
        self._ends: dict[str, TurnEnd] = {}
        self._stopping = False
        self._threads: list[threading.Thread] = []

    @property
    def stopping(self) -> bool:
        """Whether the crew was told to stop."""
        return self._stopping

    def start(self) -> None:
        """Start the worker threads."""
        self._threads = [
            threading.Thread(target=self._work, name=f"{self._word}-turn-{number}", daemon=True)
            for number in range(self._workers)
        ]
        for thread in self._threads:
            thread.start()

    def halt(self) -> None:
        """Let every running turn end after its current effect, and begin none."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Halt, and return when every running turn has ended."""
        self.halt()
        for thread in self._threads:
            thread.join()

    def alive(self) -> bool:
        """Return whether every worker is there, and the lock between them can be had."""
        if not self._changed.acquire(timeout=1.0):
            return False
        self._changed.release()
        return all(thread.is_alive() for thread in self._threads)

    def wake(self, node: str) -> None:
        """Have the node's turn taken as soon as a worker is free."""
        with self._changed:
            self._wake(node)

    def looks(self, node: str) -> None:
        """Have the turn that the node has now count for all that woke it up to here.

        To be called before the clouds are looked at: what was told until then is seen in them.
        """
        with self._changed:
            self._again.discard(node)

    def wake_queued(self) -> None:
        """Have the turn taken of the node that has waited longest for a slot."""
        with self._changed:
            self._freed += 1
            self._call_queued()

    def wake_all_queued(self) -> None:
        """Have the turns taken of all nodes that wait for a slot: there may be more slots now."""
        with self._changed:
            self._freed += 1
            while self._call_queued():
                pass

    def end_of(self, node: str) -> TurnEnd | None:
        """Return how the node's last turn ended; None while one is taken or none was yet."""
        with self._changed:
            return None if node in self._running else self._ends.get(node)

    def waiting(self) -> tuple[int, int]:
        """Return how many nodes wait for a slot, and how many for a worker."""
        with self._changed:
            return len(self._queued), len(self._ready)

    def take_one(self, choose: Callable[[Collection[str]], str]) -> bool:
        """Take one turn in this thread, of the node that `choose` picks; False: none is ready.

        For whoever has the crew work without its threads. An error of the turn's is raised, where
        a worker would log it and go on.
        """
        node = self._choose(choose)
        if node is None:
            return False
        self._put_back(node, self._take(node))
        return True

    def due_in(self) -> float | None:
        """Return the seconds until a node is ready for its turn, None where none waits for it."""
        with self._changed:
            if self._ready:
                return 0.0
            return self._heap[0][0] - self._monotonic() if self._heap else None

    def _call_queued(self) -> bool:
        """Call the node that has waited longest of those that could go on; False: there is none."""
        node = next((each for each in self._queued if self._admits(each)), None)
        if node is None:
            return False
        del self._queued[node]
        self._called.add(node)
        self._wake(node)
        return True

    def _wake(self, node: str) -> None:
        if node in self._running:
            self._again.add(node)
        elif node not in self._ready:
            self._ready[node] = None
            self._changed.notify()

    def _work(self) -> None:
        while (node := self._next()) is not None:
            try:
                end = self._take(node)
            except Exception:
                LOG.exception(
                    "%s %s: its turn failed by an error of ephyrad's own", self._word, node
                )
                end = None
            self._put_back(node, end)

    def _next(self) -> str | None:
        with self._changed:
            while not self._stopping:
                node = self._choose(_first)
                if node is not None:
                    return node
                self._changed.wait(self.due_in())
            return None

    def _choose(self, choose: Callable[[Collection[str]], str]) -> str | None:
        with self._changed:
            self._collect_due()
            if not self._ready:
                return None
            node = choose(self._ready.keys())
            self._begin(node)
            return node

    def _begin(self, node: str) -> None:
        del self._ready[node]
        self._running.add(node)
        self._due.pop(node, None)
        self._queued.pop(node, None)
        self._began[node] = self._freed

    def _collect_due(self) -> None:
        now = self._monotonic()
        while self._heap and self._heap[0][0] <= now:
            when, node = heapq.heappop(self._heap)
            if self._due.get(node) == when:
                del self._due[node]
                self._wake(node)

    def _put_back(self, node: str, end: TurnEnd | None) -> None:
        with self._changed:
            self._running.discard(node)
            match end:
                case Waiting(again=again):
                    seconds = max((again - self._clock()).total_seconds(), 0.0)
                    self._schedule(node, self._monotonic() + seconds)
                case Queued() if self._freed != self._began[node]:
                    # A slot was given back after this turn had asked for one.
                    self._wake(node)
                case Queued():
                    self._queued[node] = None
                case Resting():
                    pass
                case None:
                    self._schedule(node, self._monotonic() + _AFTER_A_BUG)
            if node in self._called:
                self._called.discard(node)
                if not isinstance(end, Queued):
                    # It may have left the slot for which it was called: there may be another.
                    self._call_queued()
            if end is not None:
                self._ends[node] = end
            if node in self._again:
                self._again.discard(node)
                self._wake(node)

    def _schedule(self, node: str, when: float) -> None:
        self._due[node] = when
        heapq.heappush(self._heap, (when, node))
        self._changed.notify()


def _first(nodes: Collection[str]) -> str:
    return next(iter(nodes))

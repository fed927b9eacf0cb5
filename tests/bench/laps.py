# SPDX-License-Identifier: Apache-2.0
"""How two things are measured side by side on a machine that others use too."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

Lap = Callable[[], float]
"""Does the work once and returns the measure of it."""


def alternate(ours: Lap, other: Lap, laps: int) -> tuple[float, float]:
    """Return the medians of so many laps of each, taken in turn.

    What else the machine does then falls on both. A lap of each before them counts for nothing.
    """
    ours()
    other()
    pairs = [(ours(), other()) for _ in range(laps)]
    return median(mine for mine, _ in pairs), median(theirs for _, theirs in pairs)


def cpu(work: Callable[[], object]) -> float:
    """Return the seconds of CPU that the calling thread spends on something."""
    gc.collect()
    begun = time.thread_time()
    work()
    return time.thread_time() - begun


def cpu_of_all(work: Callable[[], object]) -> float:
    """Return the seconds of CPU that all threads of this process spend on something."""
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def wall(work: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


class Account:
    """The CPU time of the calling thread, told apart: what is ours, and what is not.

    A span may lie within a span of the other kind, and is then counted for its own kind alone.
    """

    def __init__(self) -> None:
        self.ours = 0.0
        self.theirs = 0.0
        self._mine = False
        self._since = time.thread_time()

    @contextmanager
    def span(self, *, ours: bool) -> Iterator[None]:
        before = self._mine
        self._switch(ours)
        try:
            yield
        finally:
            self._switch(before)

    def _switch(self, ours: bool) -> None:
        now = time.thread_time()
        if self._mine:
            self.ours += now - self._since
        else:
            self.theirs += now - self._since
        self._mine, self._since = ours, now

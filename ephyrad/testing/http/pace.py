# SPDX-License-Identifier: Apache-2.0
"""Drives a virtual clock by the real one."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Self

from ephyrad.testing.clock import VirtualClock

_LONGEST_PAUSE = 0.5


class Pace:
    """Lets `speed` seconds pass on the clock in each real one, from :meth:`start` to :meth:`stop`.

    What is due is done when it is due, in a thread of its own, with `lock` held. A clock that is
    too slow for its work falls behind, and catches up later.
    """

    def __init__(
        self,
        clock: VirtualClock,
        lock: AbstractContextManager[object],
        speed: float = 1.0,
        real: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._lock = lock
        self._speed = speed
        self._real = real
        self._begun: tuple[float, float] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pace", daemon=True)

    def start(self) -> Self:
        """Let time pass from now on."""
        self._begun = (self._real(), self._clock.monotonic())
        self._thread.start()
        return self

    def stop(self) -> None:
        """Let time stand still."""
        self._ended.set()
        self._thread.join(10)

    def catch_up(self) -> None:
        """Bring the clock to where it should be; the lock must be held."""
        if self._begun is None or self._ended.is_set():
            return
        real, virtual = self._begun
        late = virtual + (self._real() - real) * self._speed - self._clock.monotonic()
        if late > 0:
            self._clock.advance(late)

    def _run(self) -> None:
        pause = 0.0
        while not self._ended.wait(pause):
            with self._lock:
                self.catch_up()
                due = self._clock.until_next()
            pause = _LONGEST_PAUSE if due is None else min(due / self._speed, _LONGEST_PAUSE)

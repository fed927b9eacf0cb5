# SPDX-License-Identifier: Apache-2.0
"""A clock that moves only when it is told to, and calls what is due on the way."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class VirtualClock:
    """Seconds since its making, the UTC that belongs to them, and calls to come.

    Calls that are due at the same instant are made in the order in which they were asked for, so
    that a run can be repeated exactly.
    """

    def __init__(self, start: datetime = BEGINNING) -> None:
        self._start = start
        self._seconds = 0.0
        self._asked = 0
        self._calls: list[tuple[float, int, Callable[[], None]]] = []

    def now(self) -> datetime:
        """Return the time, UTC."""
        return self._start + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        """Return the seconds since the clock was made."""
        return self._seconds

    def jump(self, by: timedelta) -> None:
        """Set the wall clock without letting time pass, as a wrong NTP server does."""
        self._start += by

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        """Have `call` made after so many seconds. To cancel is the callee's: it looks again."""
        self._asked += 1
        heapq.heappush(self._calls, (self._seconds + max(seconds, 0.0), self._asked, call))

    def until_next(self) -> float | None:
        """Return the seconds to the next call, None where there is none."""
        return max(self._calls[0][0] - self._seconds, 0.0) if self._calls else None

    def advance(self, seconds: float) -> None:
        """Let time pass, making every call that is due, each at its own instant.

        May be called from within a call; time then passes for all.
        """
        end = self._seconds + seconds
        while self._calls and self._calls[0][0] <= end:
            when, _, call = heapq.heappop(self._calls)
            self._seconds = max(self._seconds, when)
            call()
        self._seconds = max(self._seconds, end)

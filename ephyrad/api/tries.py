# SPDX-License-Identifier: Apache-2.0
"""Tries to log in that failed: whoever guesses has to wait, ever longer."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

FREE = 5
"""So many may fail one after the other, as people's do, before there is a pause."""

LONGEST_PAUSE = 60.0
FORGOTTEN = 600.0
"""Seconds after the last one that failed, when those before it count no more."""

MOST = 10_000
"""So many are known; of more, the ones are forgotten that failed longest ago."""

LONGEST_NAME = 100
"""Characters of a name that are kept: names that begin alike are taken for one."""

Who = tuple[str, str]
"""An address and a name: nobody can keep a user out who comes from another address."""


class TooManyTriesError(Exception):
    """Too many tries failed; `seconds`: how long none counts."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__("too many passwords were wrong")


@dataclass(frozen=True, slots=True)
class _Failed:
    count: int
    last: float
    pause: float


class Tries:
    """Knows them in memory alone. Every method may be called from any thread."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failed: OrderedDict[Who, _Failed] = OrderedDict()
        self._lock = threading.Lock()

    def expect_leave(self, who: Who) -> None:
        """Expect that they may try now, be it with the right password.

        :raises TooManyTriesError: they may not.
        """
        with self._lock:
            found = self._failed.get(_short(who))
        if found is not None:
            left = found.last + found.pause - self._monotonic()
            if left > 0:
                raise TooManyTriesError(left)

    def failed(self, who: Who) -> float:
        """Count one that failed; return how many seconds none counts now, 0 at first."""
        who = _short(who)
        now = self._monotonic()
        with self._lock:
            before = self._failed.pop(who, None)
            if before is None or now - before.last >= FORGOTTEN:
                before = _Failed(0, now, 0.0)
            count = before.count + 1
            pause = min(2.0 ** min(count - FREE, 10), LONGEST_PAUSE) if count >= FREE else 0.0
            self._failed[who] = _Failed(count, now, pause)
            if len(self._failed) > MOST:
                self._failed.popitem(last=False)
        return pause

    def succeeded(self, who: Who) -> None:
        """Forget what failed before."""
        with self._lock:
            self._failed.pop(_short(who), None)


def _short(who: Who) -> Who:
    address, name = who
    return address, name[:LONGEST_NAME]

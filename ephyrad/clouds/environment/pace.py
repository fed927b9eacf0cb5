# SPDX-License-Identifier: Apache-2.0
"""The bandwidth that all uploads together may take."""

import threading
import time
from collections.abc import Callable, Iterator

_SLACK = 0.25
"""Seconds for which what was not used may be made up for."""

_PIECES = 8
_SMALLEST = 4096


class Pace:
    """A bucket that fills with `rate` bytes a second and from which any number of threads take.

    Whoever takes waits for its turn, in the order in which they came; without a rate nobody waits.
    Large chunks are taken in pieces of an eighth of a second: Glance behind uWSGI breaks off an
    upload from which it gets no byte for 4 seconds (observed on 2026.2: uWSGI's socket-timeout).
    """

    def __init__(
        self,
        rate: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        """`clock` gives seconds, and `pause` lets so many of them pass."""
        self._rate = rate
        self._clock = clock
        self._pause = pause or threading.Event().wait
        self._free = clock()
        self._lock = threading.Lock()

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """Give a chunk, whole or in pieces, each when there is bandwidth for it."""
        if self._rate is None:
            if chunk:
                yield chunk
            return
        size = max(_SMALLEST, int(self._rate / _PIECES))
        for at in range(0, len(chunk), size):
            piece = chunk[at : at + size]
            self._take(len(piece), self._rate)
            yield piece

    def _take(self, count: int, rate: float) -> None:
        with self._lock:
            now = self._clock()
            start = max(self._free, now - _SLACK)
            self._free = start + count / rate
        if start > now:
            self._pause(start - now)

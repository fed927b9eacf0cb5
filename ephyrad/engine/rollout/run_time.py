# SPDX-License-Identifier: Apache-2.0
"""The time of one run of a gate, and the word that it is to end."""

import threading
import time
from typing import Protocol


class RunTime(Protocol):
    """What a run that waits is given; a test hands in one whose time flies."""

    def now(self) -> float:
        """Return seconds, which only go on."""

    def rest(self, seconds: float) -> bool:
        """Wait so long, or until the run is to end, which is True."""


class WallTime:
    """Real time, for one run."""

    def __init__(self) -> None:
        self._end = threading.Event()

    def now(self) -> float:
        return time.monotonic()

    def rest(self, seconds: float) -> bool:
        return self._end.wait(max(seconds, 0.0))

    def end(self) -> None:
        """Have the run end."""
        self._end.set()

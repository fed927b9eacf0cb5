# SPDX-License-Identifier: Apache-2.0
"""Waiting for something to become true, with an end."""

import time
from collections.abc import Callable


def until(what: str, true: Callable[[], object], seconds: float = 30.0, step: float = 0.02) -> None:
    """Wait for a callable to say something true, or fail naming what did not come."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(step)

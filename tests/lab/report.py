# SPDX-License-Identifier: Apache-2.0
"""What the lab tells while it works."""

import time

_STARTED = time.monotonic()


def say(text: str) -> None:
    """One line with the seconds since the command began."""
    print(f"{time.monotonic() - _STARTED:6.1f} s  {text}", flush=True)

# SPDX-License-Identifier: Apache-2.0
"""A process that is killed with SIGKILL before one of the steps by which it changes the disk."""

import itertools
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

_STEPS = frozenset(
    """
    backup chown close execute executemany fchmod fsync ftruncate link mkdir open rename rmdir
    unlink write writelines
    """.split()
)


def numbers(killed: Callable[[int], bool]) -> Iterator[int]:
    """Return 0, 1, 2 ... for as long as `killed` was true of them."""
    return itertools.takewhile(killed, itertools.count())


Action = Callable[[Callable[[], None]], object]
"""What is killed; it calls what it is given when its steps begin to count."""


def killed(action: Action, step: int) -> bool:
    """Do it in a process of its own that is killed before its step of this number, from 0.

    Return whether it was; else it came to its end.
    """
    with warnings.catch_warnings():
        # eventlet, which others import, warns of forks; it is not used.
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        _live(action, step)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert status == 0, "the process failed by itself, see its standard error"
    return False


def _live(action: Action, step: int) -> None:
    left = itertools.count(step, -1)

    def look(_frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call" and called.__name__ in _STEPS and next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    status = 0
    try:
        action(lambda: sys.setprofile(look))
    except BaseException:  # noqa: BLE001 - nothing may get out of the child
        traceback.print_exc()
        status = 1
    finally:
        sys.setprofile(None)
        os._exit(status)

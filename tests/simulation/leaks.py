# SPDX-License-Identifier: Apache-2.0
"""Looks for BMC passwords where none may be: the log at DEBUG, the journal's files."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CANARY = "canary-"
"""How every BMC password of the simulation begins."""


class LeakError(AssertionError):
    """A password stands in clear where it can be read."""


class _Watch(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        if CANARY in line:
            self.found.append(line)


@contextmanager
def no_leak_in_the_log() -> Iterator[None]:
    """Watch all that ephyrad logs, at DEBUG.

    :raises LeakError: at the end, a password was logged.
    """
    watch, logger = _Watch(), logging.getLogger("ephyrad")
    before = logger.level
    logger.addHandler(watch)
    logger.setLevel(logging.DEBUG)
    # A failing run tells its story by the trace.
    logger.propagate = False
    try:
        yield
    finally:
        logger.propagate = True
        logger.setLevel(before)
        logger.removeHandler(watch)
    if watch.found:
        raise LeakError(f"I3 broken: logged: {watch.found[0]}")


def expect_no_leak_in_files(directory: Path) -> None:
    """Search every file below `directory`.

    :raises LeakError: a password is in one of them.
    """
    for path in sorted(directory.iterdir()):
        if CANARY.encode() in path.read_bytes():
            raise LeakError(f"I3 broken: a password stands in {path.name}")

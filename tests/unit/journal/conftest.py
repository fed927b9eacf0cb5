# SPDX-License-Identifier: Apache-2.0
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from ephyrad.journal.journal import Journal
from tests.unit.journal.samples import Clock, Reversed

NOBODY = 65534


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journals(tmp_path: Path, clock: Clock) -> Iterator[Callable[[], Journal]]:
    """Opens the journal of one directory, any number of times."""
    with ExitStack() as stack:

        def opened() -> Journal:
            journal = Journal.open(tmp_path, Reversed(), clock)
            stack.callback(journal.close)
            return journal

        yield opened


@pytest.fixture
def journal(journals: Callable[[], Journal]) -> Journal:
    return journals()


@pytest.fixture
def public_directory() -> Iterator[Path]:
    """An empty directory that belongs to whoever `unprivileged` makes of us."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        if os.geteuid() == 0:
            os.chown(directory, NOBODY, NOBODY)
        directory.chmod(0o700)
        yield directory
        directory.chmod(0o700)


@pytest.fixture
def unprivileged() -> Callable[[], AbstractContextManager[None]]:
    """Root may do anything: to see what is refused, be somebody else for a while."""

    @contextmanager
    def as_nobody() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(0)

    return as_nobody

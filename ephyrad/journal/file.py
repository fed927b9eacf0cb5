# SPDX-License-Identifier: Apache-2.0
"""The journal's open file: one connection and one lock for all that is kept in it."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database

from ephyrad.journal import database
from ephyrad.journal.errors import DiskError, JournalError, told

LOG = logging.getLogger(__name__)

_ROOM = 128 * 1024
"""Bytes that have to be free before a journal that could not be written is tried again."""


class JournalFile:
    """One connection: SQLite has one writer anyhow, and reads are short beside an fsync."""

    def __init__(self, db: Database, path: Path) -> None:
        self.db = db
        self.path = path
        self.lock = threading.RLock()
        self.wal_is_stale = False
        self._failed = False
        self._trouble: str | None = None

    def close(self) -> None:
        """Close the file. Nothing is lost without it."""
        with self.lock, told(self.path):
            self._failed = True
            self.db.close()

    @property
    def failed(self) -> bool:
        """Whether its disk failed: nothing is read or written any more until it is opened anew."""
        return self._failed

    @property
    def trouble(self) -> str | None:
        """Why it could not be read or written the last time; None once it was written again."""
        return self._trouble

    def can_write(self) -> bool:
        """Return whether it can be written; after a trouble, see by writing something."""
        if self._trouble is None:
            return True
        # A page may fit where an entry does not: it would look mended until the next entry.
        if self._room() < _ROOM:
            return False
        with suppress(DiskError):
            with self.writing() as db:
                # Writes a page of the file, and changes nothing.
                db.execute("PRAGMA user_version = 0")
            return True
        return False

    def sizes(self) -> tuple[int, int]:
        """Return the bytes of the file and of its WAL; 0 for what is not there."""
        wal = self.path.with_name(f"{self.path.name}-wal")
        return _size(self.path), _size(wal)

    def _room(self) -> int:
        """Return how many bytes are free on the journal's file system."""
        try:
            found = os.statvfs(self.path.parent)
        except OSError:
            return 0
        return found.f_bavail * found.f_frsize

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """Have the file for oneself.

        :raises DiskError: it cannot be read at present.
        """
        with self.lock:
            if self._failed:
                raise DiskError(
                    f"journal {self.path}: its disk failed, or it was closed: start ephyrad again",
                    fatal=True,
                )
            failed: DiskError | None = None
            try:
                with told(self.path):
                    yield self.db
            except DiskError as error:
                failed = error
            if failed is not None:
                self._suffer(failed)
                raise failed

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """Do everything within in one commit.

        :raises DiskError: it cannot be written at present; nothing was.
        """
        with self.reading() as db:
            with database.transaction(db):
                yield db
            # A commit that changes nothing takes no room, and proves nothing.
            if self._trouble is not None and self._room() >= _ROOM:
                LOG.warning("journal %s: it can be written again", self.path)
                self._trouble = None

    def empty_wal(self) -> None:
        """Take from the disk what was replaced: the WAL holds pages as they were before.

        Not waited for where somebody else reads the file just now; it is to be tried again later.
        """
        trouble = ""
        with self.lock:
            try:
                with self.reading() as db:
                    self.wal_is_stale = not database.empty_wal(db)
            except JournalError as error:
                # What was written before is durable all the same.
                self.wal_is_stale = True
                trouble = str(error)
        if trouble:
            LOG.warning("%s", trouble)

    def _suffer(self, error: DiskError) -> None:
        """Say once that nothing can be done for now."""
        if self._trouble is None:
            LOG.error("%s; nothing is done to a node until it can be written", error)
        self._trouble, self._failed = str(error), error.fatal


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

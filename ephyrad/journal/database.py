# SPDX-License-Identifier: Apache-2.0
"""The journal's file: made, opened, examined; and how it is written to."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from ephyrad.journal import schema
from ephyrad.journal.errors import RESTORE, JournalError, told

FILE_NAME = "journal.sqlite"
RESTORING = f"{FILE_NAME}.restoring"
"""A backup that is about to take the journal's place."""

_BUSY_SECONDS = 10.0


def open_database(directory: Path) -> Database:
    """Open the journal's file in `directory`, made and brought up to date where need be.

    :raises JournalError: it cannot be used as it is.
    """
    path = directory / FILE_NAME
    with told(path):
        if not path.exists():
            _make(path)
        _examine_file(path)
        db = connect(path)
        try:
            _examine(db, path)
            _prepare(db, path)
            with transaction(db):
                schema.upgrade(db, path)
        except BaseException:
            db.close()
            raise
        return db


def connect(path: Path) -> Database:
    """Return a connection on which each statement is its own commit unless within a transaction."""
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        return Database(connection, execute_plugins=False)
    except BaseException:
        connection.close()
        raise


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """Do everything within in one commit.

    The write lock is taken at once: a transaction that reads first and is refused the lock later
    cannot wait for it.
    """
    # sqlite-utils' own `execute` looks at each statement, as it would commit by itself.
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


def empty_wal(db: Database) -> bool:
    """Write the WAL into the file and make it empty; return whether nobody stood in the way."""
    db.execute("PRAGMA busy_timeout = 0").fetchall()
    try:
        (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        db.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}").fetchall()
    return not busy


def sync(path: Path) -> None:
    """Make a file's content, or a directory's names, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make(path: Path) -> None:
    """Make an empty journal under another name first, so that under its own it is always whole."""
    if path.with_name(RESTORING).exists():
        raise JournalError(f"journal {path}: a restore was cut short: run `ephyra restore` again")
    if path.with_name(f"{path.name}-wal").exists():
        raise JournalError(f"journal {path}: it is gone, and only its -wal is there: {RESTORE}")
    new = path.with_name(f"{path.name}.new")
    for leftover in (new, new.with_name(f"{new.name}-wal"), new.with_name(f"{new.name}-shm")):
        leftover.unlink(missing_ok=True)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    db = connect(new)
    try:
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        _prepare(db, new)
        with transaction(db):
            schema.upgrade(db, path)
    finally:
        db.close()
    new.rename(path)
    sync(path.parent)


def _prepare(db: Database, path: Path) -> None:
    """Set on the connection what durability and secrecy need."""
    (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise JournalError(f"journal {path}: no WAL is possible here: put it on a local disk")
    for setting in ("synchronous = FULL", "secure_delete = ON", "foreign_keys = ON"):
        db.execute(f"PRAGMA {setting}").fetchall()


def _examine_file(path: Path) -> None:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise JournalError(f"journal {path}: it is no file: remove what stands there")
    if found.st_size == 0:
        raise JournalError(f"journal {path}: it is empty: {RESTORE}")
    # SQLite opens for reading what it may not write, and says so at the first write only.
    if not os.access(path, os.R_OK | os.W_OK, effective_ids=True):
        raise JournalError(f"journal {path}: let ephyrad's user read and write it")


def _examine(db: Database, path: Path) -> None:
    (application,) = db.execute("PRAGMA application_id").fetchone()
    if application != schema.APPLICATION_ID:
        raise JournalError(
            f"journal {path}: it is a database, but no journal of ephyrad's: {RESTORE}, or name"
            " another state directory"
        )
    (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        where = " ".join(verdict.split())
        raise JournalError(f"journal {path}: it is damaged ({where}): {RESTORE}")

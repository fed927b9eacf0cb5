# SPDX-License-Identifier: Apache-2.0
"""Backups: a journal copied whole while it is in use, and what such a copy has in it."""

import os
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ephyrad.journal import database, schema
from ephyrad.journal.errors import ANOTHER, JournalError, told
from ephyrad.migration.states import State


@dataclass(frozen=True, slots=True)
class Contents:
    """How many nodes are in a journal, of how many the migration is not over, and documents.

    `newest` is the time (UTC) of the last entry, None where there is none.
    """

    nodes: int
    unfinished: int
    documents: int
    newest: datetime | None


def write(source: Path, target: Path, *, replace: bool = False) -> Contents:
    """Copy the journal in `source`, as it stands at one moment, into `target`, and examine it.

    With `replace`, a former backup of that name gives way; never any other file.

    :raises JournalError: there is no journal, the target is there already, it cannot be written,
        or the copy is not whole.
    """
    with told(source):
        there = source.exists()
    if not there:
        raise JournalError(
            f"journal {source}: there is none: name the state directory of ephyrad with --state-dir"
        )
    _examine_target(source, target, replace=replace)
    new = target.with_name(f"{target.name}.new")
    with told(target, "backup"):
        new.unlink(missing_ok=True)
        try:
            copy(source, new)
            found = examine(new)
            new.rename(target)
            database.sync(target.parent)
        finally:
            new.unlink(missing_ok=True)
    return found


def copy(source: Path, new: Path) -> None:
    """Copy a journal into a new file of mode 0600, durably.

    In one step, so that it is one moment, and with connections that nobody waits for.
    """
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(database.connect(source)) as reading, closing(database.connect(new)) as writing:
        reading.conn.backup(writing.conn)
        # So that the copy is whole without a -wal beside it.
        writing.execute("PRAGMA journal_mode = DELETE").fetchall()
    database.sync(new)


def examine(path: Path) -> Contents:
    """Read all of a backup, and return what is in it.

    :raises JournalError: it is no journal, not whole, or of a newer ephyrad.
    """
    with told(path, "backup"), closing(database.connect(path)) as db:
        (application,) = db.execute("PRAGMA application_id").fetchone()
        if application != schema.APPLICATION_ID:
            raise JournalError(f"backup {path}: it is no journal of ephyrad's: name another file")
        (verdict,) = db.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            where = " ".join(verdict.split())
            raise JournalError(f"backup {path}: it is damaged ({where}): {ANOTHER}")
        schema.check(db, path)
        nodes, unfinished = db.execute(
            "SELECT count(*), count(*) FILTER (WHERE state != ?) FROM migrations",
            [State.COMPUTE_READY.value],
        ).fetchone()
        (documents,) = db.execute("SELECT count(*) FROM documents").fetchone()
        (newest,) = db.execute("SELECT max(at) FROM entries").fetchone()
        try:
            at = None if newest is None else datetime.fromisoformat(newest)
        except ValueError as error:
            raise JournalError(f"backup {path}: it is damaged ({error}): {ANOTHER}") from error
    return Contents(nodes, unfinished, documents, at)


def _examine_target(source: Path, target: Path, *, replace: bool) -> None:
    if not target.exists():
        return
    if not replace:
        raise JournalError(
            f"backup {target}: it is there already: name another file, or say --replace"
        )
    if target.samefile(source):
        raise JournalError(f"backup {target}: this is the journal itself: name another file")
    examine(target)

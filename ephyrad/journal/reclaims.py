# SPDX-License-Identifier: Apache-2.0
"""Reclaim messages in the journal: each taken once, with what became of the things it named."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from ephyrad.journal.errors import understood
from ephyrad.journal.file import JournalFile
from ephyrad.journal.values import to_text
from ephyrad.reclaim.fate import Fate, Kind, Message, Named, things
from ephyrad.reclaim.nomination import Nomination

_AT_ONCE = 500
_NEW = "it was taken, and not looked at yet"

_ADD = (
    "INSERT INTO reclaim_messages (source, message_id, label, result, taken_at, said_at)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (source, message_id) DO NOTHING"
)
_NAME = (
    "INSERT INTO reclaim_named (message, kind, name, node, instance, fate, words, since)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_MESSAGES = "SELECT id, source, message_id, label, result, taken_at, said_at FROM reclaim_messages"
_NAMED = "SELECT id, message, kind, name, node, instance, fate, words, since FROM reclaim_named"
_CHANGE = (
    "UPDATE reclaim_named SET node = ?, instance = ?, fate = ?, words = ?, since = ?"
    " WHERE id = ? AND fate = 'waits'"
)
_OLD = (
    f"{_MESSAGES} WHERE taken_at < ? AND NOT EXISTS (SELECT 1 FROM reclaim_named"  # noqa: S608 - names of ours
    " WHERE message = reclaim_messages.id AND fate = 'waits') LIMIT ?"
)


class ReclaimJournal:
    """The messages' part of the journal; :class:`~ephyrad.journal.journal.Journal` opens it.

    Every method may be called from any thread, and may raise
    :class:`~ephyrad.journal.errors.JournalError`. Nothing of it is kept in memory.
    """

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def take(self, nomination: Nomination, at: datetime) -> tuple[Message, bool]:
        """Write a message down, in one commit; return it, and whether it is a new one.

        One of the same source and id is the same message, whatever else it says.
        """
        with self._file.writing() as db:
            is_new = _add(db, nomination, at)
            # Read before the commit: an old one may be trimmed after it.
            rows = db.conn.execute(
                f"{_MESSAGES} WHERE source = ? AND message_id = ?",
                (nomination.source, nomination.id),
            ).fetchall()
            [message] = self._whole(db, rows)
        return message, is_new

    def take_all(self, nominations: Iterable[Nomination], at: datetime) -> None:
        """Write messages down as :meth:`take` does, all in one commit: all of them or none."""
        with self._file.writing() as db:
            for each in nominations:
                _add(db, each, at)

    def message(self, number: int) -> Message:
        """Return a message that was taken."""
        with self._file.reading() as db:
            rows = db.conn.execute(f"{_MESSAGES} WHERE id = ?", [number]).fetchall()
            [found] = self._whole(db, rows)
        return found

    def without_things(self, numbers: Collection[int]) -> Mapping[int, Message]:
        """Return messages by their numbers, without the things that they named."""
        marks = ", ".join("?" * len(numbers))
        with self._file.reading() as db:
            rows = db.conn.execute(f"{_MESSAGES} WHERE id IN ({marks})", list(numbers)).fetchall()
        with understood(self._file.path):
            return {row[0]: _message(row) for row in rows}

    def last(self, count: int) -> Sequence[Message]:
        """Return the messages that were taken last, the last one first."""
        with self._file.reading() as db:
            rows = db.conn.execute(f"{_MESSAGES} ORDER BY id DESC LIMIT ?", [count]).fetchall()
            return self._whole(db, rows)

    def waiting(self, after: int = 0) -> Sequence[Named]:
        """Return things that wait, the oldest first, from behind a number on; not all at once."""
        with self._file.reading() as db:
            rows = db.conn.execute(
                f"{_NAMED} WHERE fate = 'waits' AND id > ? ORDER BY id LIMIT ?", (after, _AT_ONCE)
            ).fetchall()
        with understood(self._file.path):
            return [_named(row) for row in rows]

    def change(self, named: Iterable[Named]) -> None:
        """Write down what became of things that waited; one that does not wait stays as it is."""
        rows = [
            (each.node, each.instance, each.fate, each.words, to_text(each.since), each.number)
            for each in named
        ]
        if rows:
            with self._file.writing() as db:
                db.conn.executemany(_CHANGE, rows)

    def map(self, build: Named, nodes: Iterable[tuple[str, str, str | None]]) -> None:
        """Write down which nodes a build stands for, once: name, UUID and instance of each."""
        row = (None, None, Fate.MAPPED, build.words, to_text(build.since), build.number)
        with self._file.writing() as db:
            if db.conn.execute(_CHANGE, row).rowcount:
                named = [(Kind.NODE, *each) for each in nodes]
                _name(db, build.message, named, build.since)

    def trim(self, before: datetime) -> int:
        """Delete messages taken before a time of which nothing waits; return how many."""
        count = 0
        while True:
            # A commit for each time that nothing is old would be an fsync for nothing.
            with self._file.reading() as db:
                rows = db.conn.execute(_OLD, (to_text(before), _AT_ONCE)).fetchall()
            if not rows:
                return count
            numbers = [(row[0],) for row in rows]
            # What waits no more never waits again, so what was read is still so.
            with self._file.writing() as db:
                db.conn.executemany("DELETE FROM reclaim_named WHERE message = ?", numbers)
                db.conn.executemany("DELETE FROM reclaim_messages WHERE id = ?", numbers)
            count += len(rows)

    def _whole(self, db: Database, rows: Sequence[Sequence[Any]]) -> list[Message]:
        found = []
        with understood(self._file.path):
            for row in rows:
                named = db.conn.execute(f"{_NAMED} WHERE message = ? ORDER BY id", [row[0]])
                found.append(_message(row, tuple(_named(each) for each in named.fetchall())))
        return found


def _add(db: Database, nomination: Nomination, at: datetime) -> bool:
    """Write a message down; return whether it is a new one."""
    said = None if nomination.said_at is None else to_text(nomination.said_at)
    of = (nomination.source, nomination.id, nomination.label, nomination.result)
    added = db.conn.execute(_ADD, (*of, to_text(at), said))
    is_new = bool(added.rowcount)
    if is_new:
        named = [(*each, None, None) for each in things(nomination)]
        _name(db, added.lastrowid or 0, named, at)
    return is_new


def _name(
    db: Database,
    message: int,
    named: Iterable[tuple[Kind, str, str | None, str | None]],
    at: datetime,
) -> None:
    ends = (Fate.WAITS, _NEW, to_text(at))
    db.conn.executemany(_NAME, ((message, *each, *ends) for each in named))


def _message(row: Sequence[Any], named: tuple[Named, ...] = ()) -> Message:
    number, source, message_id, label, result, taken_at, said_at = row
    at = datetime.fromisoformat(taken_at)
    said = None if said_at is None else datetime.fromisoformat(said_at)
    return Message(number, source, message_id, label, result, at, named, said)


def _named(row: Sequence[Any]) -> Named:
    number, message, kind, name, node, instance, fate, words, since = row
    return Named(
        *(number, message, Kind(kind), name, node, instance),
        *(Fate(fate), words, datetime.fromisoformat(since)),
    )

# SPDX-License-Identifier: Apache-2.0
"""The journal of the environment: what ephyrad did with each item, in the nodes' journal's file.

A record is the fold of an item's entries. All records are in memory, as they would be read from the
file: an entry is in the file, synced to the disk, before it is in memory.
"""

import functools
import json
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from sqlite_utils import Database

from ephyrad.environment import entries as words
from ephyrad.environment.entries import Entry
from ephyrad.environment.item import ItemId
from ephyrad.environment.record import Record, evolve
from ephyrad.journal import inbox, records
from ephyrad.journal.errors import ConflictError, understood
from ephyrad.journal.file import JournalFile
from ephyrad.journal.values import to_text
from ephyrad.migration.facts import Notification

LOG = logging.getLogger(__name__)

_ADD_ENTRY = "INSERT INTO environment_entries (item, seq, at, kind, body) VALUES (?, ?, ?, ?, ?)"


class EnvironmentJournal:
    """The items' part of the journal; :class:`~ephyrad.journal.journal.Journal` opens it.

    Every method may be called from any thread. Each that reads or writes the file may raise
    :class:`~ephyrad.journal.errors.JournalError`.
    """

    def __init__(self, file: JournalFile, clock: Callable[[], datetime]) -> None:
        self._file = file
        self._clock = clock
        self._records: dict[ItemId, Record] = {}

    @property
    def trouble(self) -> str | None:
        """Why it could not be read or written the last time; None once it was written again."""
        return self._file.trouble

    def can_write(self) -> bool:
        """Return whether it can be written; after a trouble, see by writing something."""
        return self._file.can_write()

    def record(self, item: ItemId) -> Record:
        """Return what is known of an item; a blank record where that is nothing."""
        return self._records.get(item) or Record(item)

    def records(self) -> Sequence[Record]:
        """Return the records of all items of which anything was ever written."""
        with self._file.lock:
            return list(self._records.values())

    def append(
        self, record: Record, entries: Sequence[Entry], *, consumed: Iterable[int] = ()
    ) -> Record:
        """Write down, in one commit, what happened to an item; return the evolved record.

        `consumed` are ids of the inbox.

        :raises ConflictError: the journal has entries that `record` does not know of; nothing was
            written.
        """
        consumed = list(consumed)
        if not (entries or consumed):
            return record
        item = str(record.item)
        rows = [
            (item, seq, to_text(entry.at), words.kind_of(entry), json.dumps(words.to_json(entry)))
            for seq, entry in enumerate(entries, record.seq + 1)
        ]
        evolved = functools.reduce(evolve, entries, record)
        with self._file.lock:
            with self._file.writing() as db:
                if entries and _last_seq(db, item) != record.seq:
                    raise ConflictError(f"the journal of {item} was written to meanwhile")
                db.conn.executemany(_ADD_ENTRY, rows)
                if entries:
                    db.execute(records.WRITE, records.row_of(evolved))
                inbox.consume(db, consumed, self._clock())
            if entries:
                self._records[record.item] = evolved
        return evolved

    def insist(self, record: Record, entry: Entry) -> Record:
        """Append what is true whatever else was written since `record` was read."""
        while True:
            try:
                return self.append(record, [entry])
            except ConflictError:
                record = self.record(record.item)

    def append_each(self, entries: Collection[tuple[ItemId, Entry]]) -> None:
        """Append one entry to each of many items, in one commit, whatever else was written."""
        with self._file.lock:
            evolved = [evolve(self.record(item), entry) for item, entry in entries]
            with self._file.writing() as db:
                for (item, entry), record in zip(entries, evolved, strict=True):
                    body = json.dumps(words.to_json(entry))
                    row = (str(item), record.seq, to_text(entry.at), words.kind_of(entry), body)
                    db.execute(_ADD_ENTRY, row)
                db.conn.executemany(records.WRITE, map(records.row_of, evolved))
            self._records |= {record.item: record for record in evolved}

    def history(self, item: ItemId) -> Sequence[tuple[int, Entry]]:
        """Return the item's entries with their numbers, oldest first."""
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT seq, at, kind, body FROM environment_entries WHERE item = ? ORDER BY seq",
                [str(item)],
            ).fetchall()
        with understood(self._file.path):
            return [(seq, _entry_of(at, kind, body)) for seq, at, kind, body in rows]

    def inbox(self, item: ItemId) -> Sequence[tuple[int, Notification]]:
        """Return the item's notifications not dealt with yet, oldest first, with their ids."""
        with self._file.reading() as db:
            return inbox.waiting(db, "item", str(item))

    def items_in_inbox(self) -> tuple[str, ...]:
        """Return the texts of the items for which notifications wait, asked for or not."""
        with self._file.reading() as db:
            return inbox.waiting_items(db)

    def load(self) -> None:
        """Bring all records into memory: their folds, where these are of the entries' ends."""
        with self._file.reading() as db:
            # By the index alone: of 10,000 items with their histories, in some milliseconds.
            counts = db.execute(
                "SELECT item, max(seq), count(*) FROM environment_entries GROUP BY 1"
            )
            heads = {item: seq for item, seq, count in counts.fetchall() if seq == count}
            rows = db.execute(
                "SELECT item, seq, fold FROM environment WHERE folded_by = ?",
                [records.folded_by()],
            ).fetchall()
            there = db.table("environment").count
        if {item: seq for item, seq, _ in rows} == heads and len(rows) == there:
            with suppress(ValueError):
                folded = [
                    records.from_json(ItemId.parse(item), json.loads(fold))
                    for item, _, fold in rows
                ]
                self._records = {record.item: record for record in folded}
                return
        LOG.info("journal %s: records of another ephyrad are made anew", self._file.path)
        self.rebuild()

    def rebuild(self) -> None:
        """Make the table of records and what is in memory anew from the items' entries."""
        with self._file.lock:
            found = self._folded()
            with self._file.writing() as db:
                db.execute("DELETE FROM environment")
                db.conn.executemany(records.WRITE, map(records.row_of, found.values()))
            self._records = found

    def _folded(self) -> dict[ItemId, Record]:
        found: dict[ItemId, Record] = {}
        with self._file.reading() as db, understood(self._file.path):
            rows = db.execute(
                "SELECT item, seq, at, kind, body FROM environment_entries ORDER BY rowid"
            )
            for text, seq, at, kind, body in rows:
                item = ItemId.parse(text)
                record = evolve(found.get(item) or Record(item), _entry_of(at, kind, body))
                if record.seq != seq:
                    raise ValueError(f"entries of {text} before {seq} are missing")
                found[item] = record
        return found


def _entry_of(at: str, kind: str, body: str) -> Entry:
    return words.from_json(kind, datetime.fromisoformat(at), json.loads(body))


def _last_seq(db: Database, item: str) -> int:
    (seq,) = db.execute(
        "SELECT coalesce(max(seq), 0) FROM environment_entries WHERE item = ?", [item]
    ).fetchone()
    return int(seq)

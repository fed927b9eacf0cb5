# SPDX-License-Identifier: Apache-2.0
"""The journal: the durable record of every migration, and the inbox of notifications.

A migration is the fold of its entries. All migrations are in memory, always as they would be read
from the file: an entry is in the file, synced to the disk, before it is in memory.
"""

import functools
import json
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlite_utils import Database

from ephyrad.journal import database, folds, inbox, projection, quarantine
from ephyrad.journal.announced import AnnouncedJournal
from ephyrad.journal.cipher import Cipher
from ephyrad.journal.documents import Documents
from ephyrad.journal.environment import EnvironmentJournal
from ephyrad.journal.errors import ConflictError, DiskError, JournalError, understood
from ephyrad.journal.file import JournalFile
from ephyrad.journal.inbox import Backlog
from ephyrad.journal.quarantine import Quarantined
from ephyrad.journal.reclaims import ReclaimJournal
from ephyrad.journal.rollouts import RolloutJournal
from ephyrad.journal.values import to_text, utc_now
from ephyrad.migration import entries as words
from ephyrad.migration.document import Document
from ephyrad.migration.entries import Asked, Entry
from ephyrad.migration.facts import Notification, Poison
from ephyrad.migration.migration import Migration, evolve, fold, start

__all__ = ["ConflictError", "DiskError", "Journal", "JournalError"]

LOG = logging.getLogger(__name__)

_TRIM_AT_ONCE = 1000

_ADD_ENTRY = "INSERT INTO entries (node, seq, at, kind, body) VALUES (?, ?, ?, ?, ?)"


class Journal:
    """The journal in one state directory. Every method may be called from any thread.

    Each method that reads or writes the file may raise :class:`JournalError`.
    """

    def __init__(
        self, db: Database, path: Path, cipher: Cipher, clock: Callable[[], datetime]
    ) -> None:
        """Use :meth:`open`."""
        self._db = db
        self._path = path
        self._file = JournalFile(db, path)
        self._cipher = cipher
        self._documents = Documents(path, cipher)
        self._clock = clock
        self._migrations: dict[str, Migration] = {}
        self.environment = EnvironmentJournal(self._file, clock)
        self.rollouts = RolloutJournal(self._file)
        self.reclaims = ReclaimJournal(self._file)
        self.announced = AnnouncedJournal(self._file)

    @classmethod
    def open(cls, directory: Path, cipher: Cipher, clock: Callable[[], datetime] = utc_now) -> Self:
        """Open the journal in `directory`; make it where there is none.

        :raises JournalError: the file is of a newer ephyrad, damaged, or cannot be written; or its
            documents were encrypted with other keys.
        """
        db = database.open_database(directory)
        journal = cls(db, directory / database.FILE_NAME, cipher, clock)
        try:
            journal._load()
            journal.environment.load()
            journal.rollouts.load()
            journal._try_keys()
        except BaseException:
            db.close()
            raise
        return journal

    def close(self) -> None:
        """Close the file. Nothing is lost without it."""
        self._file.close()

    @property
    def failed(self) -> bool:
        """Whether its disk failed: nothing is read or written any more until it is opened anew."""
        return self._file.failed

    @property
    def trouble(self) -> str | None:
        """Why it could not be read or written the last time; None once it was written again."""
        return self._file.trouble

    def key_trouble(self) -> str | None:
        """Return why another start could not open the secrets in it, None where it could."""
        return self._cipher.trouble()

    def sizes(self) -> tuple[int, int]:
        """Return the bytes of its file and of its WAL; 0 for what is not there."""
        return self._file.sizes()

    def can_write(self) -> bool:
        """Return whether it can be written; after a trouble, see by writing something."""
        return self._file.can_write()

    def migration(self, node: str) -> Migration | None:
        """Return the node's migration, None where nobody asked for the node."""
        return self._migrations.get(node)

    def migrations(self) -> Sequence[Migration]:
        """Return all migrations."""
        with self._file.lock:
            return list(self._migrations.values())

    def begin(self, node: str, entry: Asked) -> Migration:
        """Begin a migration, the node's first or, where its last one is over, another.

        :raises ConflictError: there is one of this node already.
        """
        last = self._migrations.get(node)
        if last is not None and last.over:
            return self.append(last, [entry])
        migration = start(node, entry)
        with self._writing(migration) as db:
            if _last_seq(db, node):
                raise ConflictError(f"node {node} was asked for already")
            db.execute(_ADD_ENTRY, _row_of(node, 1, entry))
            _project(db, [migration])
        return migration

    def append(
        self,
        migration: Migration,
        entries: Sequence[Entry],
        *,
        document: Document | None = None,
        consumed: Iterable[int] = (),
    ) -> Migration:
        """Write down, in one commit, what happened to a node; return the evolved migration.

        `document` takes the place of the node's document, `consumed` are ids of the inbox.

        :raises ConflictError: the journal has entries that `migration` does not know of; nothing
            was written.
        """
        node = migration.node
        rows = [_row_of(node, seq, entry) for seq, entry in enumerate(entries, migration.seq + 1)]
        evolved = functools.reduce(evolve, entries, migration)
        with self._writing(evolved) as db:
            if _last_seq(db, node) != migration.seq:
                raise ConflictError(f"the journal of node {node} was written to meanwhile")
            db.conn.executemany(_ADD_ENTRY, rows)
            if document is not None:
                self._documents.keep(db, evolved, document, self._clock())
            _project(db, [evolved])
            inbox.consume(db, consumed, self._clock())
        if document is not None:
            self._file.empty_wal()
        return evolved

    def insist(self, migration: Migration, entry: Entry) -> Migration:
        """Append what is true whatever else was written since `migration` was read.

        The outcome of an effect, and an operator's word, do not depend on what comes in between.
        """
        while True:
            try:
                return self.append(migration, [entry])
            except ConflictError:
                migration = self.migration(migration.node) or migration

    def history(self, node: str) -> Sequence[tuple[int, Entry]]:
        """Return the node's entries with their numbers, oldest first."""
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT seq, at, kind, body FROM entries WHERE node = ? ORDER BY seq", [node]
            ).fetchall()
        with understood(self._path):
            return [(seq, _entry_of(at, kind, body)) for seq, at, kind, body in rows]

    def histories(self, kinds: Collection[type[Entry]]) -> Mapping[str, Sequence[Entry]]:
        """Return the entries of these kinds of every node, oldest first, by one query."""
        names = [words.name_of(kind) for kind in kinds]
        marks = ", ".join("?" * len(names))
        with self._file.reading() as db:
            rows = db.execute(
                f"SELECT node, at, kind, body FROM entries WHERE kind IN ({marks})"  # noqa: S608 - marks alone
                " ORDER BY node, seq",
                names,
            ).fetchall()
        found: dict[str, list[Entry]] = {}
        with understood(self._path):
            for node, at, kind, body in rows:
                found.setdefault(node, []).append(_entry_of(at, kind, body))
        return found

    def document(self, node: str) -> Document | None:
        """Return the node's newest document, None where none was kept.

        :raises DocumentError: it was encrypted with other keys.
        """
        with self._file.reading() as db:
            return self._documents.of(db, node)

    def receive(
        self, notifications: Sequence[Notification], poison: Sequence[Poison] = ()
    ) -> inbox.Named:
        """Make notifications durable; return whom those name that are new.

        One that has the cloud and message id of another is the same message, come twice. What
        could not be read is counted in the same commit.
        """
        if not (notifications or poison):
            return inbox.Named()
        now = self._clock()
        rows = [inbox.row_of(notification, now) for notification in notifications]
        with self._writing() as db:
            quarantine.add(db, poison, now)
            return inbox.add(db, rows)

    def quarantine(self) -> Sequence[Quarantined]:
        """Return what could not be read so far, one for each cloud and kind."""
        with self._file.reading() as db:
            return quarantine.read(db)

    def inbox(self, node: str) -> Sequence[tuple[int, Notification]]:
        """Return the node's notifications not dealt with yet, oldest first, with their ids."""
        with self._file.reading() as db:
            return inbox.waiting(db, "node", node)

    def backlog(self) -> Sequence[Backlog]:
        """Return what waits in the inbox for nodes whose migration is not over, by cloud."""
        with self._file.reading() as db:
            rows = inbox.backlog(db)
        return inbox.summed(row for row in rows if not self._migrations[row.node].over)

    def consume(self, ids: Iterable[int]) -> None:
        """Write down that these notifications were dealt with."""
        if numbers := list(ids):
            with self._writing() as db:
                inbox.consume(db, numbers, self._clock())

    def nodes_in_inbox(self) -> tuple[str, ...]:
        """Return the nodes for which notifications wait, asked for or not."""
        with self._file.reading() as db:
            return inbox.nodes(db)

    def trim(self, before: datetime) -> int:
        """Delete notifications that were dealt with before a time; return how many.

        So are those received before it that name no node with a migration under way: of the nodes
        that arrived, the clouds go on telling, and nobody takes a turn for it.
        """
        wanted = [each.node for each in self.migrations() if not each.over]
        with self._file.reading() as db:
            ids = inbox.outdated(db, before, wanted)
        for first in range(0, len(ids), _TRIM_AT_ONCE):
            with self._writing() as db:
                inbox.drop(db, ids[first : first + _TRIM_AT_ONCE])
        if self._file.wal_is_stale:
            self._file.empty_wal()
        return len(ids)

    def rebuild(self) -> None:
        """Make the projection, the folds and what is in memory anew from the entries."""
        self._rebuild()
        self.environment.rebuild()

    def _rebuild(self) -> None:
        with self._file.lock:
            migrations = self._folded()
            with self._writing() as db:
                db.execute("DELETE FROM migrations")
                db.execute("DELETE FROM folds")
                _project(db, migrations.values())
            self._migrations = migrations

    def rotate_key(self) -> int:
        """Encrypt every document anew with a new key, and forget the others; return how many.

        Whenever it is cut short, the key file has the keys that open what the journal holds; the
        next rotation then forgets the others too.

        :raises DocumentError: no key opens one of the documents.
        :raises SecretsError: the key file cannot be written.
        """
        with self._file.lock:
            self._cipher.rotate()
            with self._writing() as db:
                count = self._documents.reencrypt(db)
            self._cipher.retire()
            self._file.empty_wal()
        return count

    def _load(self) -> None:
        """Bring all migrations into memory: their folds, where these are of the entries' ends."""
        with self._file.reading() as db:
            counts = db.execute("SELECT node, max(seq), count(*) FROM entries GROUP BY node")
            heads = {node: seq for node, seq, count in counts.fetchall() if seq == count}
            rows = db.execute(
                "SELECT node, seq, body FROM folds WHERE folded_by = ?",
                [folds.folded_by(folds.CODE)],
            ).fetchall()
            nodes = db.table("migrations").count
        if {node: seq for node, seq, _ in rows} == heads and len(rows) == nodes:
            with suppress(ValueError):
                self._migrations = {
                    node: folds.from_json(json.loads(body)) for node, _, body in rows
                }
                return
        LOG.info("journal %s: folds of another ephyrad are made anew", self._path)
        self._rebuild()

    def _try_keys(self) -> None:
        """Fail now, and not in the middle of a migration, where the keys are of another journal."""
        with self._file.reading() as db:
            self._documents.try_newest(db)

    def _folded(self) -> dict[str, Migration]:
        migrations: dict[str, Migration] = {}
        with self._file.reading() as db, understood(self._path):
            rows = db.execute("SELECT node, seq, at, kind, body FROM entries ORDER BY rowid")
            for node, seq, at, kind, body in rows:
                entry, migration = _entry_of(at, kind, body), migrations.get(node)
                migration = evolve(migration, entry) if migration else fold(node, [entry])
                if migration is None or migration.seq != seq:
                    raise ValueError(f"entries of node {node} before {seq} are missing")
                migrations[node] = migration
        return migrations

    @contextmanager
    def _writing(self, evolved: Migration | None = None) -> Iterator[Database]:
        """One commit; after it, `evolved` is the node's migration."""
        with self._file.lock:
            with self._file.writing() as db:
                yield db
            if evolved is not None:
                self._migrations[evolved.node] = evolved


def _row_of(node: str, seq: int, entry: Entry) -> tuple[str, int, str, str, str]:
    body = json.dumps(words.to_json(entry))
    return (node, seq, to_text(entry.at), words.kind_of(entry), body)


def _entry_of(at: str, kind: str, body: str) -> Entry:
    return words.from_json(kind, datetime.fromisoformat(at), json.loads(body))


def _last_seq(db: Database, node: str) -> int:
    (seq,) = db.conn.execute(
        "SELECT coalesce(max(seq), 0) FROM entries WHERE node = ?", [node]
    ).fetchone()
    return int(seq)


def _project(db: Database, migrations: Collection[Migration]) -> None:
    db.conn.executemany(folds.WRITE, [folds.row_of(each) for each in migrations])
    db.conn.executemany(projection.WRITE, [projection.row_of(each) for each in migrations])

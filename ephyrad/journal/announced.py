# SPDX-License-Identifier: Apache-2.0
"""What of the journal was not announced yet, and how far it was: so nothing is left out.

Rows of the tables of entries are only ever added, so their numbers in the file (SQLite's rowid)
follow the order in which they were written, without a gap.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from ephyrad.journal.errors import understood
from ephyrad.journal.file import JournalFile
from ephyrad.migration import entries as of_nodes
from ephyrad.migration.entries import Asked
from ephyrad.rollout import entries as of_rollouts
from ephyrad.rollout.entries import GateBegun

_TABLES = ("entries", "rollout_entries")
_AT_ONCE = 100

# The request and the gate's run that an entry belongs to are looked up by the primary key.
_NODES = (
    "SELECT rowid, node, seq, at, kind, body, (SELECT body FROM entries AS e"
    " WHERE e.node = entries.node AND e.seq <= entries.seq AND e.kind = 'asked'"
    " ORDER BY e.seq DESC LIMIT 1) FROM entries"
)
_ROLLOUTS = (
    "SELECT rowid, rollout, seq, at, kind, body, (SELECT body FROM rollout_entries AS e"
    " WHERE e.rollout = rollout_entries.rollout AND e.seq < rollout_entries.seq"
    " AND e.kind = 'gate-begun'"
    " AND json_extract(e.body, '$.run') = json_extract(rollout_entries.body, '$.run'))"
    " FROM rollout_entries"
)
_SET = (
    "INSERT INTO announced (entries_of, upto) VALUES (?, ?)"
    " ON CONFLICT (entries_of) DO UPDATE SET upto = excluded.upto"
)


@dataclass(frozen=True, slots=True)
class OfNode:
    """An entry of a node's, with its number there, and the request that it belongs to.

    `row` is its number in the file.
    """

    row: int
    node: str
    seq: int
    entry: of_nodes.Entry
    asked: Asked


@dataclass(frozen=True, slots=True)
class OfRollout:
    """An entry of a rollout's, with its number there; `begun`: the gate's run that it ends.

    `row` is its number in the file.
    """

    row: int
    rollout: str
    seq: int
    entry: of_rollouts.Entry
    begun: GateBegun | None


Upto = tuple[int, int]
"""The last row that was announced, of the nodes' entries and of the rollouts'."""


class AnnouncedJournal:
    """The announcements' part of the journal; :class:`~ephyrad.journal.journal.Journal` opens it.

    Every method may be called from any thread, and may raise
    :class:`~ephyrad.journal.errors.JournalError`.
    """

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def begin(self) -> Upto:
        """Return how far it was announced; where nothing ever was, that is from now on."""
        with self._file.reading() as db:
            known = dict(db.execute("SELECT entries_of, upto FROM announced").fetchall())
            nodes, rollouts = (known.get(each, _last(db, each)) for each in _TABLES)
        if set(known) != set(_TABLES):
            self.reached((nodes, rollouts))
        return nodes, rollouts

    def forget(self) -> None:
        """Forget how far it was announced: what happens until the next beginning never is."""
        with self._file.reading() as db:
            known = db.execute("SELECT count(*) FROM announced").fetchone()[0]
        if known:
            with self._file.writing() as db:
                db.execute("DELETE FROM announced")

    def reached(self, upto: Upto) -> None:
        """Write down how far it was announced."""
        with self._file.writing() as db:
            db.conn.executemany(_SET, zip(_TABLES, upto, strict=True))

    def after(
        self,
        upto: Upto,
        nodes: Collection[type[of_nodes.Entry]],
        rollouts: Collection[type[of_rollouts.Entry]],
    ) -> tuple[Sequence[OfNode | OfRollout], Upto]:
        """Return the next entries of these kinds, not all at once, and how far they reach."""
        of_node = [of_nodes.name_of(each) for each in nodes]
        of_rollout = [of_rollouts.name_of(each) for each in rollouts]
        with self._file.reading() as db:
            first, first_upto = _rows(db, _NODES, _TABLES[0], upto[0], of_node)
            second, second_upto = _rows(db, _ROLLOUTS, _TABLES[1], upto[1], of_rollout)
        with understood(self._file.path):
            found: list[OfNode | OfRollout] = list(map(_of_node, first))
            found += map(_of_rollout, second)
        return found, (first_upto, second_upto)

    def waiting(
        self,
        upto: Upto,
        nodes: Collection[type[of_nodes.Entry]],
        rollouts: Collection[type[of_rollouts.Entry]],
    ) -> int:
        """Return how many entries of these kinds were not announced."""
        kinds = [of_nodes.name_of(each) for each in nodes]
        others = [of_rollouts.name_of(each) for each in rollouts]
        with self._file.reading() as db:
            return _count(db, _TABLES[0], upto[0], kinds) + _count(db, _TABLES[1], upto[1], others)


def _count(db: Database, table: str, after: int, kinds: Sequence[str]) -> int:
    (count,) = db.execute(
        f"SELECT count(*) FROM {table} WHERE rowid > ? AND kind IN ({_marks(kinds)})",  # noqa: S608 - names of ours
        [after, *kinds],
    ).fetchone()
    return int(count)


def _rows(
    db: Database, select: str, table: str, after: int, kinds: Sequence[str]
) -> tuple[Sequence[Sequence[Any]], int]:
    last = _last(db, table)
    if last <= after:
        return [], after
    rows = db.execute(
        f"{select} WHERE rowid > ? AND kind IN ({_marks(kinds)}) ORDER BY rowid LIMIT ?",
        [after, *kinds, _AT_ONCE],
    ).fetchall()
    return rows, rows[-1][0] if len(rows) == _AT_ONCE else last


def _last(db: Database, table: str) -> int:
    (last,) = db.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()  # noqa: S608 - names of ours
    return int(last)


def _marks(kinds: Sequence[str]) -> str:
    return ", ".join("?" * len(kinds))


def _of_node(row: Sequence[Any]) -> OfNode:
    number, node, seq, at, kind, body, asked = row
    moment = datetime.fromisoformat(at)
    entry = of_nodes.from_json(kind, moment, json.loads(body))
    began = of_nodes.from_json("asked", moment, json.loads(asked))
    if not isinstance(began, Asked):
        raise ValueError(f"entry {seq} of node {node} belongs to no request")  # noqa: TRY004
    return OfNode(number, node, seq, entry, began)


def _of_rollout(row: Sequence[Any]) -> OfRollout:
    number, rollout, seq, at, kind, body, begun = row
    moment = datetime.fromisoformat(at)
    entry = of_rollouts.from_json(kind, moment, json.loads(body))
    run = of_rollouts.from_json("gate-begun", moment, json.loads(begun)) if begun else None
    return OfRollout(number, rollout, seq, entry, run if isinstance(run, GateBegun) else None)

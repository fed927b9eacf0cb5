# SPDX-License-Identifier: Apache-2.0
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from ephyrad.journal import folds
from ephyrad.journal.database import FILE_NAME
from ephyrad.journal.journal import Journal
from ephyrad.migration.entries import Held
from ephyrad.migration.steps import Cause
from tests.unit.journal.samples import ASKED, DONE, INTENDED, KEPT, NODE, NOON, OTHER, document

Opener = Callable[[], Journal]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = '{}' WHERE seq = 1",
        "UPDATE OR REPLACE entries SET seq = 2 WHERE seq = 1",
        "DELETE FROM entries",
        "DELETE FROM entries WHERE seq = 2",
        "INSERT OR REPLACE INTO entries SELECT node, seq, at, kind, '{}' FROM entries",
        "INSERT INTO entries SELECT node, 4, at, kind, body FROM entries LIMIT 1",
        "INSERT INTO entries SELECT node, 0, at, kind, body FROM entries LIMIT 1",
        "INSERT INTO entries SELECT 'new', 2, at, kind, body FROM entries LIMIT 1",
    ],
)
def test_entries_are_only_added_each_next_to_the_last(
    journal: Journal, tmp_path: Path, statement: str
) -> None:
    journal.append(journal.begin(NODE, ASKED), [INTENDED])

    with sqlite3.connect(tmp_path / FILE_NAME) as somebody, pytest.raises(sqlite3.IntegrityError):
        somebody.execute(statement)
    somebody.close()

    assert journal.history(NODE) == [(1, ASKED), (2, INTENDED)]


def test_every_table_of_ours_is_strict(journal: Journal) -> None:
    ours = [table for table in journal._db.tables if not table.name.startswith("_")]

    assert {table.name for table in ours} == {
        "announced",
        *("documents", "entries", "folds", "inbox", "migrations", "quarantine"),
        *("environment", "environment_entries", "rollout_entries"),
        *("reclaim_messages", "reclaim_named"),
    }
    assert all(table.strict for table in ours)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("secure_delete", 1),
        ("foreign_keys", 1),
        ("recursive_triggers", 1),
    ],
)
def test_a_commit_is_on_the_disk_and_what_is_deleted_is_not(
    journal: Journal, pragma: str, value: str | int
) -> None:
    assert journal._db.execute(f"PRAGMA {pragma}").fetchone() == (value,)


def test_the_projection_says_where_a_node_stands(journal: Journal) -> None:
    held = Held(NOON, Cause.REFUSED, "could not retire it", lifts_itself=False)
    journal.append(journal.begin(NODE, ASKED), [INTENDED, DONE, held])

    (row,) = journal._db.table("migrations").rows

    assert row == {
        "node": NODE,
        "name": "metal-1",
        "state": "active",
        "since": "2026-11-21T12:00:00.000000+00:00",
        "in_flight": 0,
        "held_since": "2026-11-21T12:00:00.000000+00:00",
        "hold_cause": "refused",
        "hold_reason": "could not retire it",
        "asked_at": "2026-11-21T12:00:00.000000+00:00",
        "asked_by": "operator",
        "effect": "fence in the old cloud (maintenance)",
        "tries": 1,
        "outcome": "done",
        "cleaned": None,
        "owed": None,
        "seq": 4,
    }


def test_what_is_rebuilt_is_what_was_stored(journal: Journal) -> None:
    journal.append(journal.begin(NODE, ASKED), [INTENDED, DONE, KEPT], document=document())
    journal.append(journal.begin(OTHER, ASKED), [INTENDED])
    before = _derived(journal), journal.migrations()
    journal._db.execute("UPDATE migrations SET name = 'wrong', state = 'drained'")
    journal._db.execute("DELETE FROM folds")
    journal._db.execute("PRAGMA foreign_keys = OFF").fetchall()
    journal._db.execute("UPDATE migrations SET node = 'unheard of' WHERE node = ?", [OTHER])
    journal._db.execute("INSERT INTO folds VALUES ('unheard of', 1, 'nobody', '{}')")
    journal._migrations.clear()

    journal.rebuild()

    assert (_derived(journal), journal.migrations()) == before
    assert journal.document(NODE) == document()


@pytest.mark.parametrize(
    "meddling",
    [
        "DELETE FROM folds",
        "UPDATE folds SET seq = seq - 1",
        "UPDATE folds SET folded_by = 'another'",
        "UPDATE folds SET body = '{'",
        "UPDATE folds SET body = '{}'",
        "UPDATE folds SET body = '{\"unheard_of\": 1}'",
        "DELETE FROM migrations",
    ],
)
def test_folds_that_do_not_fit_are_made_anew(journals: Opener, meddling: str) -> None:
    first = journals()
    first.append(first.begin(NODE, ASKED), [INTENDED, DONE])
    before = _derived(first)
    first._db.execute(meddling)

    again = journals()

    assert again.migrations() == first.migrations()
    assert _derived(again) == before


def test_folds_that_fit_are_used(journals: Opener) -> None:
    first = journals()
    migration = first.append(first.begin(NODE, ASKED), [INTENDED])
    # A body that the entries would never come to shows where it was read from.
    body = folds.row_of(migration)[3].replace("metal-1", "from the fold")
    first._db.execute("UPDATE folds SET body = ?", [body])

    (read,) = journals().migrations()

    assert read.name == "from the fold"


def _derived(journal: Journal) -> list[list[dict[str, object]]]:
    return [
        list(journal._db.table(name).rows_where(order_by="node"))
        for name in ("migrations", "folds")
    ]

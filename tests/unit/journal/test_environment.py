# SPDX-License-Identifier: Apache-2.0
import sqlite3
from collections.abc import Callable
from dataclasses import fields
from functools import reduce
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ephyrad.environment import entries
from ephyrad.environment.effects import Effect
from ephyrad.environment.entries import Asked, Concluded, Entry, InStep, Intended, Troubled
from ephyrad.environment.item import ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.environment.problems import Cause, Problem
from ephyrad.environment.record import Record, evolve
from ephyrad.journal import backup, records
from ephyrad.journal.database import FILE_NAME
from ephyrad.journal.errors import ConflictError, JournalError
from ephyrad.journal.journal import Journal
from ephyrad.migration.facts import CloudName, Notification
from ephyrad.migration.outcomes import Done, Refused
from tests.unit.journal.samples import ASKED, MOMENTS, NODE, NOON, Reversed
from tests.unit.journal.test_disk import full

Opener = Callable[[], Journal]

IMAGE = ItemId(Kind.IMAGE, "1f")
KEY = ItemId(Kind.KEYPAIR, "7e/work laptop")
WANTED = Asked(NOON, "ann")
INTENDED = Intended(NOON, "1", Effect.CREATE, "debian", "1f", "d1")
DONE = Concluded(NOON, "1", Done())
IN_STEP = InStep(NOON, "d1")
TROUBLE = Troubled(NOON, Cause.OWNER, "user 7e is nobody", "work laptop")


def told(message_id: str, item: ItemId = IMAGE) -> Notification:
    return Notification(CloudName.OLD, message_id, "image.create", NOON, None, {}, str(item))


def test_of_an_item_that_nobody_knows_there_is_a_blank_record(journal: Journal) -> None:
    assert journal.environment.record(IMAGE) == Record(IMAGE)
    assert journal.environment.records() == []
    assert journal.environment.history(IMAGE) == []


def test_entries_follow_each_other(journal: Journal) -> None:
    environment = journal.environment
    first = environment.append(environment.record(IMAGE), [WANTED])

    second = environment.append(first, [INTENDED, DONE])

    assert second == evolve(evolve(evolve(Record(IMAGE), WANTED), INTENDED), DONE)
    assert environment.record(IMAGE) == second
    assert environment.history(IMAGE) == [(1, WANTED), (2, INTENDED), (3, DONE)]


def test_what_was_written_is_there_after_opening_again(journals: Opener) -> None:
    first = journals()
    image = first.environment.append(Record(IMAGE), [INTENDED, DONE, IN_STEP])
    key = first.environment.append(Record(KEY), [TROUBLE])
    first.close()

    again = journals()

    assert {each.item: each for each in again.environment.records()} == {IMAGE: image, KEY: key}


def test_who_does_not_know_the_last_entry_writes_nothing(journal: Journal) -> None:
    environment = journal.environment
    written = environment.append(Record(IMAGE), [WANTED])
    journal.receive([told("m1")])
    ((number, _),) = environment.inbox(IMAGE)

    with pytest.raises(ConflictError, match="image/1f"):
        environment.append(Record(IMAGE), [INTENDED], consumed=[number])

    assert environment.record(IMAGE) == written
    assert len(environment.inbox(IMAGE)) == 1


def test_what_became_of_an_effect_is_written_whatever_came_in_between(journal: Journal) -> None:
    environment = journal.environment
    intended = environment.append(Record(IMAGE), [INTENDED])
    environment.append(intended, [WANTED])

    environment.insist(intended, DONE)

    assert [entry for _, entry in environment.history(IMAGE)] == [INTENDED, WANTED, DONE]


def test_entries_and_consumption_are_one_commit(journal: Journal) -> None:
    environment = journal.environment
    journal.receive([told("m1"), told("m2")])
    (one, _), (two, _) = environment.inbox(IMAGE)
    commits: list[str] = []
    journal._db.conn.set_trace_callback(
        lambda statement: commits.append(statement) if statement == "COMMIT" else None
    )

    environment.append(Record(IMAGE), [INTENDED], consumed=[one])

    assert commits == ["COMMIT"]
    assert [number for number, _ in environment.inbox(IMAGE)] == [two]


def test_many_items_are_asked_for_in_one_commit(journals: Opener) -> None:
    journal = journals()
    journal.environment.append(Record(IMAGE), [TROUBLE])

    journal.environment.append_each([(IMAGE, WANTED), (KEY, WANTED)])

    for opened in (journal, journals()):
        assert opened.environment.record(IMAGE).asked
        assert opened.environment.record(KEY) == evolve(Record(KEY), WANTED)
        assert opened.environment.history(IMAGE) == [(1, TROUBLE), (2, WANTED)]


def test_a_full_disk_leaves_nothing_half_written(journals: Opener) -> None:
    journal = journals()
    big = Troubled(NOON, Cause.UNFIT, "x" * 100_000, "debian")

    with full(journal), pytest.raises(JournalError, match=r"journal\.sqlite: the disk is full"):
        journal.environment.append(Record(IMAGE), [WANTED, big])

    assert journal.environment.record(IMAGE) == Record(IMAGE)
    assert journal.trouble is not None
    assert journals().environment.records() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE environment_entries SET body = '{}' WHERE seq = 1",
        "DELETE FROM environment_entries",
        (
            "INSERT OR REPLACE INTO environment_entries"
            " SELECT item, seq, at, kind, '{}' FROM environment_entries"
        ),
        (
            "INSERT INTO environment_entries"
            " SELECT item, 4, at, kind, body FROM environment_entries LIMIT 1"
        ),
        (
            "INSERT INTO environment_entries"
            " SELECT 'image/2f', 2, at, kind, body FROM environment_entries LIMIT 1"
        ),
    ],
)
def test_entries_are_only_added_each_next_to_the_last(
    journal: Journal, tmp_path: Path, statement: str
) -> None:
    journal.environment.append(Record(IMAGE), [INTENDED, DONE])

    with sqlite3.connect(tmp_path / FILE_NAME) as somebody, pytest.raises(sqlite3.IntegrityError):
        somebody.execute(statement)
    somebody.close()

    assert journal.environment.history(IMAGE) == [(1, INTENDED), (2, DONE)]


def test_the_table_says_where_an_item_stands(journal: Journal) -> None:
    refused = Concluded(NOON, "1", Refused(403, "quota"))
    trouble = Troubled(NOON, Cause.REFUSED, "could not create it", "debian")
    journal.environment.append(Record(IMAGE), [INTENDED, refused, trouble])
    journal.environment.append(Record(KEY), [INTENDED, DONE, IN_STEP])

    rows = {row["item"]: row for row in journal._db.table("environment").rows}

    image, key = rows["image/1f"], rows["keypair/7e/work laptop"]
    assert (image["name"], image["cause"], image["outcome"]) == ("debian", "refused", "refused")
    assert (image["in_step_since"], image["tries"]) == (None, 1)
    assert (key["in_step_since"], key["cause"]) == ("2026-11-21T12:00:00.000000+00:00", None)


@pytest.mark.parametrize(
    "meddling",
    [
        "DELETE FROM environment",
        "UPDATE environment SET seq = seq - 1",
        "UPDATE environment SET folded_by = 'another'",
        "UPDATE environment SET fold = '{'",
        "UPDATE environment SET fold = '{}'",
    ],
)
def test_records_that_do_not_fit_are_made_anew(journals: Opener, meddling: str) -> None:
    first = journals()
    first.environment.append(Record(IMAGE), [INTENDED, DONE])
    before = list(first._db.table("environment").rows)
    first._db.execute(meddling)

    again = journals()

    assert again.environment.records() == first.environment.records()
    assert list(again._db.table("environment").rows) == before


def test_what_is_rebuilt_is_what_was_stored(journal: Journal) -> None:
    journal.environment.append(Record(IMAGE), [INTENDED, DONE, IN_STEP])
    before = list(journal._db.table("environment").rows), journal.environment.records()
    journal._db.execute("UPDATE environment SET name = 'wrong', fold = '{}'")

    journal.rebuild()

    assert (list(journal._db.table("environment").rows), journal.environment.records()) == before


def test_a_journal_of_before_the_environment_is_brought_up_to_date(journals: Opener) -> None:
    first = journals()
    first.begin(NODE, ASKED)
    for statement in (
        "DROP TABLE environment",
        "DROP TABLE environment_entries",
        "DROP INDEX inbox_waiting_item",
        "ALTER TABLE inbox DROP COLUMN item",
        (
            "DELETE FROM _sqlite_migrations WHERE name IN"
            " ('inbox_item', 'environment_entries', 'environment')"
        ),
    ):
        first._db.execute(statement)
    first.close()

    again = journals()
    again.receive([told("m1")])

    assert [each.node for each in again.migrations()] == [NODE]
    assert again.environment.items_in_inbox() == ("image/1f",)


def test_a_backup_has_the_environment_too(journal: Journal, tmp_path: Path) -> None:
    written = journal.environment.append(Record(IMAGE), [INTENDED])
    (elsewhere := tmp_path / "elsewhere").mkdir()

    backup.write(tmp_path / FILE_NAME, elsewhere / FILE_NAME)

    copied = Journal.open(elsewhere, Reversed())
    assert copied.environment.records() == [written]
    copied.close()


_SPECIAL: dict[str, st.SearchStrategy[object]] = {"at": MOMENTS}
ENTRIES: st.SearchStrategy[Entry] = st.one_of(
    *(
        st.builds(kind, **{f.name: _SPECIAL[f.name] for f in fields(kind) if f.name in _SPECIAL})
        for kind in entries.Entry.__args__
    )
)


@given(rest=st.lists(ENTRIES, max_size=8))
def test_every_record_is_read_as_it_was_folded(rest: list[Entry]) -> None:
    record = reduce(evolve, rest, Record(IMAGE))

    assert records.from_json(IMAGE, records.to_json(record)) == record
    assert records.row_of(record)["item"] == "image/1f"


def test_the_problem_is_part_of_the_fold(journals: Opener) -> None:
    journals().environment.append(Record(KEY), [TROUBLE])

    (record,) = journals().environment.records()

    assert record.problem == Problem(Cause.OWNER, "user 7e is nobody")

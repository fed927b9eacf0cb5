# SPDX-License-Identifier: Apache-2.0
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ephyrad.journal import folds
from ephyrad.journal.journal import ConflictError, Journal, JournalError
from ephyrad.migration.entries import Asked, Concluded, Entry, Held
from ephyrad.migration.migration import evolve, start
from ephyrad.migration.steps import Cause
from tests.unit.journal.samples import (
    ASKED,
    DONE,
    ENTRIES,
    INTENDED,
    KEPT,
    MOMENTS,
    NODE,
    NOON,
    OTHER,
    Reversed,
    document,
    notification,
)

Opener = Callable[[], Journal]


def test_a_new_journal_holds_nothing(journal: Journal) -> None:
    assert journal.migration(NODE) is None
    assert journal.migrations() == []
    assert journal.history(NODE) == []
    assert journal.document(NODE) is None
    assert journal.inbox(NODE) == []


def test_a_migration_begins_with_a_request(journal: Journal) -> None:
    begun = journal.begin(NODE, ASKED)

    assert begun == start(NODE, ASKED)
    assert journal.migration(NODE) == begun
    assert journal.migrations() == [begun]
    assert journal.history(NODE) == [(1, ASKED)]


def test_a_migration_begins_once(journal: Journal) -> None:
    begun = journal.begin(NODE, ASKED)

    with pytest.raises(ConflictError, match=NODE):
        journal.begin(NODE, Asked(NOON, "metal-1", "somebody else"))

    assert journal.migration(NODE) == begun
    assert journal.history(NODE) == [(1, ASKED)]


def test_entries_follow_each_other(journal: Journal) -> None:
    begun = journal.begin(NODE, ASKED)

    written = journal.append(begun, [INTENDED, DONE])

    assert written == evolve(evolve(begun, INTENDED), DONE)
    assert journal.migration(NODE) == written
    assert journal.history(NODE) == [(1, ASKED), (2, INTENDED), (3, DONE)]


def test_all_histories_are_read_at_once(journal: Journal) -> None:
    journal.append(journal.begin(NODE, ASKED), [INTENDED, DONE])
    journal.begin(OTHER, ASKED)

    assert journal.histories([Asked, Concluded]) == {NODE: [ASKED, DONE], OTHER: [ASKED]}
    assert journal.histories([Held]) == {}


def test_what_was_written_is_there_after_opening_again(journals: Opener) -> None:
    first = journals()
    written = first.append(first.begin(NODE, ASKED), [KEPT], document=document(secret="s"))
    first.append(first.begin(OTHER, ASKED), [INTENDED])
    first.close()

    again = journals()

    assert again.migration(NODE) == written
    assert {each.node for each in again.migrations()} == {NODE, OTHER}
    assert again.document(NODE) == document(secret="s")


def test_who_does_not_know_the_last_entry_writes_nothing(journal: Journal) -> None:
    begun = journal.begin(NODE, ASKED)
    written = journal.append(begun, [INTENDED])
    journal.receive([notification("m1")])
    ((number, _),) = journal.inbox(NODE)

    with pytest.raises(ConflictError, match=NODE):
        journal.append(begun, [KEPT], document=document(), consumed=[number])

    assert journal.migration(NODE) == written
    assert journal.history(NODE) == [(1, ASKED), (2, INTENDED)]
    assert journal.document(NODE) is None
    assert len(journal.inbox(NODE)) == 1


def test_who_never_began_cannot_append(journal: Journal) -> None:
    with pytest.raises(ConflictError):
        journal.append(start(NODE, ASKED), [INTENDED])

    assert journal.migration(NODE) is None


def test_entries_document_and_consumption_are_one_commit(journals: Opener) -> None:
    first = journals()
    begun = first.begin(NODE, ASKED)
    first.receive([notification("m1"), notification("m2")])
    (one, _), (two, _) = first.inbox(NODE)

    first.append(begun, [KEPT], document=document(), consumed=[one])

    again = journals()
    assert again.history(NODE) == [(1, ASKED), (2, KEPT)]
    assert again.document(NODE) == document()
    assert [number for number, _ in again.inbox(NODE)] == [two]


def test_what_cannot_be_written_leaves_nothing_behind(journal: Journal) -> None:
    begun = journal.begin(NODE, ASKED)
    naive = INTENDED.__class__(datetime(2026, 1, 1), "1", INTENDED.effect)  # noqa: DTZ001

    with pytest.raises(ValueError, match="time zone"):
        journal.append(begun, [INTENDED, naive])

    assert journal.migration(NODE) == begun
    assert journal.history(NODE) == [(1, ASKED)]


def test_the_newest_document_takes_the_place_of_the_one_before(journal: Journal) -> None:
    migration = journal.append(journal.begin(NODE, ASKED), [KEPT], document=document(a="1"))

    journal.append(migration, [KEPT], document=document(a="2"))

    assert journal.document(NODE) == document(a="2")
    assert journal._db.table("documents").count == 1


def test_a_document_of_other_keys_is_told(journals: Opener) -> None:
    first = journals()
    first.append(first.begin(NODE, ASKED), [KEPT], document=document())
    first._db.execute("UPDATE documents SET ciphertext = ?", [b"of another key"])

    with pytest.raises(JournalError, match=r"journal\.sqlite.*put back the key file"):
        first.document(NODE)
    with pytest.raises(JournalError, match=r"journal\.sqlite.*put back the key file"):
        journals()


def test_words_that_utf8_cannot_write_are_kept(journals: Opener) -> None:
    first = journals()
    held = Held(NOON, Cause.REFUSED, "the cloud said \ud800", lifts_itself=False)

    first.append(first.begin(NODE, Asked(NOON, "m\udfff", "o\ud800")), [held])
    first.receive([notification("\ud800")])

    again = journals()
    assert again.migration(NODE) == first.migration(NODE)
    assert again.history(NODE) == [(1, Asked(NOON, "m\udfff", "o\ud800")), (2, held)]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    """One journal for all of hypothesis' examples."""
    journal = Journal.open(tmp_path_factory.mktemp("shared"), Reversed())
    yield journal
    journal.close()


@given(asked=st.builds(Asked, at=MOMENTS), rest=st.lists(ENTRIES))
def test_every_entry_is_read_as_it_was_written(
    shared: Journal, asked: Asked, rest: list[Entry]
) -> None:
    node = f"node-{len(shared.migrations())}"

    written = shared.append(shared.begin(node, asked), rest)

    assert shared.history(node) == list(enumerate([asked, *rest], 1))
    assert written == reduce(evolve, rest, start(node, asked))
    assert folds.from_json(folds.to_json(written)) == written


def test_of_two_threads_that_write_at_once_one_wins(journal: Journal) -> None:
    migration = journal.begin(NODE, ASKED)
    rounds, won, lost = 30, [0, 0], [0, 0]
    barrier = threading.Barrier(2)

    def write(who: int) -> None:
        for _ in range(rounds):
            seen = journal.migration(NODE)
            assert seen is not None
            barrier.wait()
            try:
                journal.append(seen, [INTENDED])
                won[who] += 1
            except ConflictError:
                lost[who] += 1
            barrier.wait()

    _run([lambda: write(0), lambda: write(1)])

    assert sum(won) == sum(lost) == rounds
    assert [seq for seq, _ in journal.history(NODE)] == list(range(1, rounds + 2))
    assert migration.seq == 1


def test_many_threads_write_side_by_side(journals: Opener) -> None:
    journal = journals()

    def carry(node: str) -> None:
        migration = journal.begin(node, ASKED)
        for number in range(20):
            journal.receive([notification(f"{node}-{number}", node)])
            taken = [found for found, _ in journal.inbox(node)]
            migration = journal.append(migration, [INTENDED, DONE], consumed=taken)

    _run([lambda node=f"node-{number}": carry(node) for number in range(8)])  # type: ignore[misc]

    again = journals()
    assert {each.seq for each in again.migrations()} == {41}
    assert again.nodes_in_inbox() == ()


def test_another_program_may_read_and_write_meanwhile(journal: Journal, journals: Opener) -> None:
    other = journals()
    migration = journal.begin(NODE, ASKED)

    other._db.execute("UPDATE migrations SET name = 'by hand'")
    journal.append(migration, [INTENDED])

    assert other.history(NODE) == [(1, ASKED), (2, INTENDED)]


def test_two_writers_of_one_file_wait_for_each_other(journals: Opener) -> None:
    def write(journal: Journal, node: str) -> None:
        migration = journal.begin(node, ASKED)
        for _ in range(50):
            migration = journal.append(migration, [INTENDED])

    one, two = journals(), journals()
    _run([lambda: write(one, NODE), lambda: write(two, OTHER)])

    assert {each.seq for each in journals().migrations()} == {51}


def test_an_append_after_somebody_elses_is_refused(journal: Journal, journals: Opener) -> None:
    migration = journal.begin(NODE, ASKED)
    other = journals()
    other.append(migration, [INTENDED])

    with pytest.raises(ConflictError):
        journal.append(migration, [KEPT])


def test_a_closed_journal_says_so(journal: Journal) -> None:
    journal.close()

    with pytest.raises(JournalError, match="start ephyrad again"):
        journal.begin(NODE, ASKED)


def test_times_are_text_in_utc(journal: Journal) -> None:
    journal.begin(NODE, Asked(NOON + timedelta(microseconds=5), "metal-1", "operator"))

    ((at,),) = journal._db.execute("SELECT at FROM entries").fetchall()
    assert at == "2026-11-21T12:00:00.000005+00:00"


def _run(works: list[Callable[[], None]]) -> None:
    errors: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors

# SPDX-License-Identifier: Apache-2.0
"""A disk that is full, and one that fails."""

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ephyrad.journal.journal import ConflictError, DiskError, Journal, JournalError
from ephyrad.migration.migration import Migration
from tests.harness.disk import FULL, READ_FAILS, SYNC_FAILS, disk
from tests.unit.journal.samples import ASKED, INTENDED, KEPT, NODE, Reversed, document

BIG = document(padding="x" * 200_000)


@contextmanager
def full(journal: Journal) -> Iterator[None]:
    """No page more for the journal's file."""
    (pages,) = journal._db.execute("PRAGMA page_count").fetchone()
    journal._db.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    try:
        yield
    finally:
        journal._db.execute("PRAGMA max_page_count = 1000000").fetchall()


def test_a_full_disk_is_told_and_nothing_half_is_written(journals: Callable[[], Journal]) -> None:
    journal = journals()
    begun = journal.begin(NODE, ASKED)

    with full(journal), pytest.raises(JournalError, match=r"journal\.sqlite: the disk is full"):
        journal.append(begun, [INTENDED, KEPT], document=BIG)

    assert journal.migration(NODE) == begun
    assert journal.history(NODE) == [(1, ASKED)]
    assert journals().migrations() == [begun]


def test_it_goes_on_when_there_is_room_again(journal: Journal) -> None:
    begun = journal.begin(NODE, ASKED)
    with full(journal), pytest.raises(JournalError):
        journal.append(begun, [KEPT], document=BIG)

    written = journal.append(begun, [KEPT], document=BIG)

    assert journal.migration(NODE) == written
    assert journal.document(NODE) == BIG


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 512 KiB."""
    command = ["mount", "-t", "tmpfs", "-o", "size=512k,mode=0700", "none", str(tmp_path)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small file system")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_file_system_without_room_loses_nothing_that_was_acknowledged(small_disk: Path) -> None:
    acknowledged: list[Migration] = []

    def write(journal: Journal) -> None:
        migration = journal.begin(NODE, ASKED)
        for _ in range(10_000):
            migration = journal.append(migration, [INTENDED])
            acknowledged.append(migration)

    with (
        closing(Journal.open(small_disk, Reversed())) as journal,
        pytest.raises(JournalError, match="the disk is full"),
    ):
        write(journal)

    assert acknowledged
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    with closing(Journal.open(small_disk, Reversed())) as journal:
        assert journal.migrations() == acknowledged[-1:]
        assert journal.append(acknowledged[-1], [INTENDED]).seq == acknowledged[-1].seq + 1


@contextmanager
def failing(path: Path) -> Iterator[None]:
    """Writing beyond a file's present size fails (EFBIG), which SQLite takes for an I/O error."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_after_the_disk_failed_nothing_is_written_until_it_was_opened_again(
    journals: Callable[[], Journal], tmp_path: Path
) -> None:
    journal = journals()
    begun = journal.begin(NODE, ASKED)

    with (
        failing(tmp_path / "journal.sqlite-wal"),
        pytest.raises(JournalError, match=r"journal\.sqlite: the disk fails.*start ephyrad again"),
    ):
        journal.append(begun, [INTENDED])
    with pytest.raises(JournalError, match="start ephyrad again"):
        journal.append(begun, [INTENDED])

    assert journal.migration(NODE) == begun
    journal.close()
    again = journals()
    assert again.migrations() == [begun]
    assert again.append(begun, [INTENDED]).seq == 2


def test_after_a_failed_fsync_nothing_counts_as_written(
    journals: Callable[[], Journal],
) -> None:
    with disk() as below:
        journal = journals()
        begun = journal.begin(NODE, ASKED)
        below.syncs = SYNC_FAILS

        with pytest.raises(DiskError, match=r"the disk fails.*\(SQLITE_IOERR_FSYNC\)") as caught:
            journal.append(begun, [INTENDED])

    assert caught.value.fatal
    assert journal.failed
    assert journal.migration(NODE) == begun
    with pytest.raises(DiskError, match="start ephyrad again"):
        journal.history(NODE)


def test_a_disk_that_cannot_be_read_is_one_that_failed(journals: Callable[[], Journal]) -> None:
    with disk() as below:
        journal = journals()
        journal.begin(NODE, ASKED)
        journal._db.execute("PRAGMA cache_size = 0").fetchall()
        below.reads = READ_FAILS

        with pytest.raises(DiskError, match=r"the disk fails"):
            journal.history(NODE)

    assert journal.failed


def test_whether_there_is_room_again_is_found_by_writing(journals: Callable[[], Journal]) -> None:
    with disk() as below:
        journal = journals()
        begun = journal.begin(NODE, ASKED)
        below.writes = FULL
        with pytest.raises(DiskError):
            journal.append(begun, [INTENDED])

        assert not journal.can_write()
        assert "the disk is full" in str(journal.trouble)
        below.writes = 0
        assert journal.can_write()
        assert journal.trouble is None
    assert journal.history(NODE) == [(1, ASKED)]


def test_what_is_no_fault_of_the_disk_is_no_trouble_of_the_journals(journal: Journal) -> None:
    begun = journal.begin(NODE, ASKED)

    with pytest.raises(ConflictError):
        journal.begin(NODE, ASKED)

    assert journal.trouble is None
    assert journal.append(begun, [INTENDED]).seq == 2

# SPDX-License-Identifier: Apache-2.0
import os
import random
import re
import sqlite3
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from ephyrad.journal.database import FILE_NAME
from ephyrad.journal.journal import Journal, JournalError
from tests.unit.journal.samples import ASKED, DONE, INTENDED, KEPT, NODE, Reversed, document

As = Callable[[], AbstractContextManager[None]]


def written(directory: Path) -> Path:
    """A journal with something in it, closed."""
    with closing(Journal.open(directory, Reversed())) as journal:
        migration = journal.begin(NODE, ASKED)
        for number in range(30):
            migration = journal.append(migration, [INTENDED, DONE])
            journal.begin(f"node-{number}", ASKED)
        journal.append(migration, [KEPT], document=document())
    return directory / FILE_NAME


def refusal(directory: Path) -> str:
    """What is said instead of opening: one line that names the file."""
    with pytest.raises(JournalError) as caught:
        Journal.open(directory, Reversed()).close()
    message = str(caught.value)
    assert message.startswith(f"journal {directory / FILE_NAME}: ")
    assert "\n" not in message
    return message


def test_a_journal_is_made_for_its_user_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        journal = Journal.open(tmp_path, Reversed())
    finally:
        os.umask(old)
    journal.begin(NODE, ASKED)

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {
        FILE_NAME: 0o600,
        f"{FILE_NAME}-wal": 0o600,
        f"{FILE_NAME}-shm": 0o600,
    }
    journal.close()


def test_making_that_was_cut_short_is_begun_again(tmp_path: Path) -> None:
    for name in ("", "-wal", "-shm"):
        (tmp_path / f"{FILE_NAME}.new{name}").write_bytes(b"half")

    Journal.open(tmp_path, Reversed()).close()

    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


def test_a_newer_journal_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    with sqlite3.connect(path) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('ephyrad', 'rollouts', '2030')"
        )
    db.close()

    assert refusal(tmp_path).endswith(
        "it was written by a newer ephyrad (schema rollouts): start that one, or restore the"
        " backup that was made before the upgrade"
    )


def test_an_entry_of_a_newer_ephyrad_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO entries VALUES ('n', 1, '2026-11-21T12:00:00+00:00', 'new', '{}')")
    db.close()

    assert "entry of kind 'new' cannot be read" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty: restore it from a backup"),
        (b"garbage" * 1000, "it is no SQLite database: restore it from a backup"),
    ],
)
def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)

    assert says in refusal(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == content


def test_a_database_of_somebody_elses_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE entries (a)")
    db.close()
    before = path.read_bytes()

    assert "no journal of ephyrad's" in refusal(tmp_path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_truncated_journal_is_refused(tmp_path: Path, kept: float) -> None:
    path = written(tmp_path)
    os.truncate(path, int(path.stat().st_size * kept))

    assert re.search("it is damaged.*restore it from a backup", refusal(tmp_path))


def test_a_page_of_zeros_is_found(tmp_path: Path) -> None:
    path = written(tmp_path)
    pages = path.stat().st_size // 4096
    with closing(sqlite3.connect(path)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'entries'").fetchone()
    assert root <= pages
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(bytes(4096))

    assert "restore it from a backup" in refusal(tmp_path)


def test_a_gap_between_entries_is_found(tmp_path: Path) -> None:
    path = written(tmp_path)
    with sqlite3.connect(path) as db:
        db.execute("DROP TRIGGER entries_no_delete")
        db.execute("DELETE FROM entries WHERE node = ? AND seq = 7", [NODE])
    db.close()

    assert f"entries of node {NODE} before 8 are missing" in refusal(tmp_path)


def test_a_journal_that_is_gone_but_for_its_wal_is_refused(tmp_path: Path) -> None:
    (tmp_path / f"{FILE_NAME}-wal").write_bytes(b"what was not yet in the file")

    assert "only its -wal is there: restore it from a backup" in refusal(tmp_path)


def test_a_directory_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()

    assert "it is no file" in refusal(tmp_path)


def test_a_directory_that_may_not_be_written_is_refused(
    public_directory: Path, unprivileged: As
) -> None:
    public_directory.chmod(0o500)
    with unprivileged():
        message = refusal(public_directory)

    assert "let ephyrad's user read and write" in message


def test_a_journal_in_a_directory_that_may_not_be_written_is_refused(
    public_directory: Path, unprivileged: As
) -> None:
    with unprivileged():
        written(public_directory)
    public_directory.chmod(0o500)

    with unprivileged():
        message = refusal(public_directory)

    assert "let ephyrad's user" in message


def test_a_journal_that_may_not_be_read_is_refused(
    public_directory: Path, unprivileged: As
) -> None:
    with unprivileged():
        path = written(public_directory)
    path.chmod(0o000)

    with unprivileged():
        message = refusal(public_directory)

    assert "let ephyrad's user" in message


def test_a_journal_that_may_not_be_written_is_refused(
    public_directory: Path, unprivileged: As
) -> None:
    with unprivileged():
        path = written(public_directory)
    path.chmod(0o400)

    with unprivileged():
        message = refusal(public_directory)

    assert "let ephyrad's user" in message


def test_a_missing_directory_is_told(tmp_path: Path) -> None:
    assert "No such file or directory" in refusal(tmp_path / "missing")


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bytes_are_refused_in_one_line_or_do_no_harm(tmp_path: Path, seed: int) -> None:
    path = written(tmp_path)
    whole, chance = path.read_bytes(), random.Random(seed)
    told: list[str] = []

    for _ in range(40):
        damaged = bytearray(whole)
        for at in chance.sample(range(len(whole)), 20):
            damaged[at] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        for rest in ("-wal", "-shm"):
            path.with_name(f"{FILE_NAME}{rest}").unlink(missing_ok=True)
        try:
            with closing(Journal.open(tmp_path, Reversed())) as journal:
                journal.history(NODE)
        except JournalError as error:
            told.append(str(error))

    assert len(told) > 10
    assert [line for line in told if "\n" in line or str(path) not in line] == []

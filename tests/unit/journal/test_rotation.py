# SPDX-License-Identifier: Apache-2.0
"""A new key takes the place of the old one: whatever comes in between, the documents open."""

import functools
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken

from ephyrad.journal.errors import DocumentError
from ephyrad.journal.journal import Journal
from ephyrad.secrets.errors import SecretsError
from ephyrad.secrets.keys import KeyRing
from tests.harness.killing import killed, numbers
from tests.unit.journal.samples import ASKED, KEPT, NODE, OTHER, document


def opened(directory: Path) -> Journal:
    return Journal.open(directory, KeyRing.open(directory / "key"))


def written(directory: Path) -> bytes:
    """A journal with two documents; returns its key."""
    directory.mkdir(exist_ok=True)
    with closing(opened(directory)) as journal:
        for node in (NODE, OTHER):
            journal.append(journal.begin(node, ASKED), [KEPT], document=document(node))
    return keys(directory)[0]


def keys(directory: Path) -> list[bytes]:
    lines = (directory / "key").read_bytes().splitlines()
    return [line for line in lines if not line.startswith(b"#")]


def opens(key: bytes, journal: Journal) -> bool:
    try:
        for row in journal._db.table("documents").rows:
            Fernet(key).decrypt(row["ciphertext"])
    except InvalidToken:
        return False
    return True


def test_afterwards_the_new_key_opens_all_and_the_old_one_is_forgotten(tmp_path: Path) -> None:
    old = written(tmp_path)

    with closing(opened(tmp_path)) as journal:
        count = journal.rotate_key()

        (new,) = keys(tmp_path)
        assert count == 2
        assert opens(new, journal)
        assert not opens(old, journal)
        assert journal.document(NODE) == document(NODE)


def rotate(directory: Path, begin: Callable[[], None]) -> None:
    journal = opened(directory)
    begin()
    journal.rotate_key()


def test_killed_at_whatever_step_the_documents_open_and_the_next_rotation_ends_it(
    tmp_path: Path,
) -> None:
    def dies_at(step: int) -> bool:
        directory = tmp_path / str(step)
        old = written(directory)
        died = killed(functools.partial(rotate, directory), step)
        with closing(opened(directory)) as journal:
            assert journal.document(NODE) == document(NODE)
            assert journal.document(OTHER) == document(OTHER)
            journal.rotate_key()
            assert journal.document(NODE) == document(NODE)
            assert len(keys(directory)) == 1
            assert not opens(old, journal)
        assert {file.name for file in directory.iterdir()} == {"key", "journal.sqlite"}
        return died

    assert len(list(numbers(dies_at))) > 20


def test_a_document_kept_meanwhile_opens_afterwards(tmp_path: Path) -> None:
    written(tmp_path)
    with closing(opened(tmp_path)) as journal:
        migration = journal.migration(NODE)
        assert migration is not None
        enough = threading.Event()

        def keep() -> None:
            kept = migration
            while not enough.is_set():
                kept = journal.append(kept, [KEPT], document=document(NODE, newest="yes"))
                journal.document(NODE)

        worker = threading.Thread(target=keep)
        worker.start()
        for _ in range(10):
            journal.rotate_key()
        enough.set()
        worker.join()

        assert journal.document(OTHER) == document(OTHER)
        assert journal.document(NODE) is not None


def test_where_the_key_file_cannot_be_written_nothing_is_changed(tmp_path: Path) -> None:
    written(tmp_path)
    with closing(opened(tmp_path)) as journal:
        before = (tmp_path / "key").read_bytes()
        (tmp_path / "key.new").mkdir()

        with pytest.raises(SecretsError, match="let ephyrad's user write its directory"):
            journal.rotate_key()

        assert (tmp_path / "key").read_bytes() == before
        assert journal.document(NODE) == document(NODE)


def test_while_a_document_opens_with_no_key_none_is_forgotten(tmp_path: Path) -> None:
    old = written(tmp_path)
    with closing(opened(tmp_path)) as journal:
        journal._db.execute("UPDATE documents SET ciphertext = x'00' WHERE node = ?", [OTHER])

        with pytest.raises(DocumentError, match=f"node {OTHER} was encrypted with other keys"):
            journal.rotate_key()

        assert old in keys(tmp_path)
        assert journal.document(NODE) == document(NODE)


def test_a_key_file_that_was_removed_meanwhile_is_made_again(tmp_path: Path) -> None:
    written(tmp_path)
    with closing(opened(tmp_path)) as journal:
        (tmp_path / "key").unlink()

        journal.rotate_key()

    with closing(opened(tmp_path)) as journal:
        assert journal.document(NODE) == document(NODE)

# SPDX-License-Identifier: Apache-2.0
"""Passwords are nowhere on the disk but encrypted, and not even so once they are not needed."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ephyrad.journal.backup import write
from ephyrad.journal.database import FILE_NAME
from ephyrad.journal.journal import Journal, JournalError
from ephyrad.migration.document import MASK, Document, without_secrets
from ephyrad.secrets.keys import KeyRing
from tests.harness.spellings import spellings
from tests.unit.journal.samples import ASKED, DONE, INTENDED, KEPT, NODE, NOON, document

CANARY = "c4nary-7f3e9b52"
SPELLINGS = spellings(CANARY)


@contextmanager
def opened(directory: Path) -> Iterator[Journal]:
    with closing(Journal.open(directory, KeyRing.open(directory / "key"))) as journal:
        yield journal


def holding(directory: Path, *needles: bytes) -> list[str]:
    """The files in which one of the needles is."""
    return [
        file.name
        for file in directory.iterdir()
        if any(needle in file.read_bytes() for needle in needles)
    ]


def ciphertexts(journal: Journal) -> list[bytes]:
    return [row["ciphertext"] for row in journal._db.table("documents").rows]


def test_a_password_is_on_the_disk_only_encrypted(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        begun = journal.begin(NODE, ASKED)
        journal.append(begun, [KEPT], document=document(ipmi_password=CANARY))
        write(tmp_path / FILE_NAME, tmp_path / "backup")

        assert holding(tmp_path, *SPELLINGS) == []
        assert journal.document(NODE) == document(ipmi_password=CANARY)
    assert holding(tmp_path, *SPELLINGS) == []


def test_what_a_document_replaces_is_gone_from_the_disk(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        migrations = [journal.begin(f"node-{number}", ASKED) for number in range(20)]
        migrations = [
            journal.append(
                each, [KEPT], document=document(each.node, ipmi_password=CANARY, pad="x" * 3000)
            )
            for each in migrations
        ]
        before = ciphertexts(journal)
        for each in migrations:
            journal.append(each, [INTENDED, DONE], document=wiped(each.node))

        # A piece from within: the head of a freed page is used for SQLite's own bookkeeping.
        pieces = [ciphertext[1000:1064] for ciphertext in before]
        assert holding(tmp_path, *pieces) == []
        assert journal.document("node-0") == wiped("node-0")


def wiped(node: str) -> Document:
    """Shorter than what it replaces, so that pages become free that nothing is written over."""
    return without_secrets(document(node, ipmi_password=CANARY))


def test_what_is_replaced_while_somebody_reads_is_gone_later(tmp_path: Path) -> None:
    with (
        opened(tmp_path) as journal,
        closing(sqlite3.connect(tmp_path / "journal.sqlite")) as shell,
    ):
        migration = journal.begin(NODE, ASKED)
        migration = journal.append(migration, [KEPT], document=document(ipmi_password=CANARY))
        (before,) = ciphertexts(journal)
        shell.execute("BEGIN")
        shell.execute("SELECT * FROM documents").fetchall()
        journal.append(migration, [INTENDED], document=document(ipmi_password=MASK))
        assert holding(tmp_path, before[:64]) != []
        shell.execute("COMMIT")

        journal.trim(NOON)

        assert holding(tmp_path, before[:64]) == []


def test_after_rotation_the_old_key_opens_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.append(journal.begin(NODE, ASKED), [KEPT], document=document(ipmi_password=CANARY))
        old_key = (tmp_path / "key").read_bytes()
        (before,) = ciphertexts(journal)

        assert journal.rotate_key() == 1

        assert holding(tmp_path, before[:64]) == []
        assert journal.document(NODE) == document(ipmi_password=CANARY)
    with opened(tmp_path) as journal:
        assert journal.document(NODE) == document(ipmi_password=CANARY)
    (tmp_path / "key").write_bytes(old_key)
    with pytest.raises(JournalError, match="other keys"), opened(tmp_path):
        pass


def test_another_key_file_is_refused_at_once(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.append(journal.begin(NODE, ASKED), [KEPT], document=document())
    (tmp_path / "key").unlink()

    with pytest.raises(JournalError, match="put back the key file"), opened(tmp_path):
        pass


def test_a_password_is_in_no_log_and_no_message(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with opened(tmp_path) as journal:
        begun = journal.begin(NODE, ASKED)
        journal.append(begun, [KEPT], document=document(ipmi_password=CANARY))
        journal._db.execute("UPDATE documents SET ciphertext = ?", [b"garbage"])
        with pytest.raises(JournalError) as undecipherable:
            journal.document(NODE)
        with pytest.raises(JournalError) as conflicting:
            journal.append(begun, [KEPT], document=document(ipmi_password=CANARY))

    told = [caplog.text, repr(journal), repr(document(ipmi_password=CANARY))]
    told += [repr(found.getrepr(showlocals=False)) for found in (undecipherable, conflicting)]
    assert not any(CANARY in text for text in told)

# SPDX-License-Identifier: Apache-2.0
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ephyrad.journal.backup import write
from ephyrad.journal.database import FILE_NAME
from ephyrad.journal.journal import Journal, JournalError
from tests.unit.journal.samples import ASKED, INTENDED, KEPT, NODE, Reversed, document


def restored(backup: Path, directory: Path) -> Journal:
    directory.mkdir()
    (directory / FILE_NAME).write_bytes(backup.read_bytes())
    return Journal.open(directory, Reversed())


def test_a_backup_is_the_whole_journal_in_one_file(journal: Journal, tmp_path: Path) -> None:
    written = journal.append(journal.begin(NODE, ASKED), [KEPT], document=document())
    target = tmp_path / "backup"

    write(tmp_path / FILE_NAME, target)

    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert not list(tmp_path.glob("backup?*"))
    with closing(restored(target, tmp_path / "restored")) as found:
        assert found.migrations() == [written]
        assert found.document(NODE) == document()
        assert found.append(written, [INTENDED]).seq == 3


def test_a_backup_made_while_work_goes_on_is_of_one_moment(
    journals: Callable[[], Journal], tmp_path: Path
) -> None:
    journal = journals()
    one, two = journal.begin("one", ASKED), journal.begin("two", ASKED)
    enough = threading.Event()

    def work() -> None:
        first, second = one, two
        while not enough.is_set():
            first = journal.append(first, [INTENDED])
            second = journal.append(second, [INTENDED])

    worker = threading.Thread(target=work)
    worker.start()
    for number in range(5):
        write(tmp_path / FILE_NAME, tmp_path / f"backup-{number}")
    enough.set()
    worker.join()

    for number in range(5):
        with closing(restored(tmp_path / f"backup-{number}", tmp_path / f"{number}")) as found:
            seqs = {each.node: each.seq for each in found.migrations()}
            assert seqs["one"] - seqs["two"] in (0, 1)


def test_a_backup_takes_no_files_place(journal: Journal, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    target.write_text("precious")

    with pytest.raises(JournalError, match="backup: it is there already: name another file"):
        write(tmp_path / FILE_NAME, target)

    assert target.read_text() == "precious"


def test_a_backup_into_nowhere_is_told(journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="No such file or directory"):
        write(tmp_path / FILE_NAME, tmp_path / "missing" / "backup")

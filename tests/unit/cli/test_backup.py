# SPDX-License-Identifier: Apache-2.0
"""ephyra backup, restore, key rotate and key abandon: what they do, say and refuse."""

import errno
import functools
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from ephyrad.cli.errors import ExitStatus
from ephyrad.journal import backup, restore
from ephyrad.journal.journal import Journal
from ephyrad.journal.lock import StateLock
from ephyrad.secrets.keys import KeyRing
from tests.fakes.operations import FakeOperations
from tests.harness.disk import FULL, disk
from tests.harness.killing import killed, numbers
from tests.unit.cli.conftest import Result, Run
from tests.unit.journal.samples import ASKED, INTENDED, KEPT, NODE, NOON, OTHER, document

Local = Callable[..., Result]


def opened(state: Path) -> Journal:
    return Journal.open(state, KeyRing.open(state / "journal.key"))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory with a journal of two nodes and a document, closed."""
    directory = tmp_path / "state"
    directory.mkdir(mode=0o700)
    with closing(opened(directory)) as journal:
        journal.append(journal.begin(NODE, ASKED), [KEPT], document=document())
        journal.begin(OTHER, ASKED)
    return directory


@pytest.fixture
def local(ephyra: Run, state: Path) -> Local:
    """Run a command on the state directory."""

    def run(*words: object, at: Path = state) -> Result:
        return ephyra(*map(str, words), "--state-dir", str(at))

    return run


def seqs(directory: Path) -> dict[str, int]:
    with closing(opened(directory)) as journal:
        return {each.node: each.seq for each in journal.migrations()}


def go_on(directory: Path) -> None:
    """Write one entry more."""
    with closing(opened(directory)) as journal:
        migration = journal.migration(OTHER)
        assert migration is not None
        journal.append(migration, [INTENDED])


def test_a_backup_says_what_is_in_it_and_what_is_not(
    local: Local, state: Path, tmp_path: Path
) -> None:
    target = tmp_path / "backup"

    result = local("backup", target)

    assert (result.status, result.out) == (0, "")
    assert result.err == (
        f"ephyra: backup {target}: 2 nodes (2 not over), 1 encrypted document, up to"
        f" 2026-11-21 12:00:00Z; without the keys, which are in {state}/journal.key: keep a copy of"
        " them elsewhere\n"
    )
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    (key,) = [line for line in (state / "journal.key").read_bytes().split() if len(line) == 44]
    assert key not in target.read_bytes()


def test_what_is_backed_up_while_the_daemon_runs_is_restored(
    local: Local, state: Path, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    with StateLock(state), closing(opened(state)):
        assert local("backup", target).status == 0
    go_on(state)
    later = seqs(state)

    result = local("restore", target)

    assert result.status == 0
    assert "2 nodes (2 not over), 1 encrypted document" in result.err
    assert seqs(state) == {NODE: 2, OTHER: 1}
    (aside,) = state.glob("journal.sqlite.before-*")
    assert str(aside) in result.err
    aside.rename(state / "journal.sqlite")
    assert seqs(state) == later == {NODE: 2, OTHER: 2}


def test_a_backup_is_restored_where_nothing_is_left(
    local: Local, state: Path, tmp_path: Path
) -> None:
    target, key = tmp_path / "backup", tmp_path / "key"
    local("backup", target)
    shutil.copy(state / "journal.key", key)
    shutil.rmtree(state)
    state.mkdir(mode=0o700)

    assert "there is none: put back the one that belongs" in local("restore", target).err
    shutil.copy(key, state / "journal.key")
    result = local("restore", target)

    assert (result.status, "former journal" in result.err) == (0, False)
    assert seqs(state) == {NODE: 2, OTHER: 1}


def test_a_journal_that_cannot_be_opened_is_kept_aside_with_its_wal(
    local: Local, state: Path, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    local("backup", target)
    (state / "journal.sqlite").write_bytes(b"ruins")
    (state / "journal.sqlite-wal").write_bytes(b"of it")

    assert local("restore", target).status == 0

    kept = {file.name.partition("Z")[2]: file for file in state.glob("*.before-*")}
    assert {name: file.read_bytes() for name, file in kept.items()} == {
        "": b"ruins",
        "-wal": b"of it",
    }
    assert seqs(state) == {NODE: 2, OTHER: 1}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_what_root_restores_is_the_daemons(local: Local, state: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    local("backup", target)
    os.chown(state, 65534, 65534)

    assert local("restore", target).status == 0
    assert local("key", "abandon").status == 0

    owned = {name: (state / name).stat().st_uid for name in ("lock", "journal.sqlite")}
    assert owned == {"lock": 65534, "journal.sqlite": 65534}


def damaged(path: Path, at: float, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(int(path.stat().st_size * at))
        file.write(content)


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('ephyrad', 'rollouts', '2030')"
        )


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TABLE entries (a)")


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda path: path.unlink(), "there is no such file: name a backup"),
        (lambda path: path.write_bytes(b""), "it is no journal of ephyrad's: name another file"),
        (lambda path: path.write_bytes(b"x" * 5000), "it is no SQLite database: use another one"),
        (foreign, "it is no journal of ephyrad's: name another file"),
        (newer, "it was written by a newer ephyrad (schema rollouts)"),
        (lambda path: os.truncate(path, path.stat().st_size // 2), "it is damaged"),
        (lambda path: damaged(path, 0.5, os.urandom(8192)), "it is damaged"),
    ],
    ids=["missing", "empty", "garbage", "foreign", "newer", "truncated", "flipped"],
)
def test_what_cannot_be_restored_is_refused_and_nothing_is_changed(
    local: Local, state: Path, tmp_path: Path, harm: Callable[[Path], object], says: str
) -> None:
    target = tmp_path / "backup"
    local("backup", target)
    go_on(state)
    harm(target)
    before = {file.name: file.read_bytes() for file in state.iterdir() if file.name != "lock"}

    result = local("restore", target)

    assert result.status == ExitStatus.REFUSED
    assert says in result.err
    assert (result.err.count("\n"), str(target) in result.err) == (1, True)
    assert before == {f.name: f.read_bytes() for f in state.iterdir() if f.name != "lock"}


def test_a_backup_of_other_keys_is_refused(local: Local, state: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    local("backup", target)
    (state / "journal.key").write_bytes(Fernet.generate_key())

    result = local("restore", target)

    assert result.status == ExitStatus.REFUSED
    assert "1 of 1 documents in it were encrypted with other keys: first put back" in result.err


def test_a_restore_beside_a_running_daemon_is_refused(
    local: Local, state: Path, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    local("backup", target)
    with StateLock(state):
        result = local("restore", target)

    assert result.status == ExitStatus.REFUSED
    assert f"(process {os.getpid()}) uses it" in result.err
    assert "uses it: this needs it stopped: `systemctl stop ephyrad`\n" in result.err


def test_no_file_gives_way_to_a_backup_but_a_former_backup(
    local: Local, state: Path, tmp_path: Path
) -> None:
    target, journal, key = tmp_path / "b", state / "journal.sqlite", state / "journal.key"
    local("backup", target)
    go_on(state)
    precious = (journal.read_bytes(), key.read_bytes())

    assert "there already: name another file, or say --replace" in local("backup", target).err
    assert "it is no SQLite database" in local("backup", key, "--replace").err
    assert "this is the journal itself" in local("backup", journal, "--replace").err
    assert (journal.read_bytes(), key.read_bytes()) == precious
    assert local("backup", target, "--replace").status == 0
    assert backup.examine(target).nodes == 2


@pytest.mark.parametrize(
    ("where", "says"),
    [
        (Path("missing/backup"), "No such file or directory: make the directory"),
        (Path("/dev/full"), "it is there already"),
        (Path(), "it is there already"),
    ],
)
def test_a_backup_that_cannot_be_written_is_refused(
    local: Local, tmp_path: Path, where: Path, says: str
) -> None:
    result = local("backup", tmp_path / where)

    assert result.status == ExitStatus.REFUSED
    assert (says in result.err, result.err.count("\n")) == (True, 1)


def test_a_full_disk_leaves_no_half_backup(local: Local, tmp_path: Path) -> None:
    with disk() as below:
        below.writes = FULL
        result = local("backup", tmp_path / "backup")

    assert result.status == ExitStatus.REFUSED
    assert f"backup {tmp_path}/backup: the disk is full: make room" in result.err
    assert list(tmp_path.glob("backup*")) == []


def test_a_backup_whose_documents_no_key_opens_is_written_and_told(
    local: Local, state: Path, tmp_path: Path
) -> None:
    (state / "journal.key").write_bytes(Fernet.generate_key())
    one, two = tmp_path / "one", tmp_path / "two"

    other = local("backup", one)
    (state / "journal.key").unlink()
    lost = local("backup", two)

    assert (other.status, lost.status) == (ExitStatus.REFUSED, ExitStatus.REFUSED)
    assert f"backup {one} was written, but {state}/journal.key does not open 1 doc" in other.err
    assert f"backup {two} was written, but: key file {state}/journal.key: there is no" in lost.err
    assert not (state / "journal.key").exists()
    assert backup.examine(two).documents == 1


@pytest.mark.parametrize(
    ("words", "name"),
    [(("backup", "b"), "journal.sqlite"), (("restore", "b"), "lock"), (("key", "abandon"), "lock")],
)
def test_who_may_not_is_told_who_may(
    local: Local, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], name: str
) -> None:
    real_stat, real_open = Path.stat, os.open

    def may_not(path: object) -> None:
        if str(path).endswith(name):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))

    def stat_it(path: Path, **options: bool) -> os.stat_result:
        may_not(path)
        return real_stat(path, **options)

    def open_it(path: Path, flags: int, mode: int = 0o777) -> int:
        may_not(path)
        return real_open(path, flags, mode)

    monkeypatch.setattr(Path, "stat", stat_it)
    monkeypatch.setattr(os, "open", open_it)

    result = local(*words)

    assert result.status == ExitStatus.REFUSED
    assert result.err.count("\n") == 1
    assert "Permission denied: let ephyrad's user" in result.err
    assert result.err.endswith(", or run this as that user or as root\n")


def test_where_no_journal_is_there_is_nothing_to_back_up(local: Local, tmp_path: Path) -> None:
    result = local("backup", tmp_path / "b", at=tmp_path)

    assert result.status == ExitStatus.REFUSED
    assert "there is none: name the state directory of ephyrad with --state-dir" in result.err
    assert "make it, for ephyrad's user" in local("restore", "b", at=tmp_path / "missing").err


def restored(state: Path, source: Path, begin: Callable[[], None]) -> None:
    keys = KeyRing.open(state / "journal.key")
    begin()
    restore.restore(state, source, keys, NOON)


def test_killed_at_whatever_step_a_restore_loses_neither_journal(
    local: Local, state: Path, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    local("backup", target)
    old, new = {NODE: 2, OTHER: 2}, {NODE: 2, OTHER: 1}
    seen: list[str] = []
    daemons = opened(state)
    # Not closed: the last entry is in the -wal only, as after a crash.
    daemons.append(daemons.migrations()[1], [INTENDED])

    def dies_at(step: int) -> bool:
        directory = tmp_path / str(step)
        shutil.copytree(state, directory)
        died = killed(functools.partial(restored, directory, target), step)
        if (directory / "journal.sqlite").exists():
            found = seqs(directory)
            assert found in (old, new)
            seen.append("new" if found == new else "old")
        else:
            with pytest.raises(Exception, match="a restore was cut short: run `ephyra restore`"):
                opened(directory)
            seen.append("refused")
        assert local("restore", target, at=directory).status == 0
        assert seqs(directory) == new
        kept = [file for file in directory.glob("*.before-*") if not file.name.endswith("-wal")]
        assert old in [seqs_of(file, directory) for file in kept]
        shutil.rmtree(directory)
        return died

    assert len(list(numbers(dies_at))) > 20
    assert list(dict.fromkeys(seen)) == ["old", "refused", "new"]
    daemons.close()


def seqs_of(file: Path, state: Path) -> dict[str, int]:
    """What a journal of another name has in it."""
    scratch = state / "scratch"
    scratch.mkdir()
    for name in ("", "-wal"):
        if Path(f"{file}{name}").exists():
            shutil.copy(f"{file}{name}", scratch / f"journal.sqlite{name}")
    shutil.copy(state / "journal.key", scratch)
    found = seqs(scratch)
    shutil.rmtree(scratch)
    return found


def test_a_key_is_rotated_by_the_daemon(ephyra: Run, operations: FakeOperations) -> None:
    operations.migrate_all(by="ann")

    result = ephyra("key", "rotate")

    assert (result.status, result.out) == (0, "")
    assert result.err == (
        "ephyra: 2 documents encrypted with a new key. Make a backup, and a copy of the key file,"
        " now: older backups open only with the key file as it was\n"
    )


def test_without_its_key_a_journal_can_be_used_again(local: Local, state: Path) -> None:
    (state / "journal.key").unlink()
    with pytest.raises(Exception, match="see `ephyra key abandon`"):
        opened(state)
    (state / "journal.key").unlink()

    result = local("key", "abandon")

    assert result.status == 0
    assert f"1 document given up, of: {NODE}; the former journal is " in result.err
    (aside,) = state.glob("journal.sqlite.before-*")
    assert backup.examine(aside).documents == 1
    with closing(opened(state)) as journal:
        assert journal.document(NODE) is None
        assert len(journal.migrations()) == 2


def test_no_document_is_given_up_that_a_key_opens(local: Local, state: Path) -> None:
    result = local("key", "abandon")

    assert result.status == 0
    assert "opens every document: nothing was given up" in result.err
    assert list(state.glob("*.before-*")) == []
    with closing(opened(state)) as journal:
        assert journal.document(NODE) == document()


def test_a_key_is_not_abandoned_beside_a_running_daemon(local: Local, state: Path) -> None:
    with StateLock(state):
        result = local("key", "abandon")

    assert result.status == ExitStatus.REFUSED
    assert "systemctl stop ephyrad" in result.err

# SPDX-License-Identifier: Apache-2.0
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ephyrad.journal.errors import JournalError
from ephyrad.journal.lock import StateInUseError, StateLock

CHECKOUT = Path(__file__).resolve().parents[3]
HOLD = """
import sys
from pathlib import Path
from ephyrad.journal.lock import StateLock
with StateLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLD, str(directory)]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_directory_is_made_for_its_user_alone(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "state"

    with StateLock(directory):
        pass

    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "lock").stat().st_mode) == 0o600


def test_a_second_process_is_told_who_has_it(tmp_path: Path) -> None:
    with (
        another_process(tmp_path) as owner,
        pytest.raises(StateInUseError) as caught,
        StateLock(tmp_path),
    ):
        pass

    assert str(caught.value) == (
        f"state directory {tmp_path}: another ephyrad (process {owner.pid}) uses it: end that one,"
        " or give this one a state directory of its own"
    )


def test_a_killed_process_has_it_no_more(tmp_path: Path) -> None:
    with another_process(tmp_path) as owner:
        owner.kill()
        owner.wait()
        with StateLock(tmp_path):
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_it_can_be_taken_again_after_its_end(tmp_path: Path) -> None:
    with StateLock(tmp_path):
        pass

    with StateLock(tmp_path), pytest.raises(StateInUseError), StateLock(tmp_path):
        pass


@pytest.mark.parametrize("mode", [0o777, 0o755, 0o770, 0o707])
def test_a_directory_of_everybodys_is_refused(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)

    with pytest.raises(JournalError, match=rf"mode {mode:04o}.*chmod 0700"), StateLock(tmp_path):
        pass


def test_a_group_may_look_into_the_directory(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)

    with StateLock(tmp_path):
        pass


def test_a_file_in_the_directorys_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")

    with pytest.raises(JournalError, match="File exists"), StateLock(tmp_path / "state"):
        pass


def test_the_lock_is_never_written_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "lock").symlink_to(victim)

    with pytest.raises(JournalError, match="state"), StateLock(state):
        pass

    assert victim.read_text() == "precious"

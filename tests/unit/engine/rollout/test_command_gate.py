# SPDX-License-Identifier: Apache-2.0
"""Real programs, run and ended."""

import errno
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from ephyrad.engine.rollout.command_gate import CommandRuns
from ephyrad.engine.rollout.run_time import WallTime
from ephyrad.rollout.declaration import CommandGate
from ephyrad.rollout.verdict import Result, Verdict
from tests.unit.engine.rollout.passing import a_run

ENVIRON = {"PATH": "/usr/bin:/bin", "OS_PASSWORD": "secret", "HOME": "/nowhere"}


def run(*command: str, seconds: float = 20, to_end: float = 5) -> Verdict:
    gate = CommandGate(command, timedelta(seconds=seconds))
    verdict = CommandRuns(ENVIRON, to_end)(a_run(gate), WallTime())
    assert verdict is not None
    return verdict


def shell(script: str, seconds: float = 20, to_end: float = 5) -> Verdict:
    return run("sh", "-c", script, seconds=seconds, to_end=to_end)


def has_gone(pid: int) -> bool:
    """Say whether a process has ended, or does within seconds: SIGKILL takes its time."""
    end = time.monotonic() + 10
    while is_there(pid) and time.monotonic() < end:
        pass
    return not is_there(pid)


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def number_in(path: Path) -> int:
    """Return the number that a program writes into a file."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        text = path.read_text() if path.exists() else ""
        if text.endswith("\n"):
            return int(text)
    raise AssertionError(f"nothing in {path}")


def test_status_0_passes() -> None:
    assert run("true") == Verdict(Result.PASS, "true ended with status 0")


def test_another_status_fails_and_both_outputs_are_kept() -> None:
    verdict = shell("echo to stdout; echo to stderr >&2; exit 3")

    assert verdict == Verdict(Result.FAIL, "sh ended with status 3", "to stdout\nto stderr\n")


def test_it_is_told_what_it_is_about_and_nothing_secret() -> None:
    lines = run("env").output.splitlines()

    assert sorted(lines) == [
        "EPHYRA_DIRECTION=forward",
        "EPHYRA_NODES=u1",
        "EPHYRA_ROLLOUT=summer",
        "EPHYRA_WAVE=canary",
        "HOME=/nowhere",
        "PATH=/usr/bin:/bin",
    ]


def test_no_shell_reads_the_command() -> None:
    assert run("echo", "$HOME; exit 1 | *").output == "$HOME; exit 1 | *\n"


def test_it_reads_nothing_and_has_no_terminal() -> None:
    verdict = shell("cat; [ -t 0 ] && echo terminal; ls -1 /proc/self/fd | wc -l")

    # Its input and both outputs, and the directory itself.
    assert verdict.output.split() == ["4"]


def test_of_a_flood_the_end_is_kept() -> None:
    verdict = shell("yes flood | head -c 3000000; echo the point; exit 1")

    assert verdict.result is Result.FAIL
    assert verdict.output.endswith("flood\nthe point\n")
    assert len(verdict.output) == 16384


def test_output_that_is_no_text() -> None:
    assert shell(r"printf 'a\033[2J\377\000b'").output == "a\\x1b[2J\ufffd\\x00b"


def test_one_that_never_stops_talking_is_ended_in_time() -> None:
    verdict = run("yes", seconds=0.3)

    assert verdict.result is Result.UNCLEAR
    assert verdict.words.startswith("yes did not end within 0:00:00.3")
    assert verdict.output.endswith("y\n")


def test_one_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    verdict = shell(f"sleep 60 & echo $! > {tmp_path}/child; wait", seconds=0.5)

    assert verdict.result is Result.UNCLEAR
    assert has_gone(number_in(tmp_path / "child"))


def test_sigterm_comes_first_and_its_last_words_are_kept() -> None:
    verdict = shell("trap 'echo bye; exit 0' TERM; sleep 60 & wait", seconds=0.5)

    assert verdict.result is Result.UNCLEAR
    assert verdict.output == "bye\n"


def test_one_that_will_not_end_is_killed() -> None:
    verdict = shell("trap '' TERM; while :; do sleep 0.05; done", seconds=0.3, to_end=0.3)

    assert verdict.result is Result.UNCLEAR


def test_what_it_left_running_is_ended_and_not_waited_for(tmp_path: Path) -> None:
    began = time.monotonic()

    verdict = shell(f"sleep 60 & echo $! > {tmp_path}/child")

    assert verdict.passed
    assert has_gone(number_in(tmp_path / "child"))
    assert time.monotonic() - began < 20


def test_one_that_closes_its_output_goes_on() -> None:
    assert shell("exec >&- 2>&-; sleep 0.3; exit 4").words == "sh ended with status 4"


def test_one_that_was_killed_by_somebody_is_unclear() -> None:
    verdict = shell("kill -9 $$")

    assert verdict == Verdict(Result.UNCLEAR, "sh was ended by SIGKILL: look who sent it")


def test_told_to_end_it_ends_and_has_no_verdict(tmp_path: Path) -> None:
    gate = CommandGate(("sh", "-c", f"echo $$ > {tmp_path}/pid; sleep 60"), timedelta(seconds=60))
    mine = WallTime()
    mine.end()

    verdict = CommandRuns(ENVIRON)(a_run(gate), mine)

    assert verdict is None
    assert not (tmp_path / "pid").exists() or has_gone(number_in(tmp_path / "pid"))


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        (None, 0, "No such file or directory; give the full path"),
        ("#!/bin/sh\n", 0o644, "Permission denied; make it executable"),
        ("#!/nowhere/sh\n", 0o755, "No such file or directory; give the full path"),
        ("\x7fELF", 0o755, "Exec format error; it is no program: begin the script with a #! line"),
    ],
)
def test_what_cannot_be_run(tmp_path: Path, text: str | None, mode: int, words: str) -> None:
    program = tmp_path / "program"
    if text is not None:
        program.write_text(text)
        program.chmod(mode)

    verdict = run(str(program))

    assert verdict.result is Result.UNCLEAR
    assert verdict.words.startswith(f"{program} cannot be run: {words}")


@pytest.mark.parametrize("command", [("no\0program",), ("true", "x" * 3_000_000)])
def test_what_no_program_can_be_given(command: tuple[str, ...]) -> None:
    assert run(*command).result is Result.UNCLEAR


def test_nothing_stays_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(3):
        run("true")
        run("/nowhere")

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_program_that_cannot_be_watched_does_not_run_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[int] = []

    def too_many(pid: int) -> int:
        begun.append(pid)
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(os, "pidfd_open", too_many)

    verdict = run("sleep", "60")

    assert verdict.result is Result.UNCLEAR
    assert "Too many open files" in verdict.words
    (pid,) = begun
    assert not is_there(pid)

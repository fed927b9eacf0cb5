# SPDX-License-Identifier: Apache-2.0
"""ephyra rollout show --watch: in a pipe by lines, on a terminal (a pseudo-terminal) in place."""

import io
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from ephyrad.api.plain import plain
from ephyrad.cli.errors import CommandError, ExitStatus
from ephyrad.cli.watch import Answer, Lines, watch
from ephyrad.cli.watch_screen import frame
from ephyrad.engine.rollout_answers import (
    FlyingAnswer,
    GateAnswer,
    HeldAnswer,
    RolloutAnswer,
    WaveAnswer,
)
from tests.fakes.operations import START, FakeOperations
from tests.unit.cli.conftest import Run

PATIENCE = 60.0
TAKES_THE_SCREEN = "\x1b[?1049h"
GIVES_IT_BACK = "\x1b[?1049l"
SHOWS_THE_CURSOR = "\x1b[?25h"


def rollout(**changes: object) -> RolloutAnswer:
    gate = GateAnswer("boots", START, START, "pass", "", "")
    answer = RolloutAnswer(
        *("spring", "running", START, "anna", None, "", "the nodes of wave 2 to arrive", "forward"),
        *(START, "anna"),
        *(200, 59, 3, 4, 2, 50),
        back=0,
        waves=(WaveAnswer(1, "canary", START, 3, 3, 0, 0, None, (gate,)),),
        pace=12,
        eta=START + timedelta(hours=3),
        in_flight_nodes=tuple(
            FlyingAnswer(f"u{number}", f"rack-{number}", "cleaning", START) for number in range(20)
        ),
        held_nodes=(HeldAnswer("h1", "bad1", START, "clean-failed", "[red]no\x1b[2J disk"),),
    )
    return replace(answer, **changes)  # type: ignore[arg-type]


def drawn(answer: RolloutAnswer, *, high: int = 40, wide: int = 100, trouble: str = "") -> str:
    console = Console(file=io.StringIO(), width=wide, height=high, highlight=False)
    with console.capture() as capture:
        console.print(frame(plain(answer), trouble, high))
    return capture.get()


def test_a_frame_has_all_that_is_watched(ephyra: Run, operations: FakeOperations) -> None:
    operations.pass_time(minutes=90)

    lines = [line.rstrip() for line in drawn(rollout()).splitlines()]

    assert lines[0] == "spring  running since 1 h 30 min"
    assert lines[1] == "waits for the nodes of wave 2 to arrive"
    assert lines[3].endswith("25 %")
    assert lines[4].startswith("50 of 200 arrived, 3 in flight, 4 wait for their owners, 2 held")
    assert lines[5] == (
        "12 arrived within the last hour; the end at that pace: 2026-01-02 06:04Z (in 1 h 30 min)"
    )
    assert lines[7] == "wave 1 canary: 3 of 3 arrived (boots: pass)"
    assert "Held (2)" in lines
    assert "In flight (3)" in lines


def test_a_node_that_goes_back_is_seen_to_go_back() -> None:
    flying = (FlyingAnswer("u1", "rack-1", "transferred", START, aborted=True),)

    assert "transferred, aborted: goes back" in drawn(rollout(in_flight_nodes=flying))


def test_no_text_steers_the_terminal() -> None:
    assert "[red]no [2J disk" in drawn(rollout())


@pytest.mark.parametrize("high", [10, 24, 40, 60])
def test_as_many_nodes_are_shown_as_fit(high: int) -> None:
    lines = drawn(rollout(), high=high).splitlines()

    assert len(lines) <= max(high, 24)


def test_a_rollout_without_anything_is_drawn() -> None:
    answer = rollout(
        nodes=0,
        arrived=0,
        waves=(),
        in_flight_nodes=(),
        held_nodes=(),
        eta=None,
        eta_unknown="over",
    )

    text = drawn(answer, trouble="ephyrad is not running")

    assert "100 %" in text
    assert "as it was last: ephyrad is not running" in text
    assert "the end cannot be told: over" in text


def test_it_is_watched_until_it_is_over() -> None:
    answers: list[Answer | CommandError] = [
        {"status": "running"},
        CommandError(ExitStatus.NO_DAEMON, "away"),
        {"status": "finished"},
    ]
    shown = []

    def ask() -> Answer:
        found = answers.pop(0)
        if isinstance(found, CommandError):
            raise found
        return found

    def show(answer: Answer, trouble: str) -> None:
        shown.append((answer["status"], trouble))

    watch(ask, show, lambda: None)

    assert shown == [("running", ""), ("running", "away"), ("finished", "")]


def test_a_line_is_written_when_something_changed_alone(
    ephyra: Run, operations: FakeOperations
) -> None:
    out = io.StringIO()
    lines = Lines(out)

    lines(plain(rollout()), "")
    lines(plain(rollout(eta=None)), "")
    lines(plain(rollout(arrived=51)), "")
    lines(plain(rollout(arrived=51)), "away")

    assert [line.split(",")[0] for line in out.getvalue().splitlines()] == [
        "2026-01-02T03:04:05Z running: 50 of 200 arrived",
        "2026-01-02T03:04:05Z running: 51 of 200 arrived",
        "2026-01-02T03:04:05Z away",
    ]


def test_in_a_pipe_a_finished_rollout_is_one_line(ephyra: Run, operations: FakeOperations) -> None:
    operations.rollouts.put(rollout(status="finished", reason="200 nodes arrived", waits_for=""))

    result = ephyra("rollout", "show", "spring", "--watch")

    assert result.status == 0
    assert result.out.splitlines() == [
        (
            "2026-01-02T03:04:05Z finished: 50 of 200 arrived, 3 in flight, 4 wait for their"
            " owners, 2 held, 141 to be begun with; 200 nodes arrived"
        )
    ]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--watch -f json", "--watch has a form of its own: leave out -f"),
        ("--interval 3", "--interval goes with --watch alone"),
        (
            "--watch --interval 0",
            "argument --interval: '0' is no number of seconds from 0.1 to 3600",
        ),
        ("--watch --interval soon", "argument --interval: 'soon' is no number of seconds from 0.1"),
    ],
)
def test_what_cannot_be_watched(ephyra: Run, words: str, complaint: str) -> None:
    result = ephyra("rollout", "show", "spring", *words.split())

    assert result.status == 2
    assert result.err.startswith(f"ephyra rollout show: {complaint}")


class Terminal:
    """A command on a pseudo-terminal."""

    def __init__(self, path: Path, *words: str, term: str = "xterm") -> None:
        self.master, slave = pty.openpty()
        size = {"COLUMNS": "100", "LINES": "40"}
        environment = os.environ | size | {"EPHYRA_SOCKET": str(path), "TERM": term}
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import ephyrad.cli.app as a; raise SystemExit(a.main())",
                *words,
            ],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        os.close(slave)
        self.seen = ""

    def read_until(self, words: str) -> None:
        while words not in self.seen:
            ready, _, _ = select.select([self.master], [], [], PATIENCE)
            assert ready, self.seen
            try:
                self.seen += os.read(self.master, 65536).decode()
            except OSError:  # Linux's way to say that nobody has the other end any more
                break
        assert words in self.seen, self.seen

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def terminal(path: Path, operations: FakeOperations) -> Iterator[Terminal]:
    operations.rollouts.put(rollout())
    found = Terminal(path, "rollout", "show", "spring", "--watch", "--interval", "0.1")
    yield found
    found.close()


def test_a_terminal_is_drawn_on_and_given_back_at_the_end(
    terminal: Terminal, operations: FakeOperations
) -> None:
    terminal.read_until("50 of 200 arrived")
    assert TAKES_THE_SCREEN in terminal.seen

    operations.rollouts.put(rollout(arrived=200, status="finished"))
    terminal.read_until(GIVES_IT_BACK)
    terminal.read_until(SHOWS_THE_CURSOR)

    assert terminal.process.wait(PATIENCE) == 0
    # What was shown last stays on the terminal.
    terminal.seen = terminal.seen.partition(GIVES_IT_BACK)[2]
    terminal.read_until("200 of 200 arrived")


def test_a_terminal_that_cannot_be_drawn_on_gets_lines(
    path: Path, operations: FakeOperations
) -> None:
    operations.rollouts.put(rollout())
    words = ("rollout", "show", "spring", "--watch", "--interval", "0.1")
    found = Terminal(path, *words, term="dumb")
    found.read_until("Z running: 50 of 200 arrived")

    operations.rollouts.put(rollout(arrived=200, status="finished"))
    found.read_until("Z finished: 200 of 200 arrived")

    assert found.process.wait(PATIENCE) == 0
    assert TAKES_THE_SCREEN not in found.seen
    found.close()


def test_a_line_is_one_line_whatever_it_tells(ephyra: Run) -> None:
    out = io.StringIO()

    Lines(out)(plain(rollout(reason="gate smoke:\n\x1b[2Jfailed")), "")

    assert out.getvalue().endswith("; gate smoke:  [2Jfailed\n")


def test_ctrl_c_ends_it_well(terminal: Terminal) -> None:
    terminal.read_until("50 of 200 arrived")

    terminal.process.send_signal(signal.SIGINT)
    terminal.read_until(GIVES_IT_BACK)

    assert terminal.process.wait(PATIENCE) == 0
    assert "Traceback" not in terminal.seen


def test_a_rollout_that_is_not_there_is_told_on_the_terminal_as_it_is(
    path: Path, operations: FakeOperations
) -> None:
    found = Terminal(path, "rollout", "show", "autumn", "--watch")
    found.read_until("ephyra: there is no rollout autumn")

    assert found.process.wait(PATIENCE) == 1
    assert TAKES_THE_SCREEN not in found.seen
    found.close()

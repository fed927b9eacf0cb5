# SPDX-License-Identifier: Apache-2.0
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ephyrad.engine.rollout_answers import WaveAnswer
from tests.fakes.operations import FakeOperations
from tests.fakes.rollouts import THEN
from tests.unit.cli.conftest import TEXT, Run


def value(ephyra: Run, *words: str, column: str = "status") -> str:
    result = ephyra("rollout", *words, "-f", "value", "-c", column)
    assert result.status == 0, result.err
    return result.out.strip()


def test_the_plan_shows_each_node_with_its_wave_or_why_it_has_none(ephyra: Run, file: str) -> None:
    result = ephyra("rollout", "plan", file, "-f", "value")

    assert result.out.splitlines() == [
        "rack1 0a1b 1 ",
        "rack2 0a1c None it is protected in the old cloud",
    ]
    assert result.err.splitlines() == [
        ("ephyra: wave 1, 2026-01-02 03:04Z: available: old cloud 2 baremetal, new cloud none"),
        ("ephyra: end, 2026-01-02 03:04Z: available: old cloud 1 baremetal, new cloud 1 baremetal"),
        (
            "ephyra: 1 of 1 nodes would have arrived by 2026-01-02 03:04Z, where each takes 30"
            " minutes (a guess: none was carried yet)"
        ),
    ]


def test_a_rollout_is_started_paused_resumed_and_stopped(ephyra: Run, file: str) -> None:
    assert value(ephyra, "start", file) == "running"
    assert value(ephyra, "pause", "spring", "--reason", "lunch", column="reason") == "lunch"
    assert value(ephyra, "show", "spring") == "paused"
    assert value(ephyra, "resume", "spring") == "running"
    assert value(ephyra, "approve", "spring") == "running"
    assert value(ephyra, "stop", "spring") == "stopping"
    assert value(ephyra, "list", column="name") == "spring"
    assert value(ephyra, "reverse", "spring", column="name") == "spring-back"
    history = json.loads(ephyra("rollout", "history", "spring", "-f", "json").out)
    assert [entry["kind"] for entry in history] == [
        *("started", "paused", "resumed", "approved", "stopped")
    ]


def test_its_nodes_are_told_in_words(ephyra: Run, file: str) -> None:
    ephyra("rollout", "start", file)

    assert (
        "0 of 7 arrived, 0 in flight, 0 wait for their owners, 0 held, 7 to be begun with"
        in ephyra("rollout", "show", "spring").out
    )


def test_nodes_that_went_back_and_that_wait_are_told_of(
    ephyra: Run, file: str, operations: FakeOperations
) -> None:
    rollouts = operations.rollouts
    ephyra("rollout", "start", file)
    wave = WaveAnswer(1, "canary", THEN, 3, 1, 1, 1, None, ())
    rollouts.put(replace(rollouts.one("spring"), begun=5, arrived=1, held=1, back=1, waves=(wave,)))

    shown = ephyra("rollout", "show", "spring").out

    assert (
        "1 of 7 arrived, 1 went back, 0 in flight, 0 wait for their owners, 1 held,"
        " 2 wait for their turn, 2 to be begun with"
    ) in shown
    assert "1 canary: 1 of 3 arrived, 1 held, 1 went back" in shown


def test_a_long_reason_is_shown_in_several_lines(ephyra: Run, file: str) -> None:
    ephyra("rollout", "start", file)
    ephyra("rollout", "pause", "spring", "--reason", "word " * 40)

    lines = ephyra("rollout", "show", "spring").out.splitlines()

    assert max(map(len, lines)) <= 100
    assert value(ephyra, "show", "spring", column="cause") == "operator"


def test_a_changed_file_is_shown_and_applied_only_with_yes(ephyra: Run, file: str) -> None:
    ephyra("rollout", "start", file)
    Path(file).write_text(f"{TEXT}limits: {{in_flight: 3}}\n")

    shown = ephyra("rollout", "apply", file, "-f", "value")
    assert shown.out == "limits.in_flight - 3\n"
    assert shown.err == "ephyra: nothing was applied; say --yes to apply this\n"

    assert ephyra("rollout", "apply", file, "--yes").err == "ephyra: 1 differences applied\n"
    again = ephyra("rollout", "apply", file, "--yes")
    assert again.err == "ephyra: nothing differs: nothing was applied\n"


def test_a_mistake_in_the_file_names_its_place(ephyra: Run, file: str) -> None:
    Path(file).write_text("name: spring\nnodes: {resource_clas: baremetal}\n")

    result = ephyra("rollout", "start", file)

    assert result.status == 1
    assert f"rollout file {file}, line 2, column 9: " in result.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file or directory: name a file that you may read"),
        (b"\xff", "it is not UTF-8 (byte 0): save it as UTF-8"),
        (b" " * (1024 * 1024 + 1), "over 1048576 bytes: make it smaller"),
    ],
)
def test_a_file_that_cannot_be_read(
    ephyra: Run, tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "file.yaml"
    if content is not None:
        path.write_bytes(content)

    result = ephyra("rollout", "start", str(path))

    assert (result.status, result.err) == (1, f"ephyra: rollout file {path}: {words}\n")


def test_a_rollout_that_is_over_points_at_its_report(
    ephyra: Run, operations: FakeOperations, file: str
) -> None:
    ephyra("rollout", "start", file)
    operations.rollouts.put(replace(operations.rollouts.one("spring"), status="finished"))

    assert ephyra("rollout", "show", "spring").err == (
        "ephyra: it is over: `ephyra report spring` tells its history, and what is left to see to\n"
    )

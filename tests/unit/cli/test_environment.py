# SPDX-License-Identifier: Apache-2.0
import json
import os
import pwd

import pytest

from ephyrad.cli.environment import KINDS
from ephyrad.environment.kinds import Kind
from tests.fakes.operations import FakeOperations
from tests.unit.cli.conftest import Run

ME = pwd.getpwuid(os.getuid()).pw_name


def test_the_command_knows_every_kind() -> None:
    assert tuple(Kind) == KINDS


def test_the_plan_shows_what_is_to_be_done(ephyra: Run) -> None:
    result = ephyra("environment", "plan", "-f", "value", "-c", "kind", "-c", "name", "-c", "todo")

    assert result.err == "ephyra: 1 in step, 1 to do, 1 that cannot be carried\n"
    assert result.out == "image debian create\nkeypair laptop problem\n"


def test_the_plan_shows_all_when_asked(ephyra: Run) -> None:
    result = ephyra("environment", "plan", "--all", "--kind", "flavor", "-f", "json")

    assert [item["todo"] for item in json.loads(result.out)] == ["in-step"]


def test_sync_says_what_is_begun(ephyra: Run, operations: FakeOperations) -> None:
    result = ephyra("environment", "sync", "--all", "-f", "json")

    assert result.err == "ephyra: 1 begun, 1 in step, 1 that cannot be carried\n"
    assert [item["why"] for item in json.loads(result.out)] == [
        f"create it in the new cloud, says {ME}",
        "the new cloud has no user ann: create it there",
    ]
    assert operations.asked == [("image", "1f")]


def test_sync_of_some(ephyra: Run, operations: FakeOperations) -> None:
    assert ephyra("environment", "sync", "--kind", "image", "--name", "debian").status == 0
    assert operations.asked == [("image", "1f")]


@pytest.mark.parametrize("arguments", [(), ("--all", "--kind", "image")])
def test_sync_wants_to_be_told_what(ephyra: Run, arguments: tuple[str, ...]) -> None:
    result = ephyra("environment", "sync", *arguments)

    assert result.status == 2
    assert "say what: --kind, --name or both, or --all alone" in result.err


def test_a_name_that_nobody_knows(ephyra: Run) -> None:
    result = ephyra("environment", "plan", "--name", "debain")

    assert result.status == 1
    assert result.err == "ephyra: neither cloud has debain\n"


def test_the_difference_has_both_values(ephyra: Run) -> None:
    found = json.loads(ephyra("environment", "diff", "-f", "json").out)

    assert found == [
        {"kind": "image", "name": "debian", "key": "1f", "path": "", "old": {"tags": []}}
        | {"new": None}
    ]


def test_no_difference_is_said_in_words(ephyra: Run) -> None:
    result = ephyra("environment", "diff", "--kind", "flavor")

    assert result.err == "ephyra: nothing differs\n"


def test_the_status_is_for_people(ephyra: Run) -> None:
    ephyra("environment", "sync", "--kind", "image")

    lines = ephyra("environment", "status").out.splitlines()

    def value(field: str) -> str:
        (line,) = (each for each in lines if each.startswith(f"| {field} "))
        return line.split("|")[2].strip()

    assert value("image") == (
        "kept in step; 0 in step, 1 to do, 0 that cannot be carried (5 s ago)"
    )
    assert value("flavor").startswith("on request; 1 in step")
    assert value("runbook") == "on request; the old cloud's release has none"
    assert value("problems") == (
        "keypair laptop: the new cloud has no user ann: create it there (unknown-owner)"
    )
    assert value("transfers") == "1f: 512 MiB of 1.0 GiB (50 %, 33 MiB/s)"


def test_the_status_before_any_comparison(ephyra: Run, operations: FakeOperations) -> None:
    operations.compared = False

    assert "on request; not compared yet" in ephyra("environment", "status").out

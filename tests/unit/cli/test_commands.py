# SPDX-License-Identifier: Apache-2.0
"""What the commands show, to people and to machines."""

import csv
import json
import os
import pwd
from dataclasses import replace
from io import StringIO
from textwrap import dedent

import pytest
import yaml

from tests.fakes.operations import FakeOperations
from tests.unit.cli.conftest import Run

ME = pwd.getpwuid(os.getuid()).pw_name


def table(text: str) -> str:
    return dedent(text).lstrip("\n")


def test_migrate_shows_what_was_taken_on(ephyra: Run, operations: FakeOperations) -> None:
    operations.migrate(["rack2"], by=ME)
    operations.pass_time(minutes=2)

    result = ephyra("migrate", "rack1", "rack2")

    assert result.status == 0
    assert result.err == "ephyra: 1 node taken on, 1 had been before\n"
    assert result.out == table("""
        +-------+------+------------------+--------+-----------+-----------+------+--------------------------------------+
        | name  | node | direction        | state  | since     | in_flight | held | doing                                |
        +-------+------+------------------+--------+-----------+-----------+------+--------------------------------------+
        | rack1 | 0a1b | to the new cloud | active | 0 s ago   | no        | no   | waits for its instance to be deleted |
        | rack2 | 0c2d | to the new cloud | active | 2 min ago | no        | no   | waits for its instance to be deleted |
        +-------+------+------------------+--------+-----------+-----------+------+--------------------------------------+
        """)  # noqa: E501


def test_a_node_is_returned(ephyra: Run, operations: FakeOperations) -> None:
    operations.migrate(["rack1", "rack2"], by=ME)
    for uuid in ("0a1b", "0c2d"):
        operations.put(replace(operations.node(uuid), state="compute-ready", doing="arrived"))

    result = ephyra("node", "return", "rack1", "rack2", "-f", "json")

    assert result.err == "ephyra: 2 nodes taken on\n"
    shown = json.loads(result.out)
    assert [(row["name"], row["direction"]) for row in shown] == [
        ("rack1", "back"),
        ("rack2", "back"),
    ]
    assert "back to the old cloud" in ephyra("node", "list").out
    again = ephyra("node", "return", "rack1")
    assert again.err == "ephyra: 0 nodes taken on, 1 had been before\n"


@pytest.mark.parametrize(
    ("direction", "words"),
    [("forward", "aborted: back to the old cloud"), ("back", "aborted: stays in the new cloud")],
)
def test_a_node_that_turned_round_does_not_seem_to_go_on(
    ephyra: Run, operations: FakeOperations, direction: str, words: str
) -> None:
    operations.migrate(["rack1"], by=ME)
    operations.put(replace(operations.node("0a1b"), direction=direction, aborted=True))

    assert words in ephyra("node", "list").out
    assert words in ephyra("node", "show", "rack1").out
    shown = json.loads(ephyra("node", "show", "rack1", "-f", "json").out)
    assert (shown["direction"], shown["aborted"]) == (direction, True)


def test_migrate_all_says_how_many(ephyra: Run) -> None:
    result = ephyra("migrate", "--all", "-f", "value", "-c", "name")

    assert result.err == "ephyra: 2 nodes taken on\n"
    assert result.out == "rack1\nrack2\n"


def test_quiet_means_quiet(ephyra: Run) -> None:
    result = ephyra("--quiet", "migrate", "--all", "-f", "value", "-c", "node")

    assert result.err == ""


def test_the_list_can_be_narrowed(ephyra: Run, operations: FakeOperations) -> None:
    operations.migrate_all(by=ME)
    operations.hold("rack2", reason="fan", by=ME)
    names = ("-f", "value", "-c", "name")

    assert ephyra("node", "list", *names).out == "rack1\nrack2\n"
    assert ephyra("node", "list", "--held", *names).out == "rack2\n"
    assert ephyra("node", "list", "--state", "active", "--state", "drained", *names).out == (
        "rack1\nrack2\n"
    )
    assert ephyra("node", "list", "--state", "drained", *names).out == ""


def test_a_list_is_plain_for_machines(ephyra: Run, operations: FakeOperations) -> None:
    operations.migrate(["rack1"], by=ME)
    expected = {
        "name": "rack1",
        "node": "0a1b",
        "direction": "forward",
        "state": "active",
        "since": "2026-01-02T03:04:05.678Z",
        "in_flight": False,
        "held": False,
        "doing": "waits for its instance to be deleted",
    }

    assert json.loads(ephyra("node", "list", "-f", "json").out) == [expected]
    assert yaml.safe_load(ephyra("node", "list", "-f", "yaml").out) == [expected]
    rows = list(csv.DictReader(StringIO(ephyra("node", "list", "-f", "csv").out)))
    assert rows == [{name: str(value) for name, value in expected.items()}]


def test_a_long_reason_is_told_in_lines_of_eighty(ephyra: Run, operations: FakeOperations) -> None:
    operations.migrate(["rack1"], by="ci")
    reason = "the fan is broken, " * 8
    operations.hold("rack1", reason=reason.strip(), by=ME)

    lines = ephyra("node", "show", "rack1").out.splitlines()

    assert max(map(len, lines)) <= len("| direction | ") + 80 + len(" |")
    assert sum("the fan is broken" in line for line in lines) > 1
    plain = ephyra("node", "show", "rack1", "-f", "value", "-c", "doing").out
    assert plain == f"{reason.strip()}\n"


def test_a_held_node_says_why_since_when_and_what_to_do(
    ephyra: Run, operations: FakeOperations
) -> None:
    operations.migrate(["rack1"], by="ci")
    operations.pass_time(hours=1)
    operations.hold("rack1", reason="the fan is broken", by=ME)
    operations.pass_time(minutes=5)

    result = ephyra("node", "show", "rack1")

    assert result.out == table("""
        +-----------+-----------------------------------------------+
        | Field     | Value                                         |
        +-----------+-----------------------------------------------+
        | node      | 0a1b                                          |
        | name      | rack1                                         |
        | direction | to the new cloud                              |
        | state     | active                                        |
        | since     | 2026-01-02 04:04:05Z (5 min ago)              |
        | in_flight | no                                            |
        | held      | since 2026-01-02 04:04:05Z (5 min ago)        |
        | cause     | operator                                      |
        | doing     | the fan is broken                             |
        | deadline  | 2026-01-16 03:04:05Z (in 13 d 22 h)           |
        | asked_at  | 2026-01-02 03:04:05Z (1 h 5 min ago)          |
        | asked_by  | ci                                            |
        | rewritten | -                                             |
        | notice    | -                                             |
        | aborted   | no                                            |
        | to_do     | remove the cause, then `ephyra release rack1` |
        +-----------+-----------------------------------------------+
        """)


def test_a_node_is_plain_for_machines(ephyra: Run, operations: FakeOperations) -> None:
    operations.migrate(["rack1"], by=ME)
    operations.hold("rack1", reason="fan", by=ME)

    shown = json.loads(ephyra("node", "show", "0a1b", "-f", "json").out)

    assert shown["held"] is True
    assert shown["since"] == "2026-01-02T03:04:05.678Z"


def test_hold_and_release_are_written_down(ephyra: Run, operations: FakeOperations) -> None:
    operations.migrate(["rack1"], by=ME)
    operations.pass_time(seconds=1)

    held = ephyra("hold", "rack1", "--reason", "fan", "-f", "value", "-c", "doing")
    released = ephyra("release", "rack1", "-f", "value", "-c", "held")
    history = ephyra("node", "history", "rack1", "-f", "value")

    assert (held.out, released.out) == ("fan\n", "False\n")
    assert history.out.splitlines() == [
        f"1 2026-01-02T03:04:05.678Z asked migration asked for by {ME}",
        f"2 2026-01-02T03:04:06.678Z hold fan (held by {ME})",
        f"3 2026-01-02T03:04:06.678Z lifted released by {ME}",
    ]


def test_an_abort_is_written_down(ephyra: Run, operations: FakeOperations) -> None:
    operations.migrate(["rack1"], by=ME)
    operations.hold("rack1", reason="fan", by=ME)

    shown = json.loads(ephyra("node", "abort", "rack1", "-f", "json").out)

    assert (shown["held"], shown["doing"]) == (False, "is on its way back")
    assert operations.history("rack1")[-1].summary == f"aborted by {ME}"


def test_the_whole_history_has_every_field(ephyra: Run, operations: FakeOperations) -> None:
    operations.migrate(["rack1"], by="ci")

    entries = json.loads(ephyra("node", "history", "rack1", "--full", "-f", "json").out)

    assert entries[0]["body"] == {"name": "rack1", "by": "ci"}


def test_the_status_reads_well_at_night(ephyra: Run, operations: FakeOperations) -> None:
    operations.migrate_all(by=ME)
    operations.hold("rack1", reason="fan", by=ME)
    operations.pass_time(seconds=4)

    result = ephyra("status")

    assert result.out == table("""
        +---------------+---------------------------------------------------------+
        | Field         | Value                                                   |
        +---------------+---------------------------------------------------------+
        | states        | active             2                                    |
        |               | drained            0                                    |
        |               | cleaning           0                                    |
        |               | transferred        0                                    |
        |               | registered         0                                    |
        |               | compute-ready      0                                    |
        | in_flight     | 0 of 10                                                 |
        | max_in_flight | 10                                                      |
        | held          | 1 (ephyra node list --held)                             |
        | waiting       | 1 (for an instance to go, or for their turn)            |
        | strays        | 0                                                       |
        | journal_error | -                                                       |
        | old_cloud     | bus: listening                                          |
        |               | last notification 4 s ago, 1234 so far                  |
        |               | 3 unreadable, the last 4 s ago: 3 no-json               |
        |               | last sweep 4 s ago                                      |
        | new_cloud     | bus: off                                                |
        |               | no notification yet                                     |
        |               | not swept yet                                           |
        |               | the last sweep failed: Ironic of the new cloud: refused |
        | ci            | queue: not read (no transport_url)                      |
        | started_at    | 2026-01-02 03:04:05Z (4 s ago)                          |
        | version       | 1.2.3                                                   |
        +---------------+---------------------------------------------------------+
        """)


def test_strays_are_told_listed_and_taken_on(ephyra: Run, operations: FakeOperations) -> None:
    operations.stray = {"rack9": "5f2e1d0c-0000-4000-8000-000000000009"}

    status, listed = ephyra("status"), ephyra("node", "strays", "-f", "value")
    taken = ephyra("migrate", "--strays", "-f", "value", "-c", "name")

    assert "1 (marked by ephyrad, not in its journal: ephyra node strays)" in status.out
    assert listed.out == "rack9 5f2e1d0c-0000-4000-8000-000000000009 None manageable\n"
    assert taken.out == "rack9\n"
    assert ephyra("node", "strays", "-f", "value").out.strip() == ""


def test_the_status_is_plain_for_machines(ephyra: Run) -> None:
    status = json.loads(ephyra("status", "-f", "json").out)

    assert status["states"]["active"] == 0
    assert (status["in_flight"], status["max_in_flight"], status["held"]) == (0, 10, 0)
    assert status["old_cloud"]["notifications"] == 1234


def test_a_name_with_odd_letters_finds_its_node(ephyra: Run, operations: FakeOperations) -> None:
    operations.old_cloud = {"rack 1ü?#%": "0e3f"}
    operations.migrate_all(by=ME)

    result = ephyra("node", "show", "rack 1ü?#%", "-f", "value", "-c", "node")

    assert result.out == "0e3f\n"

# SPDX-License-Identifier: Apache-2.0
import json
from dataclasses import replace
from datetime import timedelta

from ephyrad.engine.report_answers import ArrivalsAnswer, FiguresAnswer
from tests.fakes.operations import START, FakeOperations
from tests.unit.cli.conftest import Run

TEXT = """\
all nodes that were asked for, 2026-01-02 03:04Z

Nodes: 4 (3 arrived, 1 held)

How long, waits and holds included
             nodes  median  9 of 10 within  longest
  active         3   1 min           2 min    5 min
  whole way      3  30 min          40 min      1 h

Holds
                times  nodes  stand      median  9 of 10 within  longest
  clean-failed      2      1      1  1 min 30 s             2 h      2 h

Arrivals by 1 h: 3 within 2 h, 1.5 an hour
  2026-01-02 03:04Z     1 ####################
  2026-01-02 04:04Z     2 ########################################

Left in the old cloud

  1: held
    cure: mend it
    rack1 (0a1b): no <b>answer</b>

  1: an orphan
    cure: delete it
    0c

2 things are left to see to before the old cloud may be retired.
"""


def test_the_report_as_text(ephyra: Run) -> None:
    assert ephyra("report").out == TEXT


def test_the_report_as_json_has_all_of_it(ephyra: Run) -> None:
    answer = json.loads(ephyra("report", "-f", "json").out)

    assert answer["figures"]["holds"][0]["lasted"]["ninety_seconds"] == 7200
    assert answer["leftovers"][1]["things"] == [{"id": "0c", "name": "0c", "words": ""}]


def test_nothing_left_is_said(ephyra: Run, operations: FakeOperations) -> None:
    nothing = FiguresAnswer(0, {}, {}, None, (), 3600.0, ())
    operations.reported = replace(operations.reported, figures=nothing, leftovers=())

    assert ephyra("report").out.splitlines()[2:] == [
        "Nodes: 0",
        "",
        "Left in the old cloud",
        "",
        "Nothing is left: the old cloud may be retired.",
    ]


def test_its_own_queues_forbid_nothing(ephyra: Run, operations: FakeOperations) -> None:
    queues = replace(operations.reported.leftovers[1], kind="queues")
    operations.reported = replace(operations.reported, leftovers=(queues,))

    assert ephyra("report").out.endswith(
        "Nothing is left but ephyrad's own queues: the old cloud may be retired.\n"
    )


def test_what_could_not_be_read_forbids_a_verdict(ephyra: Run, operations: FakeOperations) -> None:
    operations.reported = replace(operations.reported, leftovers=(), unread=("HTTP 503",))

    out = ephyra("report").out

    assert "  could not be read: HTTP 503\n" in out
    assert out.endswith(
        "Not all of it could be read, so nobody can tell whether the old cloud may be retired.\n"
    )


def test_long_lists_are_cut_in_text(ephyra: Run, operations: FakeOperations) -> None:
    (held, _) = operations.reported.leftovers
    things = tuple(replace(held.things[0], id=str(number)) for number in range(30))
    pace = tuple(ArrivalsAnswer(START + timedelta(hours=hour), hour) for hour in range(50))
    operations.reported = replace(
        operations.reported,
        leftovers=(replace(held, things=things),),
        figures=replace(operations.reported.figures, pace=pace),
    )

    out = ephyra("report").out

    assert "    and 10 more; -f json" in out
    assert "  the last 48 of 50; -f json has all\n" in out


def test_a_rollouts_story_is_told(ephyra: Run, operations: FakeOperations, file: str) -> None:
    ephyra("rollout", "start", file)
    ephyra("rollout", "pause", "spring", "--reason", "lunch")

    lines = ephyra("report", "spring").out.splitlines()

    assert lines[0] == "rollout spring, 2026-01-02 03:04Z"
    assert lines[2] == "Rollout spring, paused: lunch"
    assert [line.split("Z  ")[1].split(" by ")[0] for line in lines[3:5]] == ["started", "paused"]


def test_a_rollout_that_is_not_there(ephyra: Run) -> None:
    result = ephyra("report", "autumn")

    assert (result.status, result.err) == (1, "ephyra: there is no rollout autumn\n")

# SPDX-License-Identifier: Apache-2.0
"""What an operator reads who looks before anything is done, and what the shell is told."""

import json

from ephyrad.engine.preflight_answers import ConcernedAnswer, FindingAnswer
from tests.fakes.operations import FakeOperations
from tests.unit.cli.conftest import Run

QUIET = FindingAnswer("remark", "old cloud", "bus", "nothing was heard since noon")
UNREAD = FindingAnswer("unjudged", "nodes", "unreachable", "HTTP 503")


def test_nothing_in_the_way_is_success(ephyra: Run) -> None:
    result = ephyra("preflight", "-f", "json")

    assert (result.status, json.loads(result.out)) == (0, [])
    assert result.err == (
        "ephyra: old cloud: Ironic 1.82; new cloud: Ironic 1.115, no Glance\n"
        "2 nodes with nothing in the way, 0 with problems, 0 that could not be judged\n"
    )


def test_a_remark_is_success(ephyra: Run, operations: FakeOperations) -> None:
    operations.findings = (QUIET,)

    assert ephyra("preflight").status == 0


def test_what_could_not_be_judged_is_none(ephyra: Run, operations: FakeOperations) -> None:
    operations.findings = (UNREAD,)

    assert ephyra("preflight").status == 1


def test_a_problem_is_none_and_a_machine_is_told_all_of_it(ephyra: Run) -> None:
    result = ephyra("preflight", "rack2", "--bmc", "-f", "json")

    assert result.status == 1
    assert json.loads(result.out) == [
        {
            "weight": "problem",
            "where": "nodes",
            "cause": "bmc-unreachable",
            "finding": "their BMCs are silent",
            "nodes": [{"node": "0c2d", "name": "rack2", "text": "the BMC of rack2 is silent"}],
        }
    ]


def test_people_read_lines_that_fit_and_a_few_names(
    ephyra: Run, operations: FakeOperations
) -> None:
    nodes = tuple(ConcernedAnswer(f"u{at}", f"rack{at}", "") for at in range(7))
    text = "the new cloud has no conductor of group 'rack': start one" * 4
    operations.findings = (FindingAnswer("problem", "nodes", "missing", text, nodes),)

    result = ephyra("preflight")

    assert all(len(line) <= 130 for line in result.out.splitlines())
    words = " ".join(line.split("|")[5].strip() for line in result.out.splitlines() if "|" in line)
    assert words.strip() == "nodes rack0, rack1, rack2, rack3, rack4 and 2 more"


def test_nodes_on_their_way_are_counted(ephyra: Run) -> None:
    ephyra("migrate", "rack1")

    assert ephyra("preflight").err.endswith("; 1 on their way or arrived\n")


def test_a_node_that_nobody_knows_is_refused(ephyra: Run) -> None:
    result = ephyra("preflight", "rack9")

    assert (result.status, result.out) == (1, "")
    assert result.err == "ephyra: the old cloud shows no node rack9\n"


def test_a_column_that_is_none_is_refused(ephyra: Run) -> None:
    result = ephyra("preflight", "-c", "text")

    assert result.status == 2
    assert "there is no column 'text': name one of weight, where, cause" in result.err

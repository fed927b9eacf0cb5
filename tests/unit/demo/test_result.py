# SPDX-License-Identifier: Apache-2.0
from tests.demo.result import check, reaction, ways
from tests.harness.verdict import Verdict

EQUAL = {
    "fields": (30, 30),
    "traits": (2, 2),
    "portgroups": (1, 1),
    "ports": (2, 2),
    "connectors": (1, 1),
    "targets": (0, 0),
}


def entry(kind: str, second: int) -> dict[str, str]:
    return {"kind": kind, "at": f"2026-01-01T00:00:{second:02}.500Z"}


def last_row(text: str) -> list[str]:
    return text.splitlines()[-1].split()


def test_a_way_has_the_seconds_to_each_state_and_all_of_them() -> None:
    moves = [entry("transition", second) for second in (1, 3, 6, 10, 15)]
    history = [entry("asked", 0), entry("intent", 1), *moves]

    shown = ways({"one": history}, in_use=["one"])

    assert last_row(shown) == ["one", "in", "use", "1.0", "2.0", "3.0", "4.0", "5.0", "15.0"]


def test_a_way_that_ended_early_has_dashes() -> None:
    shown = ways({"one": [entry("asked", 0), entry("transition", 2)]}, in_use=[])

    assert last_row(shown) == ["one", "idle", "2.0", "-", "-", "-", "-", "2.0"]


def test_a_node_that_is_right_is_counted() -> None:
    shown = check([Verdict("one", (), EQUAL)])

    assert last_row(shown) == ["one", "30/30", "2/2", "1/1", "2/2", "1/1", "none", "right"]


def test_a_node_with_a_complaint_is_wrong() -> None:
    shown = check([Verdict("one", ("no record",), {})])

    assert last_row(shown) == ["one", *["-"] * 6, "WRONG"]


def test_the_reaction_is_a_median() -> None:
    assert "median 0.20 s, longest 9.00 s, of 3" in reaction([0.1, 0.2, 9.0])


def test_no_reaction_is_no_mistake() -> None:
    assert reaction([]).startswith("no notification")

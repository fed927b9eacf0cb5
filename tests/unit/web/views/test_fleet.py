# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta

from ephyrad.engine.fleet_answers import FleetAnswer, MarkAnswer
from ephyrad.web.views.fleet import fleet_view, held_rows
from tests.fakes.fleet import BEGUN, FakeFleet


def fleet(*marks: MarkAnswer) -> FleetAnswer:
    return FakeFleet(list(marks)).marks("extra.rack")


def test_groups_are_in_the_order_of_their_numbers_and_those_without_come_last() -> None:
    names = ("r10", "", "r2", "a", "r2b", "10", "9")

    view = fleet_view(fleet(*(MarkAnswer(name, name, name) for name in names)))

    assert [each.name for each in view.groups] == [*("9", "10", "a", "r2", "r2b", "r10", "not set")]


def test_what_is_held_longest_comes_first() -> None:
    later = BEGUN + timedelta(minutes=1)
    rows = held_rows(
        fleet(
            MarkAnswer("1", "a", "", "cleaning", later, cause="x", reason="why"),
            MarkAnswer("2", "b", "", "cleaning", BEGUN, cause="x"),
        ),
        later,
    )

    assert [row.name for row in rows] == ["b", "a"]
    assert rows[1].words == "why"


def test_a_node_that_goes_back_says_so() -> None:
    mark = MarkAnswer("1", "a", "", "cleaning", BEGUN, direction="back")

    view = fleet_view(fleet(mark))

    (only,) = view.groups[0].marks
    assert only.title == "a: cleaning (back to the old cloud)"


def test_a_node_that_was_aborted_says_that_it_turned_round() -> None:
    mark = MarkAnswer("1", "a", "", "transferred", BEGUN, aborting=True)

    view = fleet_view(fleet(mark))

    (only,) = view.groups[0].marks
    assert only.title == "a: transferred (aborted, on its way back to the old cloud)"

# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import timedelta

from ephyrad.engine.answers import HistoryAnswer
from ephyrad.engine.fleet_answers import FleetAnswer, MarkAnswer
from ephyrad.web import views
from tests.fakes.fleet import BEGUN, FakeFleet
from tests.fakes.operations import FakeOperations
from tests.unit.web.test_page import rollout


def fleet(*marks: MarkAnswer) -> FleetAnswer:
    return FakeFleet(list(marks)).marks("extra.rack")


def front(found: FleetAnswer) -> views.FrontView:
    return views.front(FakeOperations().status(), found, None, None, BEGUN)


def test_groups_are_in_the_order_of_their_numbers_and_those_without_come_last() -> None:
    names = ("r10", "", "r2", "a", "r2b", "10", "9")

    view = front(fleet(*(MarkAnswer(name, name, name) for name in names)))

    assert [each.name for each in view.fleet.groups] == [
        *("9", "10", "a", "r2", "r2b", "r10", "not set")
    ]


def test_tiles_count_each_node_once_and_a_hold_hides_the_state() -> None:
    view = front(
        fleet(
            MarkAnswer("1", None, ""),
            MarkAnswer("2", None, "", "cleaning", BEGUN),
            MarkAnswer("3", None, "", "cleaning", BEGUN, cause="clean-failed"),
            MarkAnswer("4", None, "", "active", BEGUN, restored=True),
        )
    )

    counts = {tile.code: tile.count for tile in view.tiles if tile.count}
    assert counts == {"untouched": 1, "cleaning": 1, "held": 1, "back": 1}


def test_what_is_held_longest_comes_first() -> None:
    later = BEGUN + timedelta(minutes=1)
    view = front(
        fleet(
            MarkAnswer("1", "a", "", "cleaning", later, cause="x", reason="why"),
            MarkAnswer("2", "b", "", "cleaning", BEGUN, cause="x"),
        )
    )

    assert [row.name for row in view.held] == ["b", "a"]
    assert view.held[1].words == "why"


def test_a_node_that_goes_back_says_so() -> None:
    mark = MarkAnswer("1", "a", "", "cleaning", BEGUN, direction="back")

    view = front(fleet(mark))

    (only,) = view.fleet.groups[0].marks
    assert only.title == "a: cleaning (back to the old cloud)"


def test_the_plan_is_told_in_words() -> None:
    course = FakeFleet().burn_up("spring")
    now = BEGUN + timedelta(minutes=30)

    view = views.front(FakeOperations().status(), fleet(), rollout(), course, now).rollout

    assert view is not None
    assert view.told == (
        "1 of 4 nodes arrived; by its plan, at a guess of 30 minutes a node, 1 would have"
    )


def test_an_estimate_is_the_same_for_a_while() -> None:
    course = FakeFleet().burn_up("spring")
    status = FakeOperations().status()

    seen = {
        views.front(
            status,
            fleet(),
            rollout(pace=3, eta=BEGUN + timedelta(hours=2, seconds=seconds)),
            course,
            BEGUN + timedelta(seconds=seconds),
        )
        for seconds in range(0, 50, 7)
    }

    assert len(seen) == 1


def test_the_line_moves_on_no_finer_than_can_be_seen() -> None:
    course = replace(FakeFleet().burn_up("spring"), arrived=(), planned=())
    status = FakeOperations().status()
    half_a_day = BEGUN + timedelta(hours=12)

    charts = {
        views.front(
            status, fleet(), rollout(), course, half_a_day + timedelta(seconds=seconds)
        ).rollout
        for seconds in range(0, 60, 7)
    }

    assert len(charts) == 1


def test_a_timeline_says_how_long_each_step_took() -> None:
    operations = FakeOperations(rack1="0a1b")
    operations.migrate_all(by="ann")
    times = (0, 0.2, 75, 90_075)
    history = [
        HistoryAnswer(seq, BEGUN + timedelta(seconds=at), "intent", "w", {})
        for seq, at in enumerate(times, 1)
    ]

    view = views.node_view(operations.node("rack1"), history)

    assert [each.after for each in reversed(view.story)] == ["", "", "1 min 14 s", "1 d 1 h"]
    assert view.steps[:2] == (("active", "now"), ("drained", "to come"))

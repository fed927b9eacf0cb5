# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta

from ephyrad.migration.direction import Direction
from ephyrad.migration.entries import Aborting, Asked, Entry, Held, Lifted, Moved, Restored
from ephyrad.migration.states import FORTH, State, Trigger
from ephyrad.migration.steps import Cause
from ephyrad.rollout.declaration import Declaration, Selection
from ephyrad.rollout.entries import Ended
from ephyrad.rollout.figures import Arrivals, Spread, figures, journeys_of, outcome, spread
from ephyrad.rollout.journeys import journeys
from tests.unit.rollout.builders import MINUTE, NOON, Story

HOUR = timedelta(hours=1)


def asked(minute: int = 0, direction: Direction = Direction.FORWARD) -> Asked:
    return Asked(NOON + minute * MINUTE, "rack1", "rollout spring", direction)


def moved(minute: int, dest: State) -> Moved:
    edge = next(edge for edge in FORTH if edge.dest is dest)
    return Moved(NOON + minute * MINUTE, edge.trigger, edge.source, dest, "")


def held(minute: int, cause: Cause = Cause.UNVERIFIED) -> Held:
    return Held(NOON + minute * MINUTE, cause, "no answer", lifts_itself=False)


def way(start: int = 0, step: int = 10, direction: Direction = Direction.FORWARD) -> list[Entry]:
    """A journey without trouble: so many minutes in each state."""
    states = [state for state in State if state is not State.ACTIVE]
    return [
        asked(start, direction),
        *(moved(start + number * step, state) for number, state in enumerate(states, 1)),
    ]


def test_each_journey_of_a_node_stands_alone() -> None:
    there, back = journeys("n", [*way(), *way(100, direction=Direction.BACK)])

    assert (there.direction, back.direction) == (Direction.FORWARD, Direction.BACK)
    assert there.ended == NOON + 50 * MINUTE
    assert back.asked_at == NOON + 100 * MINUTE
    assert (outcome(there), outcome(back)) == ("arrived", "arrived")


def test_an_aborted_journey_went_back_and_is_asked_for_again() -> None:
    entries: list[Entry] = [
        asked(),
        moved(10, State.DRAINED),
        held(20),
        Aborting(NOON + 30 * MINUTE, "operator"),
        Moved(NOON + 40 * MINUTE, Trigger.RESTORE, State.DRAINED, State.ACTIVE, ""),
        Restored(NOON + 50 * MINUTE, ""),
        asked(60),
    ]

    first, second = journeys("n", entries)

    assert [outcome(each) for each in (first, second)] == ["went back", "under way"]
    assert first.aborted
    assert [hold.until for hold in first.holds] == [NOON + 30 * MINUTE]


def test_a_hold_lasts_until_it_is_lifted_or_another_one_comes() -> None:
    lifted = Lifted(NOON + 30 * MINUTE, "operator")
    entries: list[Entry] = [asked(), held(10), held(20, Cause.REFUSED), lifted, held(40)]

    (journey,) = journeys("n", entries)

    assert [(hold.cause, hold.until) for hold in journey.holds] == [
        (Cause.UNVERIFIED, NOON + 20 * MINUTE),
        (Cause.REFUSED, NOON + 30 * MINUTE),
        (Cause.UNVERIFIED, None),
    ]
    assert outcome(journey) == "held"


def test_a_spread_has_its_middle_and_what_nine_of_ten_stay_within() -> None:
    assert spread([MINUTE]) == Spread(1, MINUTE, MINUTE, MINUTE)
    assert spread([2 * MINUTE, 1 * MINUTE]) == Spread(2, 1.5 * MINUTE, 2 * MINUTE, 2 * MINUTE)
    ten = spread(number * MINUTE for number in range(1, 11))
    assert (ten.median, ten.ninety, ten.longest) == (5.5 * MINUTE, 9 * MINUTE, 10 * MINUTE)


def test_figures_of_journeys() -> None:
    told = [journeys("a", way()), journeys("b", way(step=20)), journeys("c", [asked(), held(10)])]

    found = figures([each for its in told for each in its], NOON + HOUR)

    assert (found.nodes, dict(found.outcomes)) == (3, {"arrived": 2, "held": 1})
    assert list(found.states) == [state for state in State if state is not State.COMPUTE_READY]
    assert found.states[State.CLEANING] == Spread(2, 15 * MINUTE, 20 * MINUTE, 20 * MINUTE)
    assert found.whole == Spread(2, 75 * MINUTE, 100 * MINUTE, 100 * MINUTE)
    (holds,) = found.holds
    assert (holds.cause, holds.count, holds.nodes, holds.standing) == (Cause.UNVERIFIED, 1, 1, 1)
    assert holds.lasted.longest == 50 * MINUTE


def test_no_hour_is_missing_from_the_pace() -> None:
    told = [each for start in (0, 5, 180) for each in journeys("n", way(start, step=1))]

    found = figures(told, NOON + 5 * HOUR)

    assert found.step == HOUR
    assert found.pace == tuple(
        Arrivals(NOON + hour * HOUR, count) for hour, count in enumerate((2, 0, 0, 1))
    )


def test_a_long_campaign_has_longer_steps() -> None:
    days = 120
    told = [each for day in range(days) for each in journeys("n", way(day * 24 * 60))]

    found = figures(told, NOON + days * 24 * HOUR)

    assert found.step == 24 * HOUR
    assert [point.arrived for point in found.pace] == [1] * days


def test_nothing_has_no_figures() -> None:
    found = figures([], NOON)

    assert (found.nodes, found.states, found.whole, found.holds, found.pace) == (
        0,
        {},
        None,
        (),
        (),
    )


def test_a_rollout_has_the_last_journey_that_its_nodes_made_by_it() -> None:
    story = Story(at=NOON + 60 * MINUTE).opened("a", "b", "c", "d")
    story.tell(Ended(NOON + 200 * MINUTE, "over"))
    told = {
        "a": journeys("a", [*way(), *way(100, direction=Direction.BACK)]),
        "b": journeys("b", [*way(70), *way(300)]),
        "c": journeys("c", [asked(30), moved(40, State.DRAINED)]),
    }

    found = journeys_of(story.rollout, told)

    assert [(each.node, each.asked_at) for each in found] == [
        ("b", NOON + 70 * MINUTE),
        ("c", NOON + 30 * MINUTE),
    ]


def test_a_rollout_back_has_the_journeys_back() -> None:
    declared = Declaration("spring-back", (Selection(),), direction=Direction.BACK)
    story = Story(at=NOON + 60 * MINUTE, declared=declared).opened("a")
    told = {"a": journeys("a", [*way(), *way(100, direction=Direction.BACK)])}

    (found,) = journeys_of(story.rollout, told)

    assert found.direction is Direction.BACK

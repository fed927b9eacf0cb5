# SPDX-License-Identifier: Apache-2.0
"""What a rollout does next."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import CloudName
from ephyrad.migration.migration import Migration, OnHold
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause
from ephyrad.rollout.declaration import (
    Amount,
    ApprovalGate,
    Budget,
    CommandGate,
    Deadlines,
    Floor,
    Limits,
    Rate,
    Selection,
    WaveRule,
    Window,
)
from ephyrad.rollout.entries import (
    Approved,
    Ended,
    GateBegun,
    GateEnded,
    PauseCause,
    Paused,
    Resumed,
    Stopped,
)
from ephyrad.rollout.moves import (
    End,
    Pause,
    Rest,
    TryGate,
)
from ephyrad.rollout.rollout import Status
from ephyrad.rollout.verdict import Result
from tests.unit.rollout.builders import (
    MINUTE,
    NOON,
    Story,
    aborted,
    arrived,
    begun,
    held,
    migration,
    node,
    why,
)

CANARY = (WaveRule("canary", Amount(2), gates=("smoke",)), WaveRule("batch", Amount(percent=50)))
DAY = timedelta(days=1)
SMOKE = {"smoke": CommandGate(("/bin/true",), MINUTE)}


def test_waves_are_filled_in_order_and_the_last_rule_goes_on() -> None:
    story = Story([node(f"n{number}") for number in range(1, 11)]).declares(waves=CANARY)

    assert story.opens() == ["n1", "n2"]
    story.declares(gates={}, waves=(WaveRule("canary", Amount(2)), CANARY[1]))
    story.opened("n1", "n2").has(arrived("n1"), arrived("n2"))
    assert story.opens() == ["n3", "n4", "n5", "n6", "n7"]
    story.opened("n3", "n4", "n5", "n6", "n7").has(*map(arrived, ("n3", "n4", "n5", "n6", "n7")))
    assert story.opens() == ["n8", "n9", "n10"]


def test_a_part_of_a_node_is_a_node() -> None:
    story = Story([node("a"), node("b")]).declares(waves=(WaveRule("w", Amount(percent=1)),))

    assert story.opens() == ["a"]


def test_nodes_are_begun_with_in_the_waves_order_as_far_as_there_is_room() -> None:
    story = Story([node("a"), node("b")]).opened("b", "a")

    assert begun(story) == "b"
    assert why(story, room=0) == "all slots are taken (max_in_flight)"


def test_several_are_begun_with_at_once_within_all_bounds() -> None:
    racks = {name: {"extra.rack": name[0]} for name in ("a1", "a2", "b1", "b2", "c1")}
    story = Story([node(name) for name in racks] + [node("x", instance="i")])
    story.declares(
        limits=Limits(in_flight=9, by_value={"extra.rack": 1}, starts=Rate(3, MINUTE)),
        floors=(Floor(CloudName.OLD, "baremetal", Amount(2)),),
    ).opened(*racks, **racks)

    assert begun(story, room=9) == "a1b1c1"
    assert begun(story, room=2) == "a1b1"
    story.declares(floors=(Floor(CloudName.OLD, "baremetal", Amount(3)),))
    assert begun(story, room=9) == "a1b1"
    story.declares(floors=(), limits=Limits(starts=Rate(2, MINUTE)))
    assert begun(story, room=9) == "a1a2"


def test_a_node_in_use_needs_no_room() -> None:
    story = Story([node("a"), node("b", instance="i")]).opened("a", "b")

    assert begun(story, room=0) == "b"


def test_what_was_asked_for_needs_room_before_it_takes_a_slot() -> None:
    story = Story([node("a"), node("b")]).opened("a", "b").has(migration("a"))

    assert why(story, room=1) == "all slots are taken (max_in_flight)"
    assert begun(story, room=2) == "b"


def test_the_rollouts_own_limit_counts_what_is_intended() -> None:
    story = Story([node("a"), node("b")]).declares(limits=Limits(in_flight=1)).opened("a", "b")
    story.has(migration("a"))

    assert why(story) == "1 of 1 nodes of the rollout are in flight"


@pytest.mark.parametrize(
    "journey",
    [
        held("a"),
        arrived("a"),
        migration("a", intents=1, was_in_use=True),
    ],
    ids=["held", "arrived", "waiting for its owner"],
)
def test_what_is_not_in_flight_takes_no_part_of_a_limit(journey: object) -> None:
    story = Story([node("a"), node("b")]).declares(limits=Limits(in_flight=1)).opened("a", "b")

    assert begun(story.has(journey)) == "b"  # type: ignore[arg-type]


def test_another_rack_goes_on_where_one_is_full() -> None:
    racks = {"a": {"extra.rack": "1"}, "b": {"extra.rack": "1"}, "c": {"extra.rack": "2"}}
    story = Story([node(name) for name in racks])
    story.declares(limits=Limits(by_value={"extra.rack": 1})).opened(*racks, **racks)
    story.has(migration("a", State.CLEANING))

    assert begun(story) == "c"
    story.has(migration("c", State.CLEANING))
    assert why(story) == "1 of 1 nodes of extra.rack 1 are in flight"


def test_starts_are_spaced_out() -> None:
    story = Story([node("a"), node("b"), node("c")]).opened("a", "b", "c")
    story.declares(limits=Limits(starts=Rate(2, 10 * MINUTE)))
    story.has(arrived("a"), migration("b", State.CLEANING, at=NOON + MINUTE))
    story.at = NOON + 2 * MINUTE

    move = story.move()

    assert isinstance(move, Rest)
    assert move.again == NOON + 10 * MINUTE
    story.at = NOON + 10 * MINUTE
    assert begun(story) == "c"


def test_nothing_is_begun_with_outside_of_the_window() -> None:
    night = Window(frozenset({2}), time(22), time(6), "Europe/Berlin")
    story = Story([node("a")]).declares(windows=(night,)).opened("a")

    move = story.move()

    assert isinstance(move, Rest)
    assert move.again == NOON.replace(hour=21)
    story.at = NOON.replace(hour=21)
    assert begun(story) == "a"


def test_the_old_clouds_floor_is_kept_while_somebody_uses_the_class() -> None:
    floor = Floor(CloudName.OLD, "bare*", Amount(1))
    story = Story([node("a"), node("b", instance="i")]).declares(floors=(floor,)).opened("a")

    assert "at least 1 has to be" in why(story)
    story.old |= {"b": node("b")}
    assert begun(story) == "a"


def test_a_floor_counts_what_is_intended() -> None:
    floor = Floor(CloudName.OLD, "baremetal", Amount(1))
    story = Story([node("a"), node("b"), node("c", instance="i")])
    story.declares(floors=(floor,)).opened("a", "b")

    assert begun(story) == "a"
    story.has(migration("a"))
    assert "1 node of baremetal is available in the old cloud" in why(story)


def test_a_floor_in_percent_is_of_both_clouds_nodes() -> None:
    floor = Floor(CloudName.OLD, "baremetal", Amount(percent=50))
    story = Story([node("a"), node("b"), node("c", instance="i")], new=[node("d")])

    assert begun(story.declares(floors=(floor,)).opened("a", "b")) is None


def test_an_unavailable_node_breaks_no_floor() -> None:
    floor = Floor(CloudName.OLD, "baremetal", Amount(5))
    story = Story([node("a", maintenance=True), node("b", instance="i")])

    assert begun(story.declares(floors=(floor,)).opened("a")) == "a"


def test_a_wave_is_over_when_its_nodes_arrived_or_are_held() -> None:
    story = Story([node("a"), node("b"), node("c"), node("d")]).declares(waves=CANARY, gates=SMOKE)
    story.opened("a", "b").has(arrived("a"), migration("b", State.REGISTERED))

    assert why(story) == "the nodes of wave 1 to arrive"
    assert story.has(held("b")).move() == TryGate(1, "smoke")


def test_nothing_follows_a_wave_of_which_all_that_did_not_go_back_is_held() -> None:
    story = Story([node(name) for name in "abc"]).opened("a", "b").has(aborted("a"), held("b"))

    assert why(story).startswith("a node of wave 1 to arrive before it opens the next: none did")
    assert story.has(aborted("b")).opens() == ["c"]
    assert story.has(held("b"), arrived("a")).opens() == ["c"]


def test_a_person_may_let_it_go_on_after_a_wave_that_is_held() -> None:
    story = Story([node(name) for name in "abc"]).declares(gates={"smoke": ApprovalGate()})
    story.declares(waves=CANARY).opened("a", "b").has(held("a"), held("b"))

    assert story.tell(Approved(NOON, "operator", 1)).opens() == ["c"]


def test_owners_are_not_waited_for_when_something_has_arrived() -> None:
    waits = migration("b", intents=1, was_in_use=True)
    story = Story([node("a"), node("b", instance="i"), node("c")]).opened("a", "b").has(waits)

    assert begun(story) == "a"
    story.has(migration("a", State.CLEANING))
    assert why(story) == "the nodes of wave 1 to arrive"
    assert story.has(arrived("a")).opens() == ["c"]
    story.declares(waves=(WaveRule("all", waits_for_owners=True),))
    assert why(story) == "the nodes of wave 1 to arrive"


def test_a_gate_is_tried_and_its_pass_opens_the_next_wave() -> None:
    story = Story([node("a"), node("b"), node("c")]).declares(waves=CANARY, gates=SMOKE)
    story.opened("a", "b").has(arrived("a"), arrived("b"))

    assert story.move() == TryGate(1, "smoke")
    story.tell(GateBegun(NOON, "r1", 1, "smoke"))
    assert why(story, under_way=("r1",)) == "gate smoke after wave 1"
    assert story.move() == TryGate(1, "smoke"), "ephyrad ended in the middle of it"
    story.tell(GateEnded(NOON, "r1", Result.PASS, "exit status 0", ""))
    assert story.opens() == ["c"]


@pytest.mark.parametrize("result", [Result.FAIL, Result.UNCLEAR])
def test_what_is_no_clear_pass_pauses(result: Result) -> None:
    story = Story([node("a"), node("b"), node("c")]).declares(waves=CANARY, gates=SMOKE)
    story.opened("a", "b").has(arrived("a"), arrived("b"))
    story.tell(GateBegun(NOON, "r1", 1, "smoke"), GateEnded(NOON, "r1", result, "status 3", ""))

    move = story.move()

    assert isinstance(move, Pause)
    assert move.cause is PauseCause.GATE
    assert "gate smoke after wave 1 did not pass (status 3)" in move.reason
    story.tell(Paused(NOON, "ephyrad", move.cause, move.reason))
    assert isinstance(story.move(), Rest)
    assert story.tell(Resumed(NOON, "operator")).move() == TryGate(1, "smoke")


def test_a_person_approves() -> None:
    story = Story([node("a"), node("b"), node("c")])
    story.declares(waves=CANARY, gates={"smoke": ApprovalGate()})
    story.opened("a", "b").has(arrived("a"), arrived("b"))

    assert why(story) == "somebody to approve wave 1 (`ephyra rollout approve spring`)"
    assert story.tell(Approved(NOON, "operator", 1)).opens() == ["c"]


def test_too_many_held_nodes_pause_it_until_an_operator_resumes() -> None:
    story = Story([node(name) for name in "abcd"]).declares(budget=Budget(held=Amount(percent=50)))
    story.opened(*"abcd").has(held("a", at=NOON + MINUTE))

    assert begun(story) == "b"
    move = story.has(held("b", at=NOON + MINUTE)).move()
    assert isinstance(move, Pause)
    assert move.cause is PauseCause.BUDGET
    assert move.reason.startswith("2 nodes are held, and 2 are too many: a, b (no answer)")
    story.tell(Paused(NOON, "ephyrad", move.cause, move.reason))
    story.tell(Resumed(NOON + 2 * MINUTE, "operator"))
    assert begun(story) == "c", "he saw them"
    story.has(held("c", at=NOON + 3 * MINUTE))
    assert begun(story) == "d"


def test_a_budget_of_one_is_told_in_few_words() -> None:
    story = Story([node("a")]).declares(budget=Budget(held=Amount(1))).opened("a")
    long = " ".join(["word"] * 100)

    move = story.has(held("a", at=NOON + MINUTE, reason=long)).move()

    assert isinstance(move, Pause)
    assert move.reason.startswith("1 node is held, and 1 is too many: a (word word")
    assert len(move.reason) < 320
    assert "word ...): mend it" in move.reason


def test_an_operators_hold_is_no_failure() -> None:
    story = Story([node("a"), node("b")]).declares(budget=Budget(held=Amount(1))).opened("a", "b")

    assert begun(story.has(held("a", at=NOON + MINUTE, cause=Cause.OPERATOR))) == "b"


def test_a_row_of_failures_pauses_it() -> None:
    story = Story([node(name) for name in "abcd"]).declares(budget=Budget(in_a_row=2))
    story.opened(*"abcd").has(held("a", at=NOON + MINUTE), arrived("b", at=NOON + 2 * MINUTE))
    story.has(held("c", at=NOON + 3 * MINUTE))

    assert begun(story) == "d"
    move = story.has(held("b", at=NOON + 2 * MINUTE)).move()
    assert isinstance(move, Pause)
    assert "the last 3 nodes were held one after the other" in move.reason


def test_past_its_deadline_it_pauses_once() -> None:
    story = Story([node("a")]).declares(deadlines=Deadlines(rollout=timedelta(hours=1)))
    story.opened("a")
    story.at = NOON + timedelta(hours=1)

    move = story.move()

    assert isinstance(move, Pause)
    assert move.cause is PauseCause.DEADLINE
    story.tell(Paused(story.at, "ephyrad", move.cause, move.reason), Resumed(story.at, "operator"))
    assert begun(story) == "a"


def test_stopped_it_ends_when_nothing_is_in_flight() -> None:
    story = Story([node("a"), node("b")]).opened("a", "b").has(migration("a", State.CLEANING))

    story.tell(Stopped(NOON, "operator"))

    assert why(story) == "1 node in flight to end"
    move = story.has(arrived("a")).move()
    assert move == End("it was stopped")
    story.tell(Ended(NOON, "it was stopped"))
    assert story.rollout.status is Status.STOPPED


def test_it_ends_when_all_arrived() -> None:
    story = Story([node("a")]).opened("a").has(arrived("a"))
    story.old = {}

    move = story.move()

    assert move == End("1 node arrived, and none is left")
    assert story.tell(Ended(NOON, move.words)).rollout.status is Status.FINISHED


def test_it_does_not_end_with_a_held_node() -> None:
    story = Story([node("a"), node("b")]).opened("a", "b").has(arrived("a"), held("b"))
    story.old = {}

    assert why(story).startswith("every node was begun with; 1 is held, and 0 wait")


def test_a_node_that_came_later_gets_into_a_later_wave() -> None:
    story = Story([node("a")]).opened("a").has(arrived("a"))
    story.old = {"z": node("z")}

    assert story.opens() == ["z"]


def test_a_node_that_is_excluded_meanwhile_is_not_begun_with() -> None:
    story = Story([node("a"), node("b")]).opened("a", "b")

    story.declares(exclude=(Selection(names=("a",)),))

    assert begun(story) == "b"


def test_a_node_that_arrived_in_an_earlier_rollout_is_no_matter_of_this_one() -> None:
    before = arrived("a", at=NOON - timedelta(days=14))
    story = Story([node("a")]).has(before).opened("a")

    assert begun(story) == "a"


@pytest.mark.parametrize("direction", Direction)
def test_an_aborted_node_is_left_where_it_was(direction: Direction) -> None:
    story = Story([node("a"), node("b")])
    story = story.returns() if direction is Direction.BACK else story
    story.opened("a", "b").has(
        *(replace(each, direction=direction) for each in (aborted("a"), arrived("b")))
    )

    move = story.move()

    assert move == End("1 node arrived, 1 went back, and none is left")


def test_a_released_node_on_its_way_is_not_waiting_for_its_owner() -> None:
    story = Story([node("a"), node("b")])
    story.declares(waves=(WaveRule("one", Amount(2)), WaveRule("rest"))).opened("a", "b")
    released = migration("a", State.TRANSFERRED, was_in_use=True, released=True)
    story.old["c"] = node("c")

    assert why(story.has(arrived("b"), released)) == "the nodes of wave 1 to arrive"


def test_a_held_node_that_may_have_been_withdrawn_is_not_counted_as_available() -> None:
    nodes = [node("used", instance="i"), node("a"), node("b")]
    story = Story(nodes).declares(floors=(Floor(CloudName.OLD, "*", Amount(1)),)).opened("a", "b")
    hold = OnHold(NOON, Cause.UNFIT, "x", lifts_itself=False)

    waits_for = why(story.has(migration("a", intents=1, hold=hold)))

    assert "1 node of baremetal is available" in waits_for


def test_a_node_that_was_under_way_and_arrived_since_is_one_of_the_rollout() -> None:
    story = Story([node("b")]).opened("a", "b")

    story.has(*(replace(arrived(each, at=NOON + MINUTE), asked_at=NOON - DAY) for each in "ab"))

    assert story.move() == End("2 nodes arrived, and none is left")


def test_a_node_that_goes_back_is_waited_for() -> None:
    story = Story([node("a"), node("b", instance="i")]).opened("a", "b").has(arrived("a"))

    story.has(migration("b", intents=2, was_in_use=True, aborting=True, released=True))

    assert why(story) == "the nodes of wave 1 to arrive"


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(aborted("a", at=NOON - DAY, since=NOON - MINUTE), id="aborted"),
        pytest.param(
            replace(arrived("a"), asked_at=NOON - DAY, direction=Direction.BACK), id="returned"
        ),
    ],
)
def test_a_node_that_came_back_before_the_rollout_goes_with_it(before: Migration) -> None:
    story = Story([node("a")]).has(before).opened("a")

    assert begun(story) == "a"
    story.has(replace(migration("a", State.CLEANING), direction=Direction.FORWARD))
    assert why(story) == "the nodes of wave 1 to arrive"


@pytest.mark.parametrize(
    "since",
    [
        pytest.param(migration("a", State.DRAINED, at=NOON - DAY), id="returns since before"),
        pytest.param(migration("a", State.DRAINED, at=NOON + MINUTE), id="returns"),
        pytest.param(arrived("a", at=NOON + MINUTE), id="returned"),
    ],
)
def test_a_node_that_somebody_returns_is_not_begun_with(since: Migration) -> None:
    story = Story([node("a")]).opened("a").has(replace(since, direction=Direction.BACK))

    assert isinstance(story.move(), End)


def test_a_node_that_was_under_way_and_is_aborted_since_is_not_begun_with_anew() -> None:
    story = Story([node("a")]).opened("a")

    story.has(aborted("a", at=NOON - DAY, since=NOON + MINUTE))

    assert isinstance(story.move(), End)


def test_a_way_back_begins_with_the_nodes_of_the_new_cloud() -> None:
    story = Story([node("a"), node("b")]).returns()
    story.has(*(replace(arrived(name), asked_at=NOON - DAY) for name in "ab"))

    assert story.opens() == ["a", "b"]
    assert begun(story.opened("a", "b"), room=2) == "ab"
    story.has(replace(arrived("a"), direction=Direction.BACK))
    assert begun(story, room=2) == "b"

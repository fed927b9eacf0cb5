# SPDX-License-Identifier: Apache-2.0
"""How often an effect is tried, how long a wait lasts, and what a hold does to both."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ephyrad.migration.effects import (
    CreateNode,
    CreateParts,
    Effect,
    FenceNode,
    PartKind,
    RetireNode,
    WithdrawNode,
)
from ephyrad.migration.outcomes import Done, Outcome, Refused, Underway, Unknown, Unreachable
from ephyrad.migration.policy import Policy
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause, Hold, Lift, Perform, Rest, WaitUntil
from tests.unit.migration.builders import (
    NOW,
    PORT,
    TARGET,
    cleaned_road,
    migration,
    new_node,
    old_node,
    ready_to_delete,
    records,
    sighting,
    transferred_road,
    withheld,
)
from tests.unit.migration.scenarios import Scenario, decide, holds, play

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
KEPT = migration().kept()
IDLE = sighting(old_node())
TRYING = "withdraw from scheduling in the old cloud (manage)"
LOCKED = Unreachable("node is locked by host old-conductor-1")


@pytest.mark.parametrize(
    ("tries", "pause"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 30), (7, 30), (60, 30)]
)
def test_the_pause_doubles_up_to_half_a_minute(tries: int, pause: int) -> None:
    before = KEPT.tried(WithdrawNode(), LOCKED, times=tries, ago=(pause - 1) * SECOND)
    after = KEPT.tried(WithdrawNode(), LOCKED, times=tries, ago=pause * SECOND)
    tried = NOW - (pause - 1) * SECOND

    assert decide(after, IDLE) == Perform(WithdrawNode())
    assert decide(before, IDLE) == WaitUntil(
        f"the next try to {TRYING}", tried + timedelta(minutes=15), tried + pause * SECOND
    )


@pytest.mark.parametrize("outcome", [Done(), Underway(), LOCKED, Unknown("timed out")])
def test_an_effect_whose_mark_is_not_seen_is_tried_again(outcome: Outcome) -> None:
    road = KEPT.tried(WithdrawNode(), outcome, ago=75 * SECOND)

    assert decide(road, IDLE) == Perform(WithdrawNode())


def test_a_call_that_may_still_be_done_is_looked_for_and_not_made_again() -> None:
    road = KEPT.tried(WithdrawNode(), Unknown("timed out"), ago=74 * SECOND)
    tried = NOW - 74 * SECOND

    assert decide(road, IDLE) == WaitUntil(
        f"a call that may be done still: {TRYING}", tried + timedelta(minutes=15), NOW + SECOND
    )
    assert decide(road, sighting(old_node().in_state("manageable"))) != decide(road, IDLE)


_TRIED = CreateParts({PartKind.PORT: (PORT,), PartKind.TARGET: (TARGET,)}, traits=True)
_LEFT = replace(records(traits=()), targets=())


@pytest.mark.parametrize(
    ("outcome", "ago", "step"),
    [
        (Unknown("timed out"), 74, WaitUntil),
        (None, 74, WaitUntil),
        (Unknown("timed out"), 75, Perform),
        (LOCKED, 0, WaitUntil),
        (LOCKED, 1, Perform),
        (Refused(409, "exists already"), 75, Hold),
    ],
)
def test_what_is_left_of_several_records_is_another_try(
    outcome: Outcome | None, ago: int, step: type
) -> None:
    made, since = cleaned_road().created(), ago * SECOND
    road = (
        made.tried(_TRIED, outcome, ago=since) if outcome else made.interrupted(_TRIED, ago=since)
    )

    decided = decide(road, sighting(ready_to_delete(), new_node(), new_records=_LEFT))

    assert type(decided) is step
    if isinstance(decided, Perform):
        assert decided.effect == CreateParts({PartKind.TARGET: (TARGET,)}, traits=True)
        again = road.tried(decided.effect).now
        assert again.attempt is not None
        assert (again.attempt.tries, again.attempt.effect) == (2, decided.effect)
        assert again.intents == road.now.intents


@pytest.mark.parametrize(
    "tried",
    [
        CreateParts({PartKind.PORT: (PORT,)}, traits=True),
        CreateParts({PartKind.TARGET: (TARGET,)}),
        CreateNode(automated_clean=False),
    ],
)
def test_what_was_not_tried_is_no_other_try(tried: Effect) -> None:
    road = cleaned_road().created().tried(tried, Unknown("timed out"), ago=1 * SECOND)

    decided = decide(road, sighting(ready_to_delete(), new_node(), new_records=_LEFT))

    assert decided == Perform(CreateParts({PartKind.TARGET: (TARGET,)}, traits=True))


def test_it_is_looked_for_every_few_seconds() -> None:
    road = KEPT.tried(WithdrawNode(), Unknown("timed out"), ago=0 * SECOND)

    step = decide(road, IDLE)

    assert isinstance(step, WaitUntil)
    assert step.again == NOW + Policy().look_again


def test_an_effect_that_a_crash_cut_off_is_looked_for_first() -> None:
    fresh = KEPT.interrupted(WithdrawNode(), ago=74 * SECOND)
    settled = KEPT.interrupted(WithdrawNode(), ago=75 * SECOND)
    cut_off = NOW - 74 * SECOND

    assert decide(fresh, IDLE) == WaitUntil(
        f"a call that may be done still: {TRYING}", cut_off + timedelta(minutes=15), NOW + SECOND
    )
    assert decide(settled, IDLE) == Perform(WithdrawNode())


def test_an_effect_that_crashes_cut_off_again_and_again_is_given_up() -> None:
    road = KEPT.interrupted(WithdrawNode(), ago=16 * MINUTE).interrupted(WithdrawNode())

    play(Scenario("is crashed upon", road, IDLE, holds(Cause.UNREACHABLE, "ephyrad ended in the")))


@pytest.mark.parametrize("outcome", [None, Unknown("timed out")])
def test_a_release_does_not_forget_a_call_that_may_still_be_done(outcome: Outcome | None) -> None:
    ago = 20 * SECOND
    road = KEPT.tried(WithdrawNode(), outcome, ago=ago) if outcome else KEPT
    road = road if outcome else road.interrupted(WithdrawNode(), ago=ago)

    step = decide(road.held().released(), IDLE)

    assert isinstance(step, WaitUntil)
    assert step.again == NOW + Policy().look_again


def test_another_effect_is_not_kept_waiting() -> None:
    road = KEPT.tried(WithdrawNode(), Refused(400, "no"), ago=0 * SECOND)

    step = decide(road, sighting(old_node().in_state("manageable")))

    assert step == Perform(RetireNode(in_use=False))


@pytest.mark.parametrize(
    ("outcome", "cause", "words"),
    [
        (
            Refused(409, "it is deploying"),
            Cause.REFUSED,
            f"could not {TRYING}: it is deploying (HTTP 409): mend what it names, then release",
        ),
        (
            LOCKED,
            Cause.UNREACHABLE,
            "in 2 tries: node is locked by host old-conductor-1: see to that cloud, then release",
        ),
        (Unknown("timed out"), Cause.UNREACHABLE, "in 2 tries: timed out"),
        (Done(), Cause.UNREACHABLE, "it was accepted, but nothing of it is seen"),
        (Underway(), Cause.UNREACHABLE, "it was accepted, but nothing of it is seen"),
    ],
)
def test_what_is_tried_in_vain_is_held(outcome: Outcome, cause: Cause, words: str) -> None:
    road = KEPT.tried(WithdrawNode(), outcome, ago=15 * MINUTE).tried(
        WithdrawNode(), outcome, ago=SECOND
    )

    play(Scenario("tried for long", road, IDLE, holds(cause, words)))


def test_a_node_that_was_tried_once_only_says_so() -> None:
    road = KEPT.tried(WithdrawNode(), LOCKED)

    play(
        Scenario(
            "may be tried once",
            road,
            IDLE,
            holds(Cause.UNREACHABLE, f"could not {TRYING} in one try"),
            policy=Policy(retry_for=0 * SECOND),
        )
    )


def test_no_try_is_made_at_the_very_deadline() -> None:
    road = KEPT.tried(WithdrawNode(), LOCKED, ago=SECOND)

    play(
        Scenario(
            "has no time left",
            road,
            IDLE,
            holds(Cause.UNREACHABLE, "in one try"),
            policy=Policy(retry_for=SECOND),
        )
    )


def test_a_daemon_that_was_down_tries_again_before_it_gives_up() -> None:
    road = KEPT.tried(WithdrawNode(), LOCKED, ago=timedelta(hours=8))

    assert decide(road, IDLE) == Perform(WithdrawNode())

    again = road.tried(WithdrawNode(), LOCKED)
    play(Scenario("is tried in vain", again, IDLE, holds(Cause.UNREACHABLE, "in 2 tries")))


def test_what_somebody_undid_long_after_is_done_again() -> None:
    road = migration(asked=timedelta(days=10)).retired_in_use(ago=timedelta(days=10))
    unretired = sighting(old_node().in_state("active").with_instance())

    assert decide(road, unretired) == Perform(RetireNode(in_use=True))


def test_a_hold_that_was_released_forgives_the_tries() -> None:
    road = KEPT.tried(WithdrawNode(), Refused(400, "no")).held().released()

    assert decide(road, IDLE) == Perform(WithdrawNode())


WAITING = sighting(
    old_node().in_state("manageable").retired(), old_compute=withheld(servers=("x",))
)


def test_a_wait_that_is_over_is_held() -> None:
    road = migration(asked=timedelta(hours=1)).retired_idle(ago=30 * MINUTE)

    play(
        Scenario(
            "is waited for in vain",
            road,
            WAITING,
            holds(
                Cause.DEADLINE,
                "waited in vain until 2026-11-21 12:00:00 UTC for the old Nova to forget",
                "see to it; the node goes on by itself when that is over",
                lifts_itself=True,
            ),
        )
    )


def test_what_was_waited_for_in_vain_may_come_after_all() -> None:
    road = migration(asked=timedelta(hours=1)).retired_idle(ago=30 * MINUTE)
    hold = decide(road, WAITING)
    assert isinstance(hold, Hold)
    held = road.held(hold.cause, hold.reason, lifts_itself=hold.lifts_itself)

    assert decide(held, WAITING) == Rest(again=NOW + MINUTE)
    assert decide(held, sighting(old_node().in_state("manageable").retired())) == Lift()


def test_a_release_gives_a_wait_its_time_again() -> None:
    road = migration(asked=timedelta(hours=1)).retired_idle().held(Cause.DEADLINE).released()

    step = decide(road, WAITING)

    assert isinstance(step, WaitUntil)
    assert step.deadline == NOW + 29 * MINUTE


def test_a_wait_of_an_untouched_node_is_held_until_it_is_over() -> None:
    road = migration(asked=timedelta(days=1)).kept()
    deploying = old_node().in_state("deploying", ago=timedelta(hours=5))

    step = decide(road, sighting(deploying))

    assert isinstance(step, Hold)
    assert (step.cause, step.lifts_itself) == (Cause.DEADLINE, True)
    held = road.held(step.cause, step.reason, lifts_itself=True)
    assert decide(held, sighting(deploying)) == Rest(again=NOW + MINUTE)
    assert decide(held, sighting(old_node())) == Lift()


HELD = KEPT.held(Cause.MAINTENANCE, "it is in maintenance", lifts_itself=True)


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario("is held by an operator", KEPT.held(), IDLE, Rest()),
        Scenario(
            "is held after it was touched",
            cleaned_road().held(Cause.REFUSED),
            sighting(old_node().in_state("manageable").retired()),
            Rest(),
        ),
        Scenario("is held until a cause is gone that is gone", HELD, IDLE, Lift()),
        Scenario(
            "is held for another cause meanwhile",
            HELD,
            sighting(old_node().protected()),
            holds(Cause.PROTECTED, lifts_itself=True),
        ),
        Scenario(
            "has arrived",
            transferred_road().in_state(State.COMPUTE_READY),
            sighting(None, new_node()),
            Rest(),
        ),
    ],
    ids=str,
)
def test_a_node_that(scenario: Scenario) -> None:
    play(scenario)


def test_a_node_that_is_held_for_the_same_cause_is_looked_at_again_later() -> None:
    maintained = sighting(old_node().in_maintenance("disk broken"))
    hold = decide(KEPT, maintained)
    assert isinstance(hold, Hold)

    step = decide(KEPT.held(hold.cause, hold.reason, lifts_itself=True), maintained)

    assert step == Rest(again=NOW + MINUTE)


def test_a_fence_that_is_taken_away_again_and_again_is_given_up() -> None:
    road = transferred_road().tried(FenceNode(), ago=20 * MINUTE)
    unfenced = sighting(old_node().in_state("manageable").retired(), new_node())
    assert decide(road, unfenced) == Perform(FenceNode())

    fighting = road.tried(FenceNode(), times=3, ago=SECOND)

    play(Scenario("is fought over", fighting, unfenced, holds(Cause.UNREACHABLE, "in 4 tries")))


HELD_FENCED = transferred_road().held(Cause.DIFFERENT, "its record was changed")
BARE = old_node().in_state("manageable").retired()
MANAGED = new_node().in_state("manageable").powered("power off")


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(
            "is held, and loses its fence while the new cloud owns it",
            HELD_FENCED,
            sighting(BARE, MANAGED),
            Perform(FenceNode()),
        ),
        Scenario(
            "is held, and loses its fence again and again",
            HELD_FENCED.tried(FenceNode(), times=9, ago=30 * SECOND),
            sighting(BARE, MANAGED),
            Perform(FenceNode()),
        ),
        Scenario(
            "is held, and has just lost its fence once more",
            HELD_FENCED.tried(FenceNode(), times=9, ago=29 * SECOND),
            sighting(BARE, MANAGED),
            Rest(again=NOW + SECOND),
        ),
        Scenario(
            "is held, and cannot be fenced for the moment",
            HELD_FENCED.tried(FenceNode(), Refused(403, "no"), ago=2 * MINUTE),
            sighting(BARE, MANAGED),
            Perform(FenceNode()),
        ),
        Scenario("is held and in enroll", HELD_FENCED, sighting(BARE, new_node()), Rest()),
        Scenario("is held and gone there", HELD_FENCED, sighting(BARE, None), Rest()),
        Scenario(
            "was moved on from enroll before it was whole",
            cleaned_road().created().held(Cause.CONFLICT),
            sighting(BARE, MANAGED),
            Perform(FenceNode()),
        ),
    ],
    ids=str,
)
def test_a_fence_is_kept_of_a_node_that(scenario: Scenario) -> None:
    play(scenario)


def test_the_same_effect_for_another_reason_is_another_effect() -> None:
    refused = KEPT.tried(RetireNode(in_use=True), Refused(409, "it is deploying"))

    step = decide(refused, sighting(old_node().in_state("manageable")))

    assert step == Perform(RetireNode(in_use=False))

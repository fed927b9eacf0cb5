# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta

from ephyrad.migration.states import State
from ephyrad.rollout.entries import PauseCause, Paused, Stopped
from ephyrad.rollout.outlook import Outlook, outlook
from tests.unit.rollout.builders import MINUTE, NOON, Story, arrived, held, migration, node

HOUR = timedelta(hours=1)


def later(story: Story, length: timedelta) -> Outlook:
    story.at += length
    return outlook(story.standing)


def test_what_is_to_come_arrives_at_the_pace_of_the_last_hour() -> None:
    story = Story([node("c"), node("d"), node("e", instance="i")]).opened("a", "b", "c")
    story.has(
        arrived("a", at=NOON + 10 * MINUTE),
        arrived("b", at=NOON + 90 * MINUTE),
        migration("c", State.CLEANING),
    )

    # c is under way, d is to be begun with, and of e only its owner decides.
    assert later(story, 2 * HOUR) == Outlook(1, NOON + 4 * HOUR, "")


def test_a_young_rollouts_pace_is_of_its_own_time() -> None:
    story = Story([node("b"), node("c")]).opened("a").has(arrived("a", at=NOON + 5 * MINUTE))

    assert later(story, 30 * MINUTE) == Outlook(1, NOON + 90 * MINUTE, "")


def test_a_stopped_rollout_ends_with_what_is_in_flight() -> None:
    story = Story([node("b"), node("c")]).opened("a", "b", "c")
    story.has(arrived("a"), migration("b", State.CLEANING)).tell(Stopped(NOON, "operator"))

    assert later(story, HOUR).end == NOON + 2 * HOUR


def test_why_nobody_can_tell() -> None:
    paused = Story([node("a")]).tell(Paused(NOON, "me", PauseCause.OPERATOR, "lunch"))
    stuck = Story([node("b", instance="i")]).opened("a", "b")
    stuck.has(held("a"), migration("b", was_in_use=True))

    assert later(paused, HOUR).why == "it is paused"
    assert later(stuck, HOUR).why == "what is left is held (1) or waits for its owner (1)"
    assert later(Story([node("a")]), HOUR).why == (
        "nothing arrived within the last hour; 1 are to come"
    )
    assert later(Story(), HOUR).why == "nothing is to come but what its owners use"

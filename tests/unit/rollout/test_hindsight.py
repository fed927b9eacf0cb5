# SPDX-License-Identifier: Apache-2.0
"""The plan of a rollout that was begun, seen from today."""

from datetime import timedelta

from ephyrad.migration.facts import Provision
from ephyrad.migration.states import State
from ephyrad.rollout.declaration import Amount, WaveRule
from ephyrad.rollout.forecast import Pace
from ephyrad.rollout.hindsight import hindsight
from tests.unit.rollout.builders import MINUTE, NOON, Story, arrived, migration, node, zones

PACE = Pace(timedelta(minutes=20), slots=1)
LATER = NOON + timedelta(hours=5)


def planned(story: Story) -> list[int]:
    """The minutes after the start at which nodes would have arrived."""
    found = hindsight(story.standing, pace=PACE, zones=zones)
    return [(at - NOON) // MINUTE for at in found]


def test_before_anything_was_done_it_is_the_forecast() -> None:
    assert planned(Story([node("a"), node("b")])) == [20, 40]


def test_what_arrived_is_planned_from_the_start_whenever_it_came() -> None:
    story = Story([node("a"), node("b"), node("c")]).opened("a", "b", "c")
    story.has(arrived("a", at=LATER), migration("b", State.CLEANING, at=LATER))
    story.new = [node("a", instance="its new owner's")]
    story.old = {"b": node("b", state=Provision.CLEANING, maintenance=True), "c": node("c")}
    story.at = LATER

    assert planned(story) == [20, 40, 60]


def test_what_its_owner_uses_still_is_in_no_plan() -> None:
    story = Story([node("a"), node("b", instance="i")]).opened("a", "b")
    story.has(migration("b", was_in_use=True))

    assert planned(story) == [20]


def test_waves_and_the_way_back_are_heeded() -> None:
    story = Story([node("a"), node("b")]).returns()
    story.declares(waves=(WaveRule("one", Amount(1)),)).opened("a")

    assert planned(story) == [20, 40]

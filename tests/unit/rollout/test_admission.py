# SPDX-License-Identifier: Apache-2.0
"""Whether a node that was asked for may be taken from those that are available."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from ephyrad.migration.facts import CloudName, Provision
from ephyrad.rollout.admission import Look, below_floor, refusal
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.declaration import Amount, Floor, Window
from ephyrad.rollout.entries import PauseCause, Paused
from tests.unit.rollout.builders import NOON, Story, node, zones

_FLOOR = (Floor(CloudName.OLD, "*", Amount(1)),)
_USED = node("used", instance="i")


def _refusal(
    *nodes: Candidate, of: str = "a", taken: frozenset[str] = frozenset(), age: float = 0.0
) -> str | None:
    story = Story(nodes).declares(floors=_FLOOR)
    look = Look(NOON - timedelta(seconds=age), {each.uuid: each for each in nodes}, {})
    return below_floor(story.rollout, of, look=look, taken=taken, at=NOON)


def _kept(story: Story, *, begun: bool) -> str | None:
    return refusal(
        story.rollout, "a", members={"a": {}}, in_flight=(), begun=begun, at=NOON, zones=zones
    )


def test_none_begins_while_it_pauses_and_what_has_begun_goes_on() -> None:
    story = Story([node("a")]).opened("a")
    story.tell(Paused(NOON, "operator", PauseCause.OPERATOR, "lunch"))

    assert _kept(story, begun=False) == "rollout spring is paused"
    assert _kept(story, begun=True) is None


def test_none_begins_outside_of_a_window() -> None:
    night = Window(frozenset(range(7)), time(22), time(6))
    story = Story([node("a")]).declares(windows=(night,)).opened("a")

    assert _kept(story, begun=False) == "no window of rollout spring is open"
    assert _kept(story, begun=True) is None


def test_the_last_spare_one_stays() -> None:
    assert _refusal(_USED, node("a"), node("b")) is None
    why = _refusal(_USED, node("a"))
    assert why is not None
    assert "1 node of baremetal is available in the old cloud, and at least 1" in why


def test_those_that_were_taken_since_the_look_count_no_more() -> None:
    assert _refusal(_USED, node("a"), node("b"), taken=frozenset({"b"})) is not None


def test_nobody_needs_a_spare_one_where_nobody_uses_any() -> None:
    assert _refusal(node("a")) is None


def test_one_that_people_cannot_have_is_no_loss() -> None:
    manageable = node("a", state=Provision.MANAGEABLE)
    retired = node("a", state=Provision.CLEANING)
    retired = replace(retired, facts=replace(retired.facts, retired=True))

    assert _refusal(_USED, manageable) is None
    assert _refusal(_USED, retired) is None


@pytest.mark.parametrize("age", [31.0, -1.0])
def test_a_look_that_is_too_old_or_of_the_future_says_nothing(age: float) -> None:
    why = _refusal(_USED, node("a"), node("b"), age=age)

    assert why == "its floors are looked after: both clouds are looked at anew"

# SPDX-License-Identifier: Apache-2.0
"""A way back is decided on as a way forward, with the clouds' roles swapped and the right words."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from ephyrad.migration import marks, mirror
from ephyrad.migration.direction import Direction
from ephyrad.migration.effects import DeleteNode, ManageNode, ReleaseInstance, describe
from ephyrad.migration.entries import Intended, Noticed
from ephyrad.migration.facts import CloudName, NodeFacts
from ephyrad.migration.marks import Mark
from ephyrad.migration.migration import Migration, evolve, intent_for
from ephyrad.migration.next_step import next_step
from ephyrad.migration.outcomes import Refused
from ephyrad.migration.policy import Policy
from ephyrad.migration.steps import Cause, Hold, Settle, WaitUntil
from tests.unit.migration.arbitrary import SCENARIOS
from tests.unit.migration.builders import (
    NOW,
    SERVER,
    cleaned_notification,
    new_node,
    old_node,
    transferred_road,
)
from tests.unit.migration.scenarios import Scenario, as_looked

BACK = Direction.BACK


def back(migration: Migration) -> Migration:
    """The migration of a way back that is as far as one of a way forward."""
    return replace(mirror.migration(migration), direction=BACK)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_both_ways_are_one_road(scenario: Scenario) -> None:
    forward = scenario.given.now
    seen = as_looked(scenario.seen, forward, scenario.policy)

    said = next_step(forward, seen, scenario.policy)
    said_back = next_step(back(forward), seen, scenario.policy)

    assert as_looked(scenario.seen, back(forward), scenario.policy) == seen
    assert said_back == mirror.step(said)
    assert mirror.step(said_back) == said
    match said_back:
        case Hold(reason=text) | Settle(because=text) | WaitUntil(what=text):
            assert bool(re.search(r"\b(old|new) ", text)) == (mirror.step(said_back) != said_back)
        case _:
            pass


def test_what_an_operator_answered_is_forgotten_on_both_ways_alike() -> None:
    """`manage` voids the answer to what became of the record in the cloud that is entered."""
    answered = frozenset({Cause.OLD_GONE, Cause.NEW_GONE})
    forward = replace(transferred_road().now, answered=answered)
    managed = Intended(NOW, intent_for(forward, ManageNode()), ManageNode())

    assert evolve(forward, managed).answered == {Cause.OLD_GONE}
    assert evolve(back(forward), managed).answered == {Cause.NEW_GONE}


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (Cause.MISSING, "missing-in-old-cloud"),
        (Cause.OLD_GONE, "gone-from-new-cloud"),
        (Cause.NEW_GONE, "gone-from-old-cloud"),
        (Cause.PROTECTED, "protected"),
    ],
)
def test_causes_name_the_right_cloud(role: Cause, said: str) -> None:
    step = mirror.step(Hold(role, "for this reason"))

    assert isinstance(step, Hold)
    assert step.cause == said


def test_what_is_quoted_comes_out_as_it_went_in() -> None:
    """A refusal and a person's reason name the clouds as whoever said it did."""
    reason = "the new cloud's rack has no power"
    seen = mirror.node(old_node().in_maintenance(reason).facts, BACK)
    hold = mirror.step(Hold(Cause.MAINTENANCE, f"maintenance in the old cloud ({seen})"))
    assert isinstance(hold, Hold)
    assert reason in hold.reason
    assert "maintenance in the new cloud (" in hold.reason


def test_a_refusal_is_told_in_its_own_words() -> None:
    scenario = next(each for each in SCENARIOS if each.given.now.attempt is not None)
    attempt = scenario.given.now.attempt
    assert attempt is not None
    words = "Ironic of the new cloud: no"
    given = replace(scenario.given.now, attempt=replace(attempt, outcome=Refused(400, words)))

    shown = mirror.migration(given)

    assert shown.attempt is not None
    assert shown.attempt.outcome == Refused(400, "Ironic of the old cloud: no")
    assert mirror.migration(shown) == given


def test_whose_word_it_is_to_delete_an_instance_is_quoted() -> None:
    notice = Noticed(NOW, SERVER, NOW, "the new cloud's CI")
    given = replace(SCENARIOS[0].given.now, notice=notice)

    shown = mirror.migration(given).notice

    assert shown == replace(notice, by="the old cloud's CI")
    assert mirror.migration(mirror.migration(given)) == given


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("automated_clean", [None, True, False])
def test_only_marks_of_its_own_direction_are_a_migrations(
    direction: Direction, automated_clean: bool | None
) -> None:
    mark = Mark(automated_clean, direction)
    reason = marks.retired(mark)
    bare = old_node().in_state("manageable").facts
    leaving = replace(
        bare,
        retired=True,
        retired_reason=reason,
        maintenance=True,
        maintenance_reason=direction.words(marks.FENCED),
    )
    entering = replace(bare, mark=marks.of_extra(marks.with_mark({}, mark)))

    for way in Direction:
        mine = way is direction
        seen, other = mirror.node(leaving, way), mirror.node(entering, way)
        assert marks.is_retired(seen.retired_reason) is mine
        assert (seen.maintenance_reason == marks.FENCED) is mine
        assert (other.mark is not None) is mine
    assert marks.of_retired(mirror.node(leaving, direction).retired_reason) == Mark(automated_clean)
    for name in CloudName:
        assert mirror.marked_for(leaving, name) is direction
        assert mirror.marked_for(entering, name) is direction


def _shielded() -> NodeFacts:
    return new_node().in_maintenance(marks.SHIELDED).facts


@pytest.mark.parametrize(
    ("found", "where", "direction"),
    [
        (_shielded(), CloudName.NEW, Direction.FORWARD),
        (_shielded(), CloudName.OLD, Direction.BACK),
        (old_node().facts, CloudName.OLD, None),
        (old_node().in_maintenance().facts, CloudName.NEW, None),
    ],
)
def test_a_stray_tells_in_which_direction_it_was_carried(
    found: NodeFacts, where: CloudName, direction: Direction | None
) -> None:
    assert mirror.marked_for(found, where) is direction
    assert mirror.bears_a_mark(found) is (direction is not None)


def test_the_new_cloud_is_the_one_that_is_left() -> None:
    assert mirror.cloud(CloudName.OLD, BACK) is CloudName.NEW
    assert mirror.notification(cleaned_notification(), BACK).cloud is CloudName.NEW
    assert describe(DeleteNode(), BACK) == "delete the record in the new cloud"
    released = describe(ReleaseInstance(SERVER), BACK)
    assert released == f"delete the instance in the new cloud ({SERVER})"


def test_the_policy_is_turned_round() -> None:
    policy = Policy(old_compute=False, drain_timeout=timedelta(days=1))

    turned = policy.facing(BACK)

    assert (turned.old_compute, turned.new_compute) == (True, False)
    assert turned.drain_timeout == timedelta(days=1)
    assert policy.facing(Direction.FORWARD) is policy

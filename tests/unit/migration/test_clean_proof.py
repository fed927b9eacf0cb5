# SPDX-License-Identifier: Apache-2.0
"""What proves that the old cloud cleaned a node for this migration, and what does not."""

from datetime import timedelta

import pytest

from ephyrad.migration.facts import CloudName, Notification
from ephyrad.migration.states import State
from ephyrad.migration.steps import Owe, Witness
from tests.unit.migration.builders import (
    NOW,
    Node,
    cleaned_notification,
    fault,
    migration,
    old_node,
    sighting,
)
from tests.unit.migration.scenarios import decide

HOUR = timedelta(hours=1)
WAS_IN_USE = migration().retired_in_use().in_state(State.CLEANING)
WAS_IDLE = migration().retired_idle().in_state(State.CLEANING)
CLEANED = old_node().in_state("manageable", ago=HOUR).retired()
NOTIFIED = cleaned_notification(ago=HOUR)
BY_NOTIFICATION = Witness("notification 4286e62c: cleaning -> manageable")
BY_HISTORY = Witness(
    f"manageable since {NOW - HOUR}, retired while in use, automated_clean,"
    " and no error recorded since"
)
UNPROVEN = Owe("its cleaning in the old cloud was not seen to complete")


def test_the_notification_of_the_transition_proves_it() -> None:
    seen = sighting(CLEANED, faults=(fault("power"),), notifications=(NOTIFIED,))

    assert decide(WAS_IN_USE, seen) == BY_NOTIFICATION


def test_a_database_with_fractions_of_seconds_shows_the_same_moment() -> None:
    at = old_node().in_state("manageable", ago=HOUR - timedelta(microseconds=123)).retired()

    assert decide(WAS_IN_USE, sighting(at, notifications=(NOTIFIED,))) == BY_NOTIFICATION


def test_a_history_without_new_errors_proves_it() -> None:
    assert decide(WAS_IN_USE, sighting(CLEANED)) == BY_HISTORY


def test_an_error_from_before_the_retirement_does_not_speak_against_it() -> None:
    old_fault = fault(ago=timedelta(days=3))
    road = migration().retired_in_use(last_fault=old_fault.at).in_state(State.CLEANING)

    assert decide(road, sighting(CLEANED, faults=(old_fault,))) == BY_HISTORY


@pytest.mark.parametrize(
    "notification",
    [
        cleaned_notification(ago=2 * HOUR),
        cleaned_notification(ago=HOUR, cloud=CloudName.NEW),
        cleaned_notification(ago=HOUR, previous_provision_state="clean failed"),
        cleaned_notification(ago=HOUR, provision_state="available"),
        cleaned_notification(ago=HOUR, provision_updated_at=None),
        cleaned_notification(ago=HOUR, provision_updated_at="an hour ago"),
        cleaned_notification(ago=HOUR, provision_updated_at="2026-11-21T11:00:00"),
    ],
    ids=[
        "of an earlier cleaning",
        "of the other cloud",
        "of another transition",
        "of a node that was made available",
        "without a time",
        "with a time that is none",
        "with a time without a zone",
    ],
)
def test_this_notification_proves_nothing(notification: Notification) -> None:
    seen = sighting(CLEANED, faults=None, notifications=(notification,))

    assert decide(WAS_IN_USE, seen) == UNPROVEN


def test_without_a_history_only_a_notification_proves_it() -> None:
    assert decide(WAS_IN_USE, sighting(CLEANED, faults=None)) == UNPROVEN


def test_an_error_in_the_history_since_speaks_against_it() -> None:
    assert decide(WAS_IN_USE, sighting(CLEANED, faults=(fault(),))) == UNPROVEN


@pytest.mark.parametrize(
    "node",
    [
        CLEANED.with_error("Clean step failed"),
        CLEANED.in_maintenance("clean failed", fault="clean failure"),
        CLEANED.in_maintenance("a cable"),
        CLEANED.with_fault("power failure"),
        CLEANED.automated_clean(value=False),
    ],
    ids=["an error", "a fault", "a maintenance", "a fault alone", "no automated_clean"],
)
def test_what_speaks_against_it_outweighs_a_notification(node: Node) -> None:
    assert decide(WAS_IN_USE, sighting(node, notifications=(NOTIFIED,))) == UNPROVEN


def test_a_node_that_was_idle_when_it_was_retired_was_not_cleaned_for_it() -> None:
    step = decide(WAS_IDLE, sighting(CLEANED, notifications=(NOTIFIED,)))

    assert step == Owe("it was idle: a retired node cannot be cleaned again in the old cloud")


def test_a_node_that_was_withdrawn_after_all_was_not_cleaned_for_it() -> None:
    road = migration().retired_in_use().retired_idle().in_state(State.CLEANING)

    assert isinstance(decide(road, sighting(CLEANED)), Owe)

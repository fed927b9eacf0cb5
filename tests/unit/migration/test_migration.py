# SPDX-License-Identifier: Apache-2.0
"""A migration is the fold of its journal."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ephyrad.migration.attempt import Attempt
from ephyrad.migration.document import Before
from ephyrad.migration.effects import (
    CreateNode,
    DeleteNode,
    FenceNode,
    ManageNode,
    RetireNode,
    WithdrawNode,
)
from ephyrad.migration.entries import Asked, Concluded, Held, Kept
from ephyrad.migration.migration import Migration, OnHold, evolve, fold, intent_for
from ephyrad.migration.outcomes import Done, Refused, Unreachable
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause
from tests.unit.migration.builders import (
    JUST_NOW,
    NODE,
    NOW,
    Road,
    cleaned_road,
    migration,
    owed_road,
    transferred_road,
)

THEN = NOW - JUST_NOW
ASKED = migration()
LOCKED = Unreachable("locked")


def test_a_request_begins_a_migration() -> None:
    assert ASKED.now == Migration(
        node=NODE, name="metal-1", asked_at=THEN, asked_by="operator", since=THEN, seq=1
    )


def test_no_entries_are_no_migration() -> None:
    assert fold(NODE, []) is None


def test_a_journal_that_begins_otherwise_is_refused() -> None:
    with pytest.raises(ValueError, match=f"the journal of node {NODE} does not begin with"):
        fold(NODE, [Held(NOW, Cause.OPERATOR, "why not", lifts_itself=False)])


def test_every_entry_counts() -> None:
    road = cleaned_road().created().held().released()

    assert road.now.seq == len(road.entries)


def test_asking_again_changes_nothing_else() -> None:
    again = ASKED.then(Asked(NOW, "metal-2", "somebody else"))

    assert again.now == replace(ASKED.now, seq=2)


def test_what_was_before_is_what_the_first_document_says() -> None:
    road = ASKED.then(
        Kept(THEN, False, Before(None), ()), Kept(NOW, True, Before(automated_clean=True), ())
    )

    assert (road.now.before, road.now.kept_final) == (Before(None), True)


def test_a_document_that_was_final_stays_final() -> None:
    assert ASKED.kept(final=True).kept().now.kept_final


def test_an_intent_is_an_attempt_without_an_outcome() -> None:
    found = ASKED.interrupted(WithdrawNode()).now

    assert found.attempt == Attempt("1", WithdrawNode(), THEN, THEN)
    assert (found.touched, found.pending, found.intents) == (True, True, 1)
    assert (ASKED.now.touched, ASKED.now.pending) == (False, False)


def test_an_outcome_belongs_to_its_intent() -> None:
    interrupted = ASKED.interrupted(WithdrawNode())

    concluded = interrupted.then(Concluded(NOW, "1", Done())).now
    foreign = interrupted.then(Concluded(NOW, "7", Done())).now

    assert concluded.attempt == Attempt("1", WithdrawNode(), THEN, NOW, outcome=Done())
    assert not concluded.pending
    assert foreign == replace(interrupted.now, seq=3)


def test_an_outcome_may_come_after_a_release() -> None:
    road = ASKED.interrupted(WithdrawNode()).held().released()

    concluded = road.then(Concluded(NOW, "1", Done())).now

    assert concluded.attempt == Attempt("1", WithdrawNode(), THEN, NOW, outcome=Done())


def test_an_outcome_of_an_attempt_that_was_forgiven_is_of_none() -> None:
    road = ASKED.tried(WithdrawNode(), LOCKED).held().released()

    assert road.then(Concluded(NOW, "1", Done())).now.attempt is None


def test_a_node_may_be_released_on_which_nothing_was_tried() -> None:
    found = ASKED.kept().held().released().now

    assert (found.hold, found.attempt) == (None, None)


def test_what_a_release_answers_counts_in_that_state_only() -> None:
    road = transferred_road().held(Cause.OLD_GONE).released()
    by_itself = transferred_road().held(Cause.OLD_GONE, lifts_itself=True).released()

    assert road.now.answered == {Cause.OLD_GONE}
    assert by_itself.now.answered == set()
    assert road.in_state(State.REGISTERED).now.answered == set()


def test_a_new_record_that_is_whole_again_is_not_made_anew_unasked() -> None:
    road = transferred_road().held(Cause.NEW_GONE).released()

    assert road.now.answered == {Cause.NEW_GONE}
    assert road.tried(ManageNode()).now.answered == set()


@pytest.mark.parametrize("state", [State.DRAINED, State.CLEANING])
def test_a_record_that_was_gone_counts_as_cleaned_no_more(state: State) -> None:
    road = migration().retired_in_use().in_state(state).cleaned()

    found = road.held(Cause.VANISHED).released().now
    still = road.held(Cause.UNFIT).released().now

    assert (found.was_in_use, found.cleaned) == (False, None)
    assert (still.was_in_use, still.cleaned) == (True, "it was seen")


def test_each_try_of_an_effect_is_the_same_intent() -> None:
    road = ASKED.tried(WithdrawNode(), LOCKED, ago=timedelta(hours=1)).tried(WithdrawNode(), LOCKED)

    found = road.now
    assert found.attempt == Attempt(
        "1", WithdrawNode(), NOW - timedelta(hours=1), THEN, tries=2, outcome=LOCKED
    )
    assert found.intents == 1


def test_another_effect_is_another_intent() -> None:
    road = ASKED.tried(WithdrawNode())

    assert intent_for(ASKED.now, WithdrawNode()) == "1"
    assert intent_for(road.now, WithdrawNode()) == "1"
    assert intent_for(road.now, FenceNode()) == "2"
    assert intent_for(road.tried(FenceNode()).now, WithdrawNode()) == "3"


def test_the_same_effect_after_a_release_is_another_intent() -> None:
    road = ASKED.tried(WithdrawNode(), Refused(400, "no")).held().released()

    assert intent_for(road.now, WithdrawNode()) == "2"
    assert road.tried(WithdrawNode()).now.intents == 2


def test_it_remembers_that_it_was_retired_in_use() -> None:
    found = ASKED.retired_in_use(last_fault=THEN).now

    assert (found.was_in_use, found.last_fault) == (True, THEN)


@pytest.mark.parametrize("effect", [WithdrawNode(), RetireNode(in_use=False)])
def test_it_was_not_in_use_if_it_was_idle_after_all(
    effect: WithdrawNode | RetireNode,
) -> None:
    assert not ASKED.retired_in_use().tried(effect).now.was_in_use


def test_it_remembers_what_was_created_and_deleted() -> None:
    before = ASKED.tried(FenceNode()).now
    after = ASKED.interrupted(CreateNode(automated_clean=True)).interrupted(DeleteNode()).now

    assert (before.created, before.delete_intended) == (False, False)
    assert (after.created, after.delete_intended) == (True, True)


def test_a_state_is_reached_at_a_time() -> None:
    found = ASKED.in_state(State.DRAINED, ago=timedelta(seconds=5)).now

    assert (found.state, found.since) == (State.DRAINED, NOW - timedelta(seconds=5))


def test_a_hold_has_a_reason_and_a_time() -> None:
    found = ASKED.held(Cause.MASKED, "it is masked", lifts_itself=True).now

    assert found.hold == OnHold(THEN, Cause.MASKED, "it is masked", lifts_itself=True)


def test_a_release_starts_afresh() -> None:
    road = ASKED.tried(WithdrawNode(), LOCKED).held().released(ago=timedelta(0))

    found = road.now
    assert (found.hold, found.attempt, found.since, found.released) == (None, None, NOW, True)


def test_a_release_reads_the_document_again_unless_the_node_was_transferred() -> None:
    assert not cleaned_road().created().held().released().now.kept_final
    assert transferred_road().held().released().now.kept_final


def test_a_cleaning_that_is_owed_takes_the_place_of_one_that_was_seen() -> None:
    found = cleaned_road().owed("an instance was on it").now

    assert (found.cleaned, found.owed) == (None, "an instance was on it")


def test_only_a_node_that_is_offered_has_arrived() -> None:
    arrived = [state for state in State if ASKED.in_state(state).now.finished]

    assert arrived == [State.COMPUTE_READY]


RELEASED = transferred_road().held().released()
SLOTS = [
    ("was asked for", ASKED, False),
    ("is known, but not touched", ASKED.kept(), False),
    ("waits for its owner", ASKED.retired_in_use(), False),
    ("is withdrawn", ASKED.interrupted(WithdrawNode()), True),
    ("was idle when it was retired", ASKED.retired_idle(), True),
    ("was in use and is withdrawn after all", ASKED.retired_in_use().retired_idle(), True),
    ("is empty", ASKED.retired_in_use().in_state(State.DRAINED), True),
    ("is cleaned", cleaned_road(), True),
    ("is held", cleaned_road().held(), False),
    ("is released and waits for a slot", RELEASED, False),
    ("is released and fenced again", RELEASED.tried(FenceNode()), False),
    ("is released and worked on", RELEASED.tried(ManageNode()), True),
    ("is released and known anew", cleaned_road().held().released().kept(), True),
    ("is released and seen to be cleaned", cleaned_road().held().released().cleaned(), True),
    ("is released and owes a cleaning", owed_road().held().released().owed(), True),
    ("is released and moves on", RELEASED.in_state(State.REGISTERED), True),
    ("has arrived", transferred_road().in_state(State.COMPUTE_READY), False),
]


@pytest.mark.parametrize(
    ("road", "occupies"), [row[1:] for row in SLOTS], ids=[row[0] for row in SLOTS]
)
def test_who_occupies_a_slot(road: Road, *, occupies: bool) -> None:
    assert road.now.in_flight is occupies


def test_folding_is_evolving() -> None:
    road = cleaned_road().created()
    found = fold(NODE, road.entries[:1])
    assert found is not None

    for entry in road.entries[1:]:
        found = evolve(found, entry)

    assert found == road.now

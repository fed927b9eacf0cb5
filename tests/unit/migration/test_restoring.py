# SPDX-License-Identifier: Apache-2.0
"""What is done with a node that was aborted: what order it goes back in, and what stops it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ephyrad.migration.document import Before
from ephyrad.migration.effects import (
    CreateNode,
    FenceNode,
    ManageNode,
    OfferNode,
    ReleaseInstance,
    RemoveNode,
    RetireNode,
    UnfenceNode,
    UnretireNode,
    WithdrawNode,
)
from ephyrad.migration.outcomes import Refused, Unknown
from ephyrad.migration.policy import Policy
from ephyrad.migration.states import State, Trigger
from ephyrad.migration.steps import Cause, Close, Owe, Perform, Rest, Settle, WaitUntil
from tests.unit.migration.builders import (
    JUST_NOW,
    NOW,
    OTHER,
    SERVER,
    Node,
    cleaned_road,
    forgotten,
    migration,
    new_node,
    old_node,
    owed_road,
    ready_to_delete,
    sighting,
    transferred_road,
    withheld,
)
from tests.unit.migration.scenarios import Scenario, decide, holds, play

FENCED = ready_to_delete()
RETIRED = old_node().in_state("manageable").retired()
MANAGEABLE = old_node().in_state("manageable")
COPY = new_node().marked()
BACK = transferred_road().aborted()
IDLE = owed_road().created().in_state(State.TRANSFERRED).aborted()
WAS_MANAGEABLE = (
    migration().kept().tried(RetireNode(in_use=False)).in_state(State.CLEANING).owed().aborted()
)
REMOVED = BACK.tried(RemoveNode())
IN_OLD = REMOVED.tried(UnfenceNode()).put_back()
IDLE_IN_OLD = IDLE.tried(RemoveNode()).tried(UnfenceNode()).put_back()
UNCLEANED = migration().retired_in_use().in_state(State.DRAINED).aborted().put_back()
RELEASED = migration().retired_in_use().noticed()
IN_USE = old_node().in_state("active").with_instance().retired()
AT_LAST = Policy().look_again
ENDS = "nothing of it is in the new one"


def removed(name: str, new: Node) -> Scenario:
    return Scenario(name, BACK, sighting(FENCED, new), Perform(RemoveNode()))


def waits(what: str, limit: timedelta) -> WaitUntil:
    return WaitUntil(what, NOW - JUST_NOW + limit)


OUT_OF_NEW = [
    removed("has a new record in enroll", COPY),
    removed("was verified by the new cloud", COPY.in_state("manageable")),
    removed("is available in the new cloud", COPY.in_state("available")),
    removed("failed to clean", COPY.in_state("clean failed").in_maintenance("clean failure")),
    Scenario(
        "is being verified",
        BACK,
        sighting(FENCED, COPY.in_state("verifying")),
        waits("the new cloud to verify the BMC", Policy().verify_timeout),
    ),
    *(
        Scenario(
            f"is {state} in the new cloud",
            BACK,
            sighting(FENCED, COPY.in_state(state)),
            waits(
                f"the new cloud to end {state}, or somebody to abort that there",
                Policy().provide_timeout,
            ),
        )
        for state in ("cleaning", "clean wait", "clean hold", "inspecting")
    ),
    Scenario(
        "is unguarded",
        BACK,
        sighting(RETIRED, COPY.in_state("manageable")),
        Perform(FenceNode()),
    ),
    Scenario(
        "Ironic guards only until it reaches the BMC",
        BACK,
        sighting(
            RETIRED.in_maintenance("lost", fault="power failure"), COPY.in_state("manageable")
        ),
        Perform(FenceNode()),
    ),
    Scenario(
        "somebody else guards, whose maintenance is not to be lifted",
        BACK,
        sighting(RETIRED.in_maintenance("a fan"), COPY.in_state("manageable")),
        Perform(RemoveNode()),
    ),
    Scenario(
        "is in the old cloud alone, fenced",
        REMOVED,
        sighting(FENCED, None),
        Perform(UnfenceNode()),
    ),
    Scenario(
        "is in the old cloud alone",
        REMOVED.tried(UnfenceNode()),
        sighting(RETIRED, None),
        Settle(
            Trigger.RESTORE,
            "the new cloud has no record of it, and the old Ironic has its BMC again",
        ),
    ),
    Scenario(
        "never had a record in the new cloud",
        cleaned_road().kept(final=True).aborted(),
        sighting(FENCED, None),
        Perform(UnfenceNode()),
    ),
    Scenario(
        "the new cloud refused",
        cleaned_road().kept(final=True).tried(CreateNode(False), Refused(409, "no")).aborted(),
        sighting(FENCED, None),
        Perform(UnfenceNode()),
    ),
    Scenario(
        "may still be created",
        cleaned_road().kept(final=True).tried(CreateNode(False), Unknown("timed out")).aborted(),
        sighting(FENCED, None),
        WaitUntil(
            "a call that may be done still: create the node record in the new cloud",
            NOW - JUST_NOW + Policy().unknown_settles + Policy().retry_for,
            again=NOW - JUST_NOW + Policy().unknown_settles,
        ),
    ),
    Scenario(
        "may still lose its instance, by a word that is taken back",
        RELEASED.tried(ReleaseInstance(SERVER), Unknown("timed out")).aborted(),
        sighting(IN_USE, None),
        WaitUntil(
            f"a call that may be done still: delete the instance in the old cloud ({SERVER})",
            NOW - JUST_NOW + Policy().unknown_settles + Policy().retry_for,
            again=NOW - JUST_NOW + Policy().unknown_settles,
        ),
    ),
    Scenario(
        "keeps its instance, which Nova would not delete",
        RELEASED.tried(ReleaseInstance(SERVER), Refused(409, "no")).held().aborted(),
        sighting(IN_USE, None),
        Perform(UnretireNode(automated_clean=None)),
    ),
    Scenario(
        "was not created after all",
        cleaned_road()
        .kept(final=True)
        .tried(CreateNode(False), Unknown("timed out"), ago=timedelta(minutes=2))
        .aborted(),
        sighting(FENCED, None),
        Perform(UnfenceNode()),
    ),
    Scenario(
        "is seen gone from the new cloud by an operator",
        BACK.held(Cause.NEW_GONE).released(),
        sighting(FENCED, None),
        Perform(UnfenceNode()),
    ),
    Scenario(
        "has another's record in the new cloud, and never one of ephyrad's",
        migration().retired_in_use().aborted(),
        sighting(old_node().in_state("active").with_instance().retired(), new_node()),
        Perform(UnretireNode(automated_clean=None)),
    ),
    Scenario(
        "was cleaned, and used in the new cloud since",
        BACK,
        sighting(FENCED, COPY.in_state("active").with_instance()),
        Owe(f"instance {SERVER} is on it in the new cloud, after it was cleaned"),
    ),
]

AS_IT_WAS = [
    Scenario(
        "was cleaned",
        IN_OLD,
        sighting(RETIRED, None),
        Perform(UnretireNode(automated_clean=None)),
    ),
    Scenario(
        "had its own automated_clean",
        migration()
        .kept(before=Before(automated_clean=False))
        .tried(WithdrawNode())
        .tried(RetireNode(in_use=False))
        .aborted(),
        sighting(RETIRED, None),
        Perform(UnretireNode(automated_clean=False)),
    ),
    Scenario(
        "the journal knows nothing of, but its mark",
        migration().aborted(),
        sighting(RETIRED, None),
        Perform(UnretireNode(automated_clean=None)),
    ),
    Scenario(
        "is unretired, and was in service",
        IN_OLD,
        sighting(MANAGEABLE, None),
        Perform(OfferNode()),
    ),
    Scenario(
        "was idle",
        IDLE_IN_OLD,
        sighting(MANAGEABLE, None),
        Perform(OfferNode()),
    ),
    Scenario(
        "was withdrawn only",
        migration().kept().tried(WithdrawNode()).aborted(),
        sighting(MANAGEABLE, None),
        Perform(OfferNode()),
    ),
    Scenario(
        "was in use and not cleaned",
        UNCLEANED,
        sighting(RETIRED, None),
        Perform(UnretireNode(automated_clean=True)),
    ),
    Scenario(
        "somebody unretired before it was cleaned",
        UNCLEANED,
        sighting(MANAGEABLE, None),
        Perform(UnretireNode(automated_clean=True, unmark=False)),
    ),
    Scenario(
        "was in use, and is to be cleaned",
        UNCLEANED,
        sighting(MANAGEABLE.automated_clean(value=True), None),
        Perform(OfferNode()),
    ),
    Scenario(
        "was in use, and is cleaned now",
        UNCLEANED,
        sighting(old_node().automated_clean(value=True), None),
        Perform(UnretireNode(automated_clean=None, unmark=False)),
    ),
    *(
        Scenario(
            f"is {state} in the old cloud",
            UNCLEANED,
            sighting(old_node().in_state(state, ago=timedelta(0)).retired(), None),
            WaitUntil(f"the old cloud to end {state}", NOW + Policy().clean_timeout),
        )
        for state in ("cleaning", "clean wait", "deleting", "deploying")
    ),
    Scenario(
        "passes the cleaning in maintenance",
        IN_OLD,
        sighting(old_node().in_state("cleaning", ago=timedelta(0)).in_maintenance(), None),
        WaitUntil("the old cloud to end cleaning", NOW + Policy().clean_timeout),
    ),
    Scenario(
        "the old Nova has not forgotten yet",
        UNCLEANED,
        sighting(
            MANAGEABLE.in_state("manageable", ago=timedelta(0)).automated_clean(value=True),
            None,
            old_compute=withheld(consumers=(OTHER,)),
        ),
        WaitUntil(
            f"the old Nova to forget instance {OTHER}",
            NOW + Policy().removal_timeout,
            again=NOW + AT_LAST,
        ),
    ),
    Scenario(
        "is in use still",
        migration().retired_in_use().aborted(),
        sighting(old_node().in_state("active").with_instance().retired(), None),
        Perform(UnretireNode(automated_clean=None)),
    ),
    Scenario(
        "is in use, as it was",
        migration().retired_in_use().aborted(),
        sighting(old_node().in_state("active").with_instance(), None),
        Close(f"active in the old cloud, as it was; {ENDS}"),
    ),
    Scenario(
        "is available again",
        IN_OLD,
        sighting(old_node(), None),
        Close(f"available in the old cloud, as it was; {ENDS}"),
    ),
    Scenario(
        "was manageable",
        WAS_MANAGEABLE.put_back(),
        sighting(MANAGEABLE, None),
        Close(f"manageable in the old cloud, as ephyrad found it; {ENDS}"),
    ),
    Scenario(
        "was never touched",
        migration().kept().aborted(),
        sighting(old_node().protected().in_maintenance(), new_node()),
        Close("nothing was done with it"),
    ),
    Scenario(
        "vanished untouched",
        migration().aborted(),
        sighting(None, None),
        Close("nothing was done with it, and the old cloud has no record of it any more"),
    ),
    Scenario("is back", IN_OLD.restored(), sighting(old_node(), None), Rest()),
]

STOPPED = [
    Scenario(
        "the old cloud has no record of",
        BACK,
        sighting(None, COPY),
        holds(Cause.OLD_GONE, "no record of the node to go back to", "its, and bring it to"),
    ),
    Scenario(
        "the old cloud has no record of, while the new one has its BMC",
        BACK,
        sighting(None, COPY.in_state("manageable")),
        holds(Cause.OLD_GONE, "its, in maintenance as the new cloud has its BMC, and bring it to"),
    ),
    Scenario(
        "is not seen in the new cloud any more",
        BACK,
        sighting(FENCED, None),
        holds(Cause.NEW_GONE, "ephyrad did not delete it"),
    ),
    Scenario(
        "has a new record without a mark",
        BACK,
        sighting(FENCED, new_node()),
        holds(Cause.CONFLICT, "does not bear ephyrad's mark (enroll)"),
    ),
    Scenario(
        "is fenced, and has another's record",
        cleaned_road().kept(final=True).aborted(),
        sighting(FENCED, new_node().in_state("manageable")),
        holds(Cause.CONFLICT, "does not bear ephyrad's mark (manageable)"),
    ),
    Scenario(
        "has an instance in the new cloud",
        IDLE,
        sighting(FENCED, COPY.in_state("active").with_instance()),
        holds(Cause.OCCUPIED, f"instance {SERVER} is on it in the new cloud"),
    ),
    Scenario(
        "the new Nova is about to use",
        IDLE,
        sighting(FENCED, COPY.in_state("available"), new_compute=withheld(consumers=(OTHER,))),
        holds(Cause.OCCUPIED, f"instance {OTHER} is on it in the new cloud"),
    ),
    Scenario(
        "is being undeployed in the new cloud",
        IDLE,
        sighting(FENCED, COPY.in_state("deleting")),
        holds(Cause.OCCUPIED, "it is deleting in the new cloud"),
    ),
    Scenario(
        "failed to clean in the new cloud, and not in maintenance",
        IDLE,
        sighting(FENCED, COPY.in_state("clean failed")),
        holds(Cause.CLEAN_FAILED, "bring it to manageable there"),
    ),
    Scenario(
        "is in a state of which nobody heard",
        BACK,
        sighting(FENCED.in_state("unknown"), COPY),
        holds(Cause.UNFIT, "it is unknown in the old cloud"),
    ),
    Scenario(
        "failed to clean in the old cloud",
        UNCLEANED,
        sighting(old_node().in_state("clean failed").automated_clean(value=True), None),
        holds(Cause.CLEAN_FAILED, "it is clean failed in the old cloud"),
    ),
    Scenario(
        "is in maintenance in the old cloud",
        IDLE_IN_OLD,
        sighting(MANAGEABLE.in_maintenance("a fan"), None),
        holds(Cause.MAINTENANCE, "a fan"),
    ),
    Scenario(
        "somebody else retired",
        IDLE_IN_OLD,
        sighting(MANAGEABLE.retired_by_somebody(), None),
        holds(Cause.RETIRED, "somebody else retired it in the old cloud (end of lease)"),
    ),
    Scenario(
        "has an instance in the old cloud",
        IDLE_IN_OLD,
        sighting(MANAGEABLE, None, old_compute=withheld(servers=(SERVER,))),
        holds(Cause.OCCUPIED, f"instance {SERVER} is on the node in the old cloud"),
    ),
    Scenario(
        "was empty and cleaned, and somebody has claimed",
        IN_OLD.owed(f"instance {SERVER} was on it in the old cloud after it was cleaned"),
        sighting(MANAGEABLE.automated_clean(value=True).with_instance(), None),
        holds(Cause.OCCUPIED, f"instance {SERVER} is on the node in the old cloud", "delete it"),
    ),
    Scenario(
        "is cleaned by the old cloud in maintenance",
        UNCLEANED,
        sighting(old_node().in_state("clean wait").retired().in_maintenance("a fan"), None),
        holds(Cause.MAINTENANCE, "its agent is not heard", "unset maintenance there"),
    ),
]


@pytest.mark.parametrize("scenario", OUT_OF_NEW, ids=str)
def test_a_node_that_goes_out_of_the_new_cloud_and(scenario: Scenario) -> None:
    play(scenario)


@pytest.mark.parametrize("scenario", AS_IT_WAS, ids=str)
def test_a_node_that_is_in_the_old_cloud_again_and(scenario: Scenario) -> None:
    play(scenario)


@pytest.mark.parametrize("scenario", STOPPED, ids=str)
def test_a_node_that_goes_back_is_held_when_it(scenario: Scenario) -> None:
    play(scenario)


def test_a_node_used_in_the_new_cloud_is_cleaned_on_its_way_back() -> None:
    used = IDLE.held(Cause.OCCUPIED).released().tried(RemoveNode()).put_back()

    step = decide(used, sighting(RETIRED, None))

    assert step == Perform(UnretireNode(automated_clean=True))


def test_an_instance_is_no_matter_where_no_nova_is() -> None:
    policy = Policy(old_compute=False, new_compute=False)
    seen = sighting(MANAGEABLE, None, old_compute=forgotten())

    assert decide(IDLE_IN_OLD, seen, policy) == Perform(OfferNode())


def test_a_call_of_the_way_back_is_tried_again_like_any_other() -> None:
    road = BACK.tried(RemoveNode(), Unknown("timed out"), ago=timedelta(minutes=2))

    assert decide(road, sighting(FENCED, COPY)) == Perform(RemoveNode())


def test_a_late_verification_is_waited_for_before_the_record_goes() -> None:
    road = transferred_road().tried(ManageNode(), Unknown("timed out")).aborted()

    step = decide(road, sighting(FENCED, COPY))

    assert isinstance(step, WaitUntil)
    assert "have the new cloud take control of the BMC (manage)" in step.what


def test_a_node_in_flight_keeps_its_slot() -> None:
    assert transferred_road().now.in_flight
    assert BACK.now.in_flight
    assert IN_OLD.now.in_flight
    assert not IN_OLD.restored().now.in_flight


def test_a_node_that_is_held_or_waits_for_its_owner_takes_a_slot_first() -> None:
    for road in (transferred_road().held().aborted(), migration().retired_in_use().aborted()):
        assert not road.now.in_flight
        assert road.tried(UnretireNode(automated_clean=None)).now.in_flight


def test_an_abort_counts_only_where_there_is_a_way_back() -> None:
    over = transferred_road().in_state(State.COMPUTE_READY)

    assert replace(over.aborted().now, seq=0) == replace(over.now, seq=0)


def test_who_asks_for_a_node_that_is_back_begins_afresh() -> None:
    road = IN_OLD.restored()

    anew = road.then(migration().entries[0]).now

    assert anew == replace(migration().now, seq=road.now.seq + 1)

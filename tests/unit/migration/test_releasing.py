# SPDX-License-Identifier: Apache-2.0
"""An instance is deleted by somebody's word for this very one, and nothing else is."""

from datetime import timedelta

import pytest

from ephyrad.migration.effects import ReleaseInstance
from ephyrad.migration.migration import Migration
from ephyrad.migration.outcomes import Refused, Unknown, Unreachable
from ephyrad.migration.policy import Policy
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause, Perform, Recall, WaitUntil
from tests.unit.migration.builders import (
    NOW,
    OTHER,
    SERVER,
    Road,
    migration,
    old_node,
    server,
    sighting,
    withheld,
)
from tests.unit.migration.scenarios import Scenario, decide, holds, play

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AGAIN = NOW + timedelta(seconds=5)
RETIRED = migration(asked=2 * DAY).retired_in_use(ago=DAY)
DUE = RETIRED.noticed()
LATER = RETIRED.noticed(due=HOUR)
USED = old_node().in_state("active", ago=9 * DAY).retired().with_instance()
ON_IT = withheld(servers=(SERVER,), consumers=(SERVER,))
SEEN = sighting(USED, old_compute=ON_IT, old_server=server())
OWNERS = WaitUntil(f"instance {SERVER} to be deleted", NOW + 13 * DAY)
RELEASE = ReleaseInstance(SERVER)


def announced(due: timedelta, doubt: str = "") -> str:
    return (
        f"instance {SERVER} to be deleted, by ephyrad from {NOW + due:%F %T} UTC on (by word of"
        f" rollout a){doubt}"
    )


def doubted(doubt: str) -> WaitUntil:
    """Return the wait of an instance that is due, and of which the clouds tell different things."""
    return WaitUntil(announced(-MINUTE, f"; {doubt}"), NOW - MINUTE + timedelta(minutes=30), AGAIN)


RELEASED = [
    Scenario("has an instance of which notice was given, and is due", DUE, SEEN, Perform(RELEASE)),
    Scenario(
        "has one in trouble, which is deleted all the same",
        DUE,
        sighting(USED, old_compute=ON_IT, old_server=server(state="error", task="rebooting")),
        Perform(RELEASE),
    ),
    Scenario(
        "is rescued by its owner",
        DUE,
        sighting(
            old_node().in_state("rescue").retired().with_instance(),
            old_compute=ON_IT,
            old_server=server(state="rescued"),
        ),
        Perform(RELEASE),
    ),
    Scenario(
        "is to be released at this very moment",
        RETIRED.noticed(due=0 * HOUR),
        SEEN,
        Perform(RELEASE),
    ),
    Scenario(
        "is offered to nobody, for Nova's placement has forgotten it",
        DUE,
        sighting(USED, old_compute=withheld(servers=(SERVER,)), old_server=server()),
        Perform(RELEASE),
    ),
    Scenario(
        "has a word newer than the one that was recalled",
        LATER.recalled().noticed(),
        SEEN,
        Perform(RELEASE),
    ),
    Scenario(
        "was held because its instance was locked, and is unlocked",
        DUE.held(Cause.LOCKED, lifts_itself=True).released(),
        SEEN,
        Perform(RELEASE),
    ),
    Scenario(
        "could not be released when ephyrad was killed: it is looked for, and done again",
        DUE.interrupted(RELEASE, ago=HOUR / 10),
        SEEN,
        Perform(RELEASE),
    ),
    Scenario(
        "is asked for again when it was too early",
        DUE.tried(RELEASE, Unreachable("HTTP 503"), ago=MINUTE),
        SEEN,
        Perform(RELEASE),
    ),
]

WAITED_FOR = [
    Scenario(
        "has an instance of which notice was given, and is not due yet",
        LATER,
        SEEN,
        WaitUntil(announced(HOUR), NOW + HOUR + timedelta(minutes=30), NOW + HOUR),
    ),
    Scenario(
        "is not due yet, and has waited for its owner for longer than one does",
        migration(asked=21 * DAY).retired_in_use(ago=20 * DAY).noticed(due=DAY),
        SEEN,
        WaitUntil(announced(DAY), NOW + DAY + timedelta(minutes=30), NOW + DAY),
    ),
    Scenario(
        "is due by a notice that was put off",
        DUE.noticed(due=HOUR),
        SEEN,
        WaitUntil(announced(HOUR), NOW + HOUR + timedelta(minutes=30), NOW + HOUR),
    ),
    Scenario("has no notice", RETIRED, SEEN, OWNERS),
    Scenario("had a notice that was recalled", DUE.recalled(), SEEN, OWNERS),
    Scenario(
        "had a notice that was recalled after the first try",
        DUE.tried(RELEASE, Unreachable("HTTP 503"), ago=DAY).recalled(),
        SEEN,
        OWNERS,
    ),
    Scenario(
        "has another instance by now: the notice is void",
        DUE,
        sighting(
            old_node().in_state("active").retired().with_instance(OTHER),
            old_compute=withheld(servers=(OTHER,), consumers=(OTHER,)),
        ),
        Recall(f"it is not for instance {OTHER}, which is on the node"),
    ),
    Scenario(
        "has another instance in Ironic, where Nova has the one of the notice",
        DUE,
        sighting(
            old_node().in_state("active").retired().with_instance(OTHER),
            old_compute=ON_IT,
            old_server=server(),
        ),
        Recall(f"it is not for instance {OTHER}, which is on the node"),
    ),
    Scenario(
        "is undeployed already",
        DUE,
        sighting(old_node().in_state("active").retired(), old_compute=ON_IT, old_server=server()),
        OWNERS,
    ),
    Scenario(
        "is in a cloud without Nova",
        DUE,
        SEEN,
        WaitUntil(
            f"instance {SERVER} to be deleted by its owner, as ephyrad knows of no Nova of the old"
            " cloud to have it done by",
            NOW + 13 * DAY,
        ),
        policy=Policy(old_compute=False),
    ),
    Scenario(
        "has an instance that its owner deletes",
        LATER,
        sighting(USED, old_compute=ON_IT, old_server=server(task="deleting")),
        WaitUntil(f"the old Nova to delete instance {SERVER}", NOW + 13 * DAY),
    ),
    Scenario(
        "has an instance that ephyrad had deleted",
        DUE.tried(RELEASE),
        sighting(USED, old_compute=ON_IT, old_server=server(task="deleting")),
        WaitUntil(
            f"the old Nova to delete instance {SERVER}", NOW - MINUTE + timedelta(minutes=30)
        ),
    ),
    Scenario(
        "has an instance that Nova keeps for a while after its deletion",
        DUE.tried(RELEASE),
        sighting(USED, old_compute=withheld(), old_server=server(state="soft-delete")),
        WaitUntil(
            f"the old Nova to delete instance {SERVER}", NOW - MINUTE + timedelta(minutes=30)
        ),
    ),
    Scenario(
        "has an instance of which nobody knows whether it is being deleted",
        DUE.tried(RELEASE, Unknown("timed out"), ago=MINUTE),
        SEEN,
        WaitUntil(
            f"a call that may be done still: delete the instance in the old cloud ({SERVER})",
            NOW - MINUTE + timedelta(minutes=15),
            AGAIN,
        ),
    ),
    Scenario(
        "has an instance that Nova does not know",
        DUE,
        sighting(USED, old_compute=ON_IT),
        doubted("the old Nova does not know it"),
    ),
    Scenario(
        "has an instance that Nova does not list on it",
        DUE,
        sighting(USED, old_compute=withheld(consumers=(SERVER,)), old_server=server()),
        doubted("the old Nova has no instance on the node"),
    ),
    Scenario(
        "has an instance that Nova has on another node",
        DUE,
        sighting(USED, old_compute=ON_IT, old_server=server(node=OTHER)),
        doubted(f"the old Nova has {SERVER} on the node"),
    ),
    Scenario(
        "has two instances in Nova",
        DUE,
        sighting(USED, old_compute=withheld(servers=(OTHER, SERVER)), old_server=server()),
        doubted(f"the old Nova has {OTHER}, {SERVER} on the node"),
    ),
    Scenario(
        "has another instance in placement",
        DUE,
        sighting(
            USED,
            old_compute=withheld(servers=(SERVER,), consumers=(OTHER, SERVER)),
            old_server=server(),
        ),
        doubted(f"{SERVER}, {OTHER} are on the node in the old placement"),
    ),
]

KEPT = [
    Scenario(
        "has a locked instance",
        DUE,
        sighting(USED, old_compute=ON_IT, old_server=server(locked=True)),
        holds(
            Cause.LOCKED,
            SERVER,
            "by word of rollout a",
            "unlock or delete it there; the node goes on by itself",
            lifts_itself=True,
        ),
    ),
    Scenario(
        "is protected",
        DUE,
        sighting(USED.protected(), old_compute=ON_IT, old_server=server()),
        holds(Cause.PROTECTED, "unset protected there"),
    ),
    Scenario(
        "is retired by somebody else",
        DUE,
        sighting(USED.retired_by_somebody(), old_compute=ON_IT, old_server=server()),
        holds(Cause.RETIRED, "somebody else retired it"),
    ),
    Scenario(
        "is in maintenance, where its cleaning would stall",
        DUE,
        sighting(USED.in_maintenance(), old_compute=ON_IT, old_server=server()),
        holds(Cause.MAINTENANCE, "disk broken"),
    ),
    Scenario(
        "has an instance that Nova will not delete",
        DUE.tried(RELEASE, Refused(409, "it is being resized")),
        SEEN,
        holds(
            Cause.REFUSED, f"could not delete the instance in the old cloud ({SERVER})", "resized"
        ),
    ),
    Scenario(
        "has an instance that ephyrad had deleted, and that stays",
        DUE.tried(RELEASE, ago=HOUR),
        sighting(USED, old_compute=ON_IT, old_server=server(task="deleting")),
        holds(Cause.DEADLINE, f"the old Nova to delete instance {SERVER}", lifts_itself=True),
    ),
    Scenario(
        "has an instance of which the clouds tell different things for long",
        RETIRED.noticed(due=-HOUR),
        sighting(USED, old_compute=ON_IT),
        holds(Cause.DEADLINE, "the old Nova does not know it", lifts_itself=True),
    ),
]


@pytest.mark.parametrize("scenario", RELEASED + WAITED_FOR + KEPT, ids=str)
def test_a_node_that(scenario: Scenario) -> None:
    play(scenario)


def test_a_notice_does_not_outlive_the_state() -> None:
    drained = DUE.tried(RELEASE).in_state(State.DRAINED).now

    assert (drained.notice, drained.releasing) == (None, False)
    assert DUE.in_state(State.DRAINED).noticed().now.notice is None


@pytest.mark.parametrize(
    "road",
    [
        DUE.aborted(),
        DUE.tried(RELEASE).aborted(),
        DUE.aborted().noticed(),
        DUE.aborted().restored(),
        DUE.aborted().restored().noticed(),
    ],
)
def test_no_word_counts_for_a_node_that_is_to_stay(road: Road) -> None:
    assert (road.now.notice, road.now.releasing) == (None, False)
    assert decide(road, SEEN) != Perform(RELEASE)


def test_the_newest_notice_counts() -> None:
    notice = LATER.noticed(OTHER, by="ci").now.notice

    assert notice is not None
    assert (notice.instance, notice.by) == (OTHER, "ci")


@pytest.mark.parametrize(
    ("road", "in_flight"),
    [
        (RETIRED, False),
        (DUE, False),
        (DUE.interrupted(RELEASE), True),
        (DUE.tried(RELEASE), True),
        (DUE.tried(RELEASE).recalled(), False),
        (DUE.tried(RELEASE, Refused(409, "no")).held(), False),
        (DUE.tried(RELEASE, Refused(409, "no")).held().released(), False),
        (DUE.tried(RELEASE).recalled().noticed().tried(RELEASE), True),
        (DUE.tried(RELEASE).in_state(State.DRAINED).recalled(), True),
        (DUE.aborted(), False),
        (DUE.tried(RELEASE).aborted(), True),
        (DUE.interrupted(RELEASE).aborted(), True),
    ],
)
def test_a_node_occupies_a_slot_once_its_instance_is_to_go(road: Road, *, in_flight: bool) -> None:
    now: Migration = road.now

    assert now.in_flight is in_flight


def test_a_release_that_was_recalled_in_vain_is_waited_for_as_the_owners() -> None:
    going = sighting(USED, old_compute=ON_IT, old_server=server(task="deleting"))

    assert decide(DUE.tried(RELEASE).recalled(), going) == WaitUntil(
        f"instance {SERVER} to be deleted", NOW - MINUTE + timedelta(days=14)
    )

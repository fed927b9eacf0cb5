# SPDX-License-Identifier: Apache-2.0
"""What is done with a node that the new cloud owns, and that the old has no record of."""

from datetime import timedelta

import pytest

from ephyrad.migration import marks
from ephyrad.migration.document import Before
from ephyrad.migration.effects import (
    DeleteNode,
    ProvideNode,
    SetAutomatedClean,
    ShieldNode,
    UnshieldNode,
)
from ephyrad.migration.outcomes import Underway
from ephyrad.migration.policy import Policy
from ephyrad.migration.states import State, Trigger
from ephyrad.migration.steps import Cause, Perform, Settle, WaitUntil, Watch, Witness
from tests.unit.migration.builders import (
    NOW,
    forgotten,
    migration,
    new_node,
    owed_road,
    sighting,
    transferred_road,
)
from tests.unit.migration.scenarios import Scenario, holds, play

MINUTE = timedelta(minutes=1)
AGAIN = NOW + timedelta(seconds=5)
ROAD = transferred_road().tried(DeleteNode())
OWED = owed_road().created(automated_clean=True).in_state(State.TRANSFERRED).tried(DeleteNode())
HAD_ITS_OWN = (
    migration()
    .kept(before=Before(automated_clean=True))
    .retired_in_use()
    .in_state(State.CLEANING)
    .cleaned()
    .created()
    .in_state(State.TRANSFERRED)
    .tried(DeleteNode())
)
VERIFIED = new_node().in_state("manageable").powered("power off")
AVAILABLE = new_node().in_state("available").powered("power off").automated_clean(value=None)

SHIELDED = VERIFIED.automated_clean(value=False).in_maintenance(marks.SHIELDED)

PROVIDED = [
    Scenario(
        "has no old record any more, and is not to be cleaned again",
        ROAD,
        sighting(None, VERIFIED.automated_clean(value=False)),
        Perform(ShieldNode()),
    ),
    Scenario(
        "is kept from schedulers",
        ROAD,
        sighting(None, SHIELDED),
        Perform(ProvideNode()),
    ),
    Scenario(
        "has no old record any more, and is to be cleaned again",
        ROAD,
        sighting(None, VERIFIED.automated_clean(value=True)),
        Perform(ProvideNode()),
    ),
    Scenario(
        "is available, kept from schedulers, and would never be cleaned",
        ROAD,
        sighting(None, SHIELDED.in_state("available")),
        Perform(SetAutomatedClean(None)),
    ),
    Scenario(
        "is available, kept from schedulers, and has its automated_clean back",
        ROAD,
        sighting(None, SHIELDED.in_state("available").automated_clean(value=None)),
        Perform(UnshieldNode()),
    ),
    Scenario(
        "has to be cleaned after all, but is kept from schedulers",
        OWED,
        sighting(None, SHIELDED),
        Perform(UnshieldNode()),
    ),
    Scenario(
        "the new cloud is to clean",
        OWED,
        sighting(None, VERIFIED.automated_clean(value=True)),
        Perform(ProvideNode()),
    ),
    Scenario(
        "the new cloud is to clean, and would not",
        OWED,
        sighting(None, VERIFIED.automated_clean(value=False)),
        Perform(SetAutomatedClean(value=True)),
    ),
    Scenario(
        "the new cloud is to clean, and leaves to its conductor whether it does",
        OWED,
        sighting(None, VERIFIED.automated_clean(value=None)),
        Perform(SetAutomatedClean(value=True)),
    ),
    *(
        Scenario(
            f"is in {state} there",
            OWED.tried(ProvideNode(), Underway()),
            sighting(None, new_node().in_state(state)),
            WaitUntil("the new cloud to clean it", NOW - MINUTE + timedelta(hours=4)),
        )
        for state in ("cleaning", "clean wait", "clean hold")
    ),
    Scenario(
        "was cleaned there",
        OWED,
        sighting(None, AVAILABLE.automated_clean(value=True)),
        Witness("made available in the new cloud with automated_clean, so through cleaning"),
    ),
    Scenario(
        "is available and must be given its automated_clean back",
        ROAD,
        sighting(None, AVAILABLE.automated_clean(value=False), old_compute=forgotten()),
        Perform(SetAutomatedClean(value=None)),
    ),
    Scenario(
        "is available and had an automated_clean of its own",
        HAD_ITS_OWN,
        sighting(None, AVAILABLE.automated_clean(value=False), old_compute=forgotten()),
        Perform(SetAutomatedClean(value=True)),
    ),
    Scenario(
        "is available, but old placement still has its provider",
        ROAD,
        sighting(None, AVAILABLE),
        WaitUntil(
            "the old Nova to remove its resource provider",
            NOW - MINUTE + timedelta(minutes=30),
            AGAIN,
            Watch.PROVIDER,
        ),
    ),
    Scenario(
        "is available and nothing is left of it",
        ROAD,
        sighting(None, AVAILABLE, old_compute=forgotten()),
        Settle(
            Trigger.REGISTER,
            "BMC verified (power off); available in the new cloud; nothing left of it in the old"
            " cloud",
        ),
    ),
    Scenario(
        "is available, and its old cloud has no Nova",
        ROAD,
        sighting(None, AVAILABLE.powered("power on")),
        Settle(
            Trigger.REGISTER,
            "BMC verified (power on); available in the new cloud; nothing left of it in the old"
            " cloud",
        ),
        policy=Policy(old_compute=False),
    ),
    Scenario(
        "is in use there already",
        ROAD,
        sighting(None, AVAILABLE.in_state("active"), old_compute=forgotten()),
        Settle(
            Trigger.REGISTER,
            "BMC verified (power off); active in the new cloud; nothing left of it in the old"
            " cloud",
        ),
    ),
]

LENT = [
    *(
        Scenario(
            f"is {state} there, so that it cannot be given its automated_clean back yet",
            ROAD,
            sighting(None, AVAILABLE.in_state(state).automated_clean(value=False)),
            WaitUntil(f"the new cloud to end {state}", NOW - MINUTE + timedelta(hours=4)),
        )
        for state in ("deploying", "wait call-back", "deploy hold", "deleting")
    ),
    Scenario(
        "is in use there, and is given its automated_clean back",
        ROAD,
        sighting(None, AVAILABLE.in_state("active").automated_clean(value=False)),
        Perform(SetAutomatedClean(value=None)),
    ),
    Scenario(
        "is given up there again already",
        ROAD,
        sighting(None, AVAILABLE.in_state("deleting"), old_compute=forgotten()),
        Settle(
            Trigger.REGISTER,
            "BMC verified (power off); deleting in the new cloud; nothing left of it in the old"
            " cloud",
        ),
    ),
]

NOT_PROVIDED = [
    Scenario(
        "is available, and nothing proves that it was cleaned",
        OWED,
        sighting(None, AVAILABLE.automated_clean(value=False)),
        holds(
            Cause.CLEAN_FAILED,
            "it is available in the new cloud, but automated_clean was taken away",
            "clean it there (manage, set automated_clean, provide), then release the node",
        ),
    ),
    Scenario(
        "failed to clean there",
        OWED,
        sighting(None, new_node().in_state("clean failed").with_error("no agent")),
        holds(
            Cause.CLEAN_FAILED,
            "clean failed in the new cloud (no agent)",
            "bring it to manageable or available there, then release the node",
        ),
    ),
    Scenario(
        "is in maintenance there",
        ROAD,
        sighting(None, VERIFIED.in_maintenance("a cable")),
        holds(
            Cause.MAINTENANCE,
            "it is in maintenance in the new cloud (a cable)",
            "unset maintenance there, then release the node",
        ),
    ),
    Scenario(
        "is in maintenance while it is cleaned there",
        OWED,
        sighting(None, new_node().in_state("clean wait").in_maintenance(None)),
        holds(Cause.MAINTENANCE, "it is in maintenance in the new cloud (no reason)"),
    ),
]


@pytest.mark.parametrize("scenario", [*PROVIDED, *LENT, *NOT_PROVIDED], ids=str)
def test_a_node_that(scenario: Scenario) -> None:
    play(scenario)

# SPDX-License-Identifier: Apache-2.0
"""What is done with a node that is fenced in the old cloud and recorded in the new one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ephyrad.migration.document import Before
from ephyrad.migration.effects import (
    DeleteNode,
    FenceNode,
    ManageNode,
    PowerOffNode,
    ProvideNode,
    SetAutomatedClean,
)
from ephyrad.migration.outcomes import Underway
from ephyrad.migration.policy import Policy
from ephyrad.migration.states import State, Trigger
from ephyrad.migration.steps import Cause, Owe, Perform, Settle, WaitUntil, Witness
from tests.unit.migration.builders import (
    NOW,
    SERVER,
    Node,
    forgotten,
    masked_records,
    migration,
    new_node,
    old_node,
    owed_road,
    ready_to_delete,
    records,
    sighting,
    transferred_road,
    withheld,
)
from tests.unit.migration.scenarios import Scenario, holds, play

MINUTE = timedelta(minutes=1)
AGAIN = NOW + timedelta(seconds=5)
ROAD = transferred_road()
OWED = owed_road().created(automated_clean=True).in_state(State.TRANSFERRED)
HAD_ITS_OWN = (
    migration()
    .kept(before=Before(automated_clean=True))
    .retired_in_use()
    .in_state(State.CLEANING)
    .cleaned()
    .created()
    .in_state(State.TRANSFERRED)
)
FENCED = ready_to_delete()
UNFENCED = old_node().in_state("manageable").retired()
VERIFIED = new_node().in_state("manageable").powered("power off")
AVAILABLE = new_node().in_state("available").powered("power off").automated_clean(value=None)


def changed_bmc() -> dict[str, str]:
    return {**records().node["driver_info"], "redfish_address": "https://bmc-2"}


TAKEN_OVER = [
    Scenario(
        "is in enroll there and fenced here: the new cloud may take it",
        ROAD,
        sighting(FENCED, new_node()),
        Perform(ManageNode()),
    ),
    Scenario(
        "is in enroll there and gone here: the new cloud may take it",
        ROAD,
        sighting(None, new_node()),
        Perform(ManageNode()),
    ),
    Scenario(
        "has lost its fence before the new cloud took it",
        ROAD,
        sighting(UNFENCED, new_node()),
        Perform(FenceNode()),
    ),
    Scenario(
        "has lost its fence to somebody else's maintenance",
        ROAD,
        sighting(UNFENCED.in_maintenance("a cable"), new_node()),
        Perform(FenceNode()),
    ),
    Scenario(
        "has lost its fence while the new cloud verifies it",
        ROAD,
        sighting(UNFENCED, new_node().in_state("verifying")),
        Perform(FenceNode()),
    ),
    Scenario(
        "is being verified",
        ROAD.tried(ManageNode(), Underway()),
        sighting(FENCED, new_node().in_state("verifying")),
        WaitUntil("the new cloud to verify the BMC", NOW - MINUTE + timedelta(minutes=15)),
    ),
    Scenario(
        "could not be verified",
        ROAD.tried(ManageNode(), Underway()),
        sighting(FENCED, new_node().with_error("401 Unauthorized")),
        holds(
            Cause.UNVERIFIED,
            "the new cloud could not verify its BMC (401 Unauthorized)",
            "mend its driver_info or the BMC, then release the node",
        ),
    ),
    Scenario(
        "has an error that is older than the try to manage it",
        ROAD.tried(ManageNode(), Underway()).held().released(),
        sighting(FENCED, new_node().with_error("401 Unauthorized")),
        Perform(ManageNode()),
    ),
    Scenario(
        "has an error that no try to manage it left",
        ROAD,
        sighting(FENCED, new_node().with_error("401 Unauthorized")),
        Perform(ManageNode()),
    ),
    Scenario(
        "is back in enroll without an error",
        ROAD.tried(ManageNode(), Underway()),
        sighting(FENCED, new_node()),
        Perform(ManageNode()),
    ),
    Scenario(
        "is back in enroll after a crash, which proves nothing",
        ROAD.interrupted(ManageNode()),
        sighting(FENCED, new_node().with_error("401 Unauthorized")),
        Perform(ManageNode()),
    ),
    Scenario(
        "a conductor of the old cloud still works on",
        ROAD,
        sighting(FENCED.reserved_by("old-conductor-1"), new_node()),
        WaitUntil(
            "conductor old-conductor-1 of the old cloud to let go of the node",
            NOW - MINUTE + timedelta(minutes=30),
            AGAIN,
        ),
    ),
    Scenario(
        "is verified and its power state could not be read",
        ROAD,
        sighting(FENCED, VERIFIED.powered("error")),
        Perform(PowerOffNode()),
    ),
    Scenario(
        "was made available by somebody before its power state was known",
        ROAD,
        sighting(FENCED, AVAILABLE.powered(None)),
        Perform(PowerOffNode()),
    ),
    Scenario(
        "is in use there and has no power state: nobody powers it off",
        ROAD,
        sighting(FENCED, AVAILABLE.in_state("active").powered(None)),
        WaitUntil(
            "the new cloud to learn its power state (it is active there)",
            NOW - MINUTE + timedelta(minutes=15),
            AGAIN,
        ),
    ),
    Scenario(
        "an instance was put on there, and that has no power state",
        ROAD,
        sighting(None, AVAILABLE.with_instance().powered(None)),
        WaitUntil(
            "the new cloud to learn its power state (it is available there)",
            NOW - MINUTE + timedelta(minutes=15),
            AGAIN,
        ),
    ),
    Scenario(
        "is in use there while its old record is still there",
        ROAD,
        sighting(FENCED, AVAILABLE.in_state("active")),
        Perform(DeleteNode()),
        policy=Policy(old_compute=False),
    ),
    Scenario(
        "is verified and has no power state",
        ROAD,
        sighting(FENCED, VERIFIED.powered(None)),
        Perform(PowerOffNode()),
    ),
    Scenario(
        "is verified",
        ROAD,
        sighting(FENCED, VERIFIED),
        Perform(DeleteNode()),
    ),
    Scenario(
        "is verified by a new cloud that masks secrets",
        ROAD,
        sighting(FENCED, VERIFIED, new_records=masked_records(targets=True)),
        Perform(DeleteNode()),
    ),
    Scenario(
        "was made available by somebody before its old record went",
        ROAD,
        sighting(FENCED, AVAILABLE),
        Perform(DeleteNode()),
    ),
    Scenario(
        "has no old record any more",
        ROAD,
        sighting(None, VERIFIED),
        Perform(ProvideNode()),
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


def not_deleted(name: str, old: Node, *words: str, cause: Cause) -> Scenario:
    return Scenario(
        name, ROAD, sighting(old, VERIFIED), holds(cause, *words, "then release the node")
    )


NOT_TAKEN_OVER = [
    *(
        Scenario(
            f"has an instance in the old cloud and is in {state} in the new",
            OWED,
            sighting(FENCED.with_instance(), new_node().in_state(state)),
            holds(
                Cause.OCCUPIED,
                f"instance {SERVER} is on the node in the old cloud",
                "delete it there, then release the node",
            ),
        )
        for state in ("enroll", "verifying", "manageable")
    ),
    Scenario(
        "was taken back into use in the old cloud before the new one took it",
        OWED,
        sighting(old_node().in_state("active").with_instance(), new_node()),
        holds(Cause.OCCUPIED, f"instance {SERVER} is on the node in the old cloud"),
    ),
    Scenario(
        "was in use in the old cloud after it was cleaned there: that cleaning counts no more",
        ROAD,
        sighting(FENCED.with_instance(), VERIFIED),
        Owe(f"instance {SERVER} was on it in the old cloud after it was cleaned"),
    ),
    *(
        Scenario(
            f"has a server in the old Nova, a record in {state} there, and none here",
            OWED,
            sighting(None, new_node().in_state(state), old_compute=withheld(servers=(SERVER,))),
            holds(Cause.OCCUPIED, f"instance {SERVER} is on the node in the old cloud"),
        )
        for state in ("enroll", "manageable", "available")
    ),
    Scenario(
        "was taken back in the old cloud before the new one took it",
        ROAD,
        sighting(old_node(), new_node()),
        holds(
            Cause.UNFIT,
            "it is available in the old cloud: bring it to manageable there, then release",
        ),
    ),
    *(
        Scenario(
            f"is {state} in the old cloud although it is fenced",
            ROAD,
            sighting(FENCED.in_state(state), VERIFIED),
            holds(Cause.UNFIT, f"it is {state} in the old cloud: bring it to manageable there"),
        )
        for state in ("unknown", "cleaning", "deploying", "available")
    ),
    Scenario(
        "is in the new cloud no more",
        ROAD,
        sighting(FENCED, None),
        holds(
            Cause.VANISHED,
            "the new cloud has no record of the node in state transferred",
            "mend that there, then release",
        ),
    ),
    Scenario(
        "has a server in the old Nova",
        OWED,
        sighting(FENCED, VERIFIED, old_compute=withheld(servers=(SERVER,))),
        holds(Cause.OCCUPIED, f"instance {SERVER} is on the node in the old cloud"),
    ),
    not_deleted(
        "is protected in the old cloud",
        FENCED.protected(),
        "somebody protected it in the old cloud: its record is not deleted",
        "unset protected there",
        cause=Cause.PROTECTED,
    ),
    Scenario(
        "was changed in the old cloud",
        ROAD,
        sighting(FENCED, VERIFIED, old_records=records(driver_info=changed_bmc())),
        holds(
            Cause.DIFFERENT,
            "its record in the old cloud was changed since it was carried",
            "node/driver_info/redfish_address",
            "the old record is not deleted; set it back there, or delete the old record yourself",
        ),
    ),
    Scenario(
        "was changed in the new cloud",
        ROAD,
        sighting(FENCED, VERIFIED, new_records=records(driver_info=changed_bmc())),
        holds(
            Cause.DIFFERENT,
            "its record in the new cloud was changed since it was carried",
            "node/driver_info/redfish_address",
        ),
    ),
    Scenario(
        "has no document in the journal",
        ROAD,
        replace(sighting(FENCED, VERIFIED), document=None),
        holds(Cause.VANISHED, "its document cannot be read from the journal"),
    ),
    Scenario(
        "goes from the new cloud while it is read",
        ROAD,
        replace(
            sighting(FENCED, VERIFIED),
            new=replace(sighting(FENCED, VERIFIED).new, records=None),
        ),
        holds(Cause.VANISHED),
    ),
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
    Scenario(
        "is inspected there by somebody",
        ROAD,
        sighting(FENCED, new_node().in_state("inspecting")),
        holds(Cause.UNFIT, "inspecting in the new cloud"),
    ),
    Scenario(
        "came into a state there that nobody knows",
        ROAD,
        sighting(FENCED, new_node().in_state("unknown").powered("power off")),
        holds(Cause.UNFIT, "unknown in the new cloud"),
    ),
]


@pytest.mark.parametrize("scenario", [*TAKEN_OVER, *LENT, *NOT_TAKEN_OVER], ids=str)
def test_a_node_that(scenario: Scenario) -> None:
    play(scenario)

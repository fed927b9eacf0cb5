# SPDX-License-Identifier: Apache-2.0
"""What is done with a node that is fenced in the old cloud and recorded in the new one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ephyrad.migration.effects import (
    CreateNode,
    CreateParts,
    DeleteNode,
    FenceNode,
    ManageNode,
    PowerOffNode,
)
from ephyrad.migration.facts import NodeRecords
from ephyrad.migration.outcomes import Underway, Unknown, Unreachable
from ephyrad.migration.policy import Policy
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause, Keep, Owe, Perform, WaitUntil
from tests.unit.migration.builders import (
    BEFORE,
    NOW,
    SERVER,
    Node,
    document,
    masked_records,
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
        "is in enroll there and was deleted here: the new cloud may take it",
        ROAD.tried(DeleteNode()),
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
        "has lost its fence and has an instance: the fence is more urgent",
        ROAD,
        sighting(UNFENCED.with_instance(), VERIFIED),
        Perform(FenceNode()),
    ),
    Scenario(
        "has lost its fence and is available in both: the fence is more urgent",
        ROAD,
        sighting(old_node(), AVAILABLE),
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
    *(
        Scenario(
            f"has an old error when the try to manage it ended in {outcome}",
            ROAD.tried(ManageNode(), outcome, ago=2 * MINUTE),
            sighting(FENCED, new_node().with_error("401 Unauthorized")),
            Perform(ManageNode()),
        )
        for outcome in (Unreachable("no free conductor workers"), Unknown("timed out"))
    ),
    Scenario(
        "is back in enroll without an error",
        ROAD.tried(ManageNode(), Underway()),
        sighting(FENCED, new_node()),
        Perform(ManageNode()),
    ),
    Scenario(
        "is back in enroll after a crash, which proves nothing",
        ROAD.interrupted(ManageNode(), ago=2 * MINUTE),
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
        ROAD.tried(DeleteNode()),
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
]


ANEW = ROAD.held(Cause.NEW_GONE).released()
MENDED = ROAD.held(Cause.UNVERIFIED).released()
OTHER_LOGIN = {"redfish_username": "ephyrad", "redfish_password": "another"}


def other_login() -> NodeRecords:
    return records(driver_info={**records().node["driver_info"], **OTHER_LOGIN})


ANSWERED = [
    Scenario(
        "an operator has made anew in the new cloud",
        ANEW,
        sighting(FENCED, None),
        Perform(CreateNode(automated_clean=False)),
    ),
    Scenario(
        "an operator has made anew, and that lost its fence",
        ANEW,
        sighting(UNFENCED, None),
        Perform(FenceNode()),
    ),
    Scenario(
        "an operator has made anew, and that lacks its traits still",
        ANEW.tried(CreateNode(automated_clean=False)),
        sighting(FENCED, new_node(), new_records=records(traits=())),
        Perform(CreateParts({}, traits=True)),
    ),
    Scenario(
        "an operator has made anew, and that is whole",
        ANEW.tried(CreateNode(automated_clean=False)),
        sighting(FENCED, new_node()),
        Perform(ManageNode()),
    ),
    Scenario(
        "an operator knows to be gone from the old cloud",
        ROAD.held(Cause.OLD_GONE).released(),
        sighting(None, new_node()),
        Perform(ManageNode()),
    ),
    Scenario(
        "was given a login in the new cloud that works",
        MENDED,
        sighting(FENCED, VERIFIED, new_records=other_login()),
        Perform(DeleteNode()),
    ),
    Scenario(
        "was given another login in the new cloud although it had worked",
        ROAD,
        sighting(FENCED, VERIFIED, new_records=other_login()),
        holds(Cause.DIFFERENT, "in the new cloud", "node/driver_info/redfish_password"),
    ),
    Scenario(
        "was given another BMC in the new cloud",
        MENDED,
        sighting(FENCED, VERIFIED, new_records=records(driver_info=changed_bmc())),
        holds(Cause.DIFFERENT, "in the new cloud", "node/driver_info/redfish_address"),
    ),
    Scenario(
        "was given another login in the old cloud",
        MENDED,
        sighting(FENCED, VERIFIED, old_records=other_login()),
        holds(Cause.DIFFERENT, "in the old cloud", "node/driver_info/redfish_password"),
    ),
    Scenario(
        "was changed alike in both clouds",
        ROAD,
        sighting(
            FENCED,
            VERIFIED,
            old_records=records(driver_info=changed_bmc(), traits=()),
            new_records=records(driver_info=changed_bmc(), traits=()),
        ),
        Perform(DeleteNode()),
    ),
    Scenario(
        "was given another login in both, and the new cloud masks its password",
        ROAD,
        sighting(
            FENCED,
            VERIFIED,
            old_records=other_login(),
            new_records=masked_records(driver_info=other_login().node["driver_info"]),
        ),
        holds(Cause.DIFFERENT, "in the old cloud", "at node/driver_info/redfish_password:"),
    ),
    *(
        Scenario(
            f"has {why} as its power fault in the new cloud",
            ROAD.tried(DeleteNode()),
            sighting(None, replace(VERIFIED, facts=replace(faulty, fault=fault)).powered(None)),
            holds(Cause.MAINTENANCE, "in the new cloud (no BMC)", cure, lifts_itself=passes),
        )
        for why, fault, cure, passes in (
            ("a passing one", "power failure", "it goes on by itself when Ironic reaches", True),
            ("another one", "clean failure", "then release the node", False),
        )
        for faulty in (VERIFIED.in_maintenance("no BMC").facts,)
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
            Cause.NEW_GONE,
            "the new cloud has no record of the node any more",
            "it will be made anew from the document in the journal; then release the node",
        ),
    ),
    Scenario(
        "is in the new cloud no more, but a server of the old Nova is on it",
        OWED,
        sighting(FENCED, None, old_compute=withheld(servers=(SERVER,))),
        holds(Cause.NEW_GONE),
    ),
    *(
        Scenario(
            f"is in {state} there and gone here, and nobody knows why",
            ROAD,
            sighting(None, new_node().in_state(state).powered("power off")),
            holds(
                Cause.OLD_GONE,
                "the old cloud has no record of the node any more, and ephyrad did not delete it",
                "then release the node",
            ),
        )
        for state in ("enroll", "verifying", "manageable", "available")
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
            "the old record is not deleted; set it back there, or change the other cloud's record",
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
        Keep(document(), BEFORE, final=True),
    ),
    Scenario(
        "has no document in the journal, and the old cloud masks its secrets now",
        ROAD,
        replace(sighting(FENCED, VERIFIED, old_records=masked_records()), document=None),
        holds(Cause.MASKED, "driver_info/redfish_password"),
    ),
    Scenario(
        "goes from the old cloud while it is read",
        ROAD,
        replace(
            sighting(FENCED, VERIFIED),
            old=replace(sighting(FENCED, VERIFIED).old, records=None),
        ),
        holds(Cause.VANISHED),
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


@pytest.mark.parametrize("scenario", [*TAKEN_OVER, *NOT_TAKEN_OVER, *ANSWERED], ids=str)
def test_a_node_that(scenario: Scenario) -> None:
    play(scenario)

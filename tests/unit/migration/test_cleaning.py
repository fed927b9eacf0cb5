# SPDX-License-Identifier: Apache-2.0
"""What is done with a node that is cleaned, or was, and is to be carried across."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ephyrad.migration.effects import CreateNode, CreateParts, FenceNode, PartKind
from ephyrad.migration.policy import Policy
from ephyrad.migration.states import State, Trigger
from ephyrad.migration.steps import Cause, Keep, Owe, Perform, Settle, WaitUntil
from tests.unit.migration.builders import (
    BEFORE,
    CONNECTOR,
    MAC,
    NOW,
    OTHER,
    PASSWORD,
    PORT,
    PORTGROUP,
    SERVER,
    TARGET,
    cleaned_road,
    document,
    fault,
    faulty,
    masked_records,
    migration,
    new_cloud,
    new_node,
    old_node,
    owed_road,
    ready_to_delete,
    records,
    sighting,
)
from tests.unit.migration.scenarios import Scenario, holds, play

MINUTE = timedelta(minutes=1)
AGAIN = NOW + timedelta(seconds=5)
WAS_IN_USE = migration().retired_in_use().in_state(State.CLEANING)
WAS_IDLE = migration().retired_idle().in_state(State.CLEANING)
CLEANED = cleaned_road()
FENCED = ready_to_delete()
CREATED = cleaned_road().created()

CLEANING_ENDS = [
    Scenario(
        "is being cleaned",
        WAS_IN_USE,
        sighting(old_node().in_state("clean wait").retired()),
        WaitUntil("the old cloud to clean it", NOW - MINUTE + timedelta(hours=4)),
    ),
    Scenario(
        "has lost its BMC for a while when it is cleaned",
        WAS_IN_USE,
        sighting(faulty("clean wait")),
        holds(Cause.MAINTENANCE, "it goes on by itself", lifts_itself=True),
    ),
    Scenario(
        "is put into maintenance while it is cleaned",
        WAS_IN_USE,
        sighting(old_node().in_state("clean wait").retired().in_maintenance("a cable")),
        holds(
            Cause.MAINTENANCE,
            "it is in maintenance in the old cloud (a cable) while it is cleaned",
            "unset maintenance there, then release the node",
        ),
    ),
    Scenario(
        "failed to clean",
        WAS_IN_USE,
        sighting(
            old_node()
            .in_state("clean failed")
            .retired()
            .in_maintenance("clean failed", fault="clean failure")
        ),
        holds(Cause.CLEAN_FAILED, "clean failed in the old cloud"),
    ),
    Scenario(
        "is in use again",
        WAS_IN_USE,
        sighting(old_node().in_state("active").with_instance()),
        holds(Cause.OCCUPIED, f"instance {SERVER} is on the node", "delete it there"),
    ),
    Scenario(
        "is in use again after it was cleaned: that cleaning counts no more",
        CLEANED,
        sighting(old_node().in_state("active").with_instance()),
        Owe(f"instance {SERVER} was on it in the old cloud after it was cleaned"),
    ),
    Scenario(
        "is in use again, which is written down",
        CLEANED.owed(),
        sighting(old_node().in_state("active").with_instance()),
        holds(Cause.OCCUPIED, f"instance {SERVER} is on the node", "delete it there"),
    ),
    Scenario(
        "is in the old cloud no more",
        WAS_IN_USE,
        sighting(None),
        holds(
            Cause.VANISHED,
            "the old cloud has no record of the node in state cleaning",
            "enrol it there again under its UUID",
        ),
    ),
    Scenario(
        "was idle, so that nothing was cleaned",
        WAS_IDLE,
        sighting(old_node().in_state("manageable").retired()),
        Owe("it was idle: a retired node cannot be cleaned again in the old cloud"),
    ),
    Scenario(
        "failed to clean and was made manageable by hand",
        WAS_IN_USE,
        sighting(old_node().in_state("manageable").retired(), faults=(fault(),)),
        Owe("its cleaning in the old cloud was not seen to complete"),
    ),
]

CARRIED = [
    Scenario(
        "is cleaned: it is fenced",
        CLEANED,
        sighting(old_node().in_state("manageable").retired()),
        Perform(FenceNode()),
    ),
    Scenario(
        "is to be cleaned by the new cloud: it is fenced",
        owed_road(),
        sighting(old_node().in_state("manageable").retired()),
        Perform(FenceNode()),
    ),
    Scenario(
        "is fenced while a conductor still holds it",
        CLEANED,
        sighting(FENCED.reserved_by("old-conductor-1")),
        WaitUntil(
            "conductor old-conductor-1 of the old cloud to let go of the node",
            NOW - MINUTE + timedelta(minutes=30),
            AGAIN,
        ),
    ),
    Scenario(
        "is fenced: its document is kept once more, as it is now",
        CLEANED,
        sighting(FENCED, old_records=records(description="moved to rack 2")),
        Keep(document(records(description="moved to rack 2")), BEFORE, final=True),
    ),
    Scenario(
        "has a masked password that the operator's file knows",
        CLEANED,
        sighting(FENCED, old_records=masked_records(), secrets={"redfish_password": PASSWORD}),
        Keep(document(), BEFORE, final=True),
    ),
    Scenario(
        "is kept: it is created, and not cleaned again",
        CLEANED.kept(final=True),
        sighting(FENCED),
        Perform(CreateNode(automated_clean=False)),
    ),
    Scenario(
        "is kept, and the policy wants it cleaned again",
        CLEANED.kept(final=True),
        sighting(FENCED),
        Perform(CreateNode(automated_clean=True)),
        policy=Policy(clean_on_new=True),
    ),
    Scenario(
        "was created, and somebody deleted it there",
        CREATED,
        sighting(FENCED),
        Perform(CreateNode(automated_clean=False)),
    ),
    Scenario(
        "goes from the new cloud while it is read",
        CREATED,
        replace(
            sighting(FENCED, new_node()),
            new=replace(sighting(FENCED, new_node()).new, records=None),
        ),
        Perform(CreateNode(automated_clean=False)),
    ),
    Scenario(
        "has nothing yet that belongs to it",
        CREATED,
        sighting(
            FENCED,
            new_node(),
            new_records=replace(
                records(), ports=(), portgroups=(), connectors=(), targets=(), traits=()
            ),
        ),
        Perform(
            CreateParts(
                {
                    PartKind.PORTGROUP: (PORTGROUP,),
                    PartKind.PORT: (PORT,),
                    PartKind.CONNECTOR: (CONNECTOR,),
                    PartKind.TARGET: (TARGET,),
                },
                traits=True,
            )
        ),
    ),
    Scenario(
        "has no port",
        CREATED,
        sighting(FENCED, new_node(), new_records=replace(records(), ports=())),
        Perform(CreateParts({PartKind.PORT: (PORT,)})),
    ),
    Scenario(
        "has no volume connector",
        CREATED,
        sighting(FENCED, new_node(), new_records=replace(records(), connectors=())),
        Perform(CreateParts({PartKind.CONNECTOR: (CONNECTOR,)})),
    ),
    Scenario(
        "has no volume target",
        CREATED,
        sighting(FENCED, new_node(), new_records=replace(records(), targets=())),
        Perform(CreateParts({PartKind.TARGET: (TARGET,)})),
    ),
    Scenario(
        "has no traits",
        CREATED,
        sighting(FENCED, new_node(), new_records=records(traits=())),
        Perform(CreateParts({}, traits=True)),
    ),
    Scenario(
        "has one trait too many",
        CREATED,
        sighting(
            FENCED,
            new_node(),
            new_records=records(traits=("CUSTOM_GOLD", "CUSTOM_X", "HW_CPU_X86_VMX")),
        ),
        Perform(CreateParts({}, traits=True)),
    ),
    Scenario(
        "is equal in the new cloud",
        CREATED,
        sighting(FENCED, new_node()),
        Settle(Trigger.TRANSFER, "cleaned; fenced; read back equal in the new cloud"),
    ),
    Scenario(
        "is equal in a new cloud that masks secrets",
        CREATED,
        sighting(FENCED, new_node(), new_records=masked_records(targets=True)),
        Settle(Trigger.TRANSFER, "cleaned; fenced; read back equal in the new cloud"),
    ),
]

NOT_CARRIED = [
    Scenario(
        "is retired no more",
        CLEANED,
        sighting(old_node().in_state("manageable")),
        holds(
            Cause.RETIRED,
            "somebody changed its retirement or automated_clean in the old cloud",
            "'ephyrad: being carried to the new cloud'",
            "then release the node",
        ),
    ),
    Scenario(
        "has lost its BMC for a while",
        CLEANED,
        sighting(faulty("manageable")),
        holds(
            Cause.MAINTENANCE,
            "in maintenance in the old cloud (no BMC)",
            "it goes on by itself when Ironic reaches the BMC again",
            lifts_itself=True,
        ),
    ),
    Scenario(
        "is in somebody's maintenance",
        CLEANED,
        sighting(old_node().in_state("manageable").retired().in_maintenance("a cable")),
        holds(
            Cause.MAINTENANCE,
            "it is in maintenance in the old cloud (a cable)",
            "unset maintenance there, then release the node",
        ),
    ),
    Scenario(
        "goes from the old cloud while it is read",
        CLEANED,
        replace(
            sighting(FENCED),
            old=replace(sighting(FENCED).old, records=None),
            new_cloud=None,
        ),
        holds(Cause.VANISHED, "the old cloud has no record"),
    ),
    Scenario(
        "has a password now that is masked",
        CLEANED,
        sighting(FENCED, old_records=masked_records()),
        holds(Cause.MASKED, "the old cloud masks node/driver_info/redfish_password"),
    ),
    Scenario(
        "has a MAC address that was taken meanwhile",
        CLEANED,
        sighting(FENCED, offer=new_cloud(addresses={MAC: OTHER})),
        holds(Cause.CONFLICT, MAC, OTHER, "remove it there"),
    ),
    Scenario(
        "has a driver that was disabled meanwhile",
        CLEANED,
        sighting(FENCED, offer=new_cloud(drivers={})),
        holds(Cause.MISSING, "no driver redfish", "enable it"),
    ),
    Scenario(
        "appeared in the new cloud meanwhile",
        CLEANED,
        sighting(FENCED, new_node()),
        holds(Cause.CONFLICT, "the new cloud has a node with this UUID already"),
    ),
    Scenario(
        "appeared in the new cloud when its document was kept",
        CLEANED.kept(final=True),
        sighting(FENCED, new_node()),
        holds(
            Cause.CONFLICT,
            "the new cloud's record of this UUID was not made by ephyrad",
            "delete it there, then release the node",
        ),
    ),
    Scenario(
        "was given another password in the old cloud, which the new one masks",
        CREATED.held(Cause.REFUSED).released(),
        sighting(
            FENCED,
            new_node(),
            old_records=records(driver_info={"redfish_password": "another horse"}),
            new_records=masked_records(),
            kept=document(records(driver_info={"redfish_password": PASSWORD})),
        ),
        holds(
            Cause.DIFFERENT,
            "somebody changed node/driver_info/redfish_password in the old cloud",
            "delete that record, then release the node",
        ),
    ),
    Scenario(
        "is released: what was mended in the old record is carried as well",
        CREATED.held(Cause.REFUSED).released(),
        sighting(FENCED, new_node(), old_records=records(boot_interface="redfish-virtual-media")),
        Keep(document(records(boot_interface="redfish-virtual-media")), BEFORE, final=True),
    ),
    Scenario(
        "was moved on from enroll by somebody",
        CREATED,
        sighting(FENCED, new_node().in_state("manageable")),
        holds(Cause.CONFLICT, "somebody moved it on from enroll", "delete it there"),
    ),
    Scenario(
        "has another BMC in the new cloud",
        CREATED,
        sighting(
            FENCED,
            new_node(),
            new_records=records(
                driver_info={**records().node["driver_info"], "redfish_address": "https://bmc-2"}
            ),
        ),
        holds(
            Cause.DIFFERENT,
            "the record in the new cloud differs at node/driver_info/redfish_address",
            "mend it there or delete it there, then release the node",
        ),
    ),
    Scenario(
        "has a port in the new cloud that it does not have in the old",
        CREATED,
        sighting(
            FENCED,
            new_node(),
            new_records=replace(records(), ports=(*records().ports, {"uuid": OTHER})),
        ),
        holds(Cause.DIFFERENT, f"port {OTHER} (unexpected)"),
    ),
    Scenario(
        "has a document with a mask in it, however it came there",
        CLEANED.kept(final=True),
        sighting(FENCED, kept=document(masked_records())),
        holds(Cause.MASKED, "node/driver_info/redfish_password"),
    ),
    Scenario(
        "has no document in the journal although it was kept",
        CREATED,
        replace(sighting(FENCED, new_node()), document=None),
        holds(Cause.VANISHED, "its document cannot be read from the journal", "see the log"),
    ),
]


@pytest.mark.parametrize("scenario", [*CLEANING_ENDS, *CARRIED, *NOT_CARRIED], ids=str)
def test_a_node_that(scenario: Scenario) -> None:
    play(scenario)


TO_BE_CLEANED = owed_road()


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(
            "is fenced: its document is kept",
            TO_BE_CLEANED,
            sighting(FENCED),
            Keep(document(), BEFORE, final=True),
        ),
        Scenario(
            "is kept: it is created so that the new cloud cleans it",
            TO_BE_CLEANED.kept(final=True),
            sighting(FENCED),
            Perform(CreateNode(automated_clean=True)),
        ),
        Scenario(
            "is equal in the new cloud",
            TO_BE_CLEANED.created(automated_clean=True),
            sighting(FENCED, new_node()),
            Settle(
                Trigger.TRANSFER,
                "cleaning left to the new cloud; fenced; read back equal in the new cloud",
            ),
        ),
    ],
    ids=str,
)
def test_a_node_that_the_new_cloud_is_to_clean_and_that(scenario: Scenario) -> None:
    play(scenario)

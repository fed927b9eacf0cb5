# SPDX-License-Identifier: Apache-2.0
"""What is done with a node that may be in use."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ephyrad.migration.document import Before
from ephyrad.migration.effects import RetireNode, WithdrawNode
from ephyrad.migration.policy import Policy
from ephyrad.migration.states import Trigger
from ephyrad.migration.steps import Cause, Keep, Perform, Settle, WaitUntil
from tests.unit.migration.builders import (
    BEFORE,
    NOW,
    OTHER,
    PASSWORD,
    SERVER,
    Node,
    document,
    fault,
    faulty,
    forgotten,
    masked_records,
    migration,
    offered,
    old_node,
    records,
    sighting,
    withheld,
)
from tests.unit.migration.scenarios import Scenario, holds, play

MINUTE = timedelta(minutes=1)
AGAIN = NOW + timedelta(seconds=5)
ASKED = migration()
KEPT = migration().kept()
RETIRED_IN_USE = migration().retired_in_use()
DEPLOYING = old_node().in_state("deploying")
EMPTY = "retired; Ironic, Nova and placement show no instance on it and offer it to nobody"

ON_THE_WAY = [
    Scenario(
        "was just asked for: its document is kept before anything is touched",
        ASKED,
        sighting(old_node()),
        Keep(document(), BEFORE, final=False),
    ),
    Scenario(
        "has an automated_clean of its own: it is remembered",
        ASKED,
        sighting(
            old_node().automated_clean(value=False), old_records=records(automated_clean=False)
        ),
        Keep(document(before=Before(False)), Before(False), final=False),
    ),
    Scenario(
        "has a masked password that the operator's file knows",
        ASKED,
        sighting(old_node(), old_records=masked_records(), secrets={"redfish_password": PASSWORD}),
        Keep(document(), BEFORE, final=False),
    ),
    Scenario(
        "has no resource class, and is to be carried to a cloud without Nova",
        ASKED,
        sighting(old_node(), old_records=records(resource_class=None)),
        Keep(document(records(resource_class=None)), BEFORE, final=False),
        policy=Policy(new_compute=False),
    ),
    Scenario(
        "is available: it is withdrawn from scheduling",
        KEPT,
        sighting(old_node(), old_compute=offered()),
        Perform(WithdrawNode()),
    ),
    Scenario(
        "is available and about to be deployed: its instance is let in",
        KEPT,
        sighting(
            old_node().in_state("available", ago=10 * MINUTE).with_instance(),
            old_compute=withheld(consumers=(SERVER,)),
        ),
        WaitUntil(
            f"instance {SERVER}, which is to be put on it, to be there or gone",
            NOW - MINUTE + timedelta(minutes=30),
            AGAIN,
        ),
    ),
    Scenario(
        "is idle and manageable: it is retired",
        KEPT,
        sighting(old_node().in_state("manageable")),
        Perform(RetireNode(in_use=False)),
    ),
    Scenario(
        "is in use: it is retired, so that cleaning follows when its instance goes",
        KEPT,
        sighting(old_node().in_state("active").with_instance()),
        Perform(RetireNode(in_use=True)),
    ),
    Scenario(
        "is in use and has errors in its history: the newest is remembered",
        KEPT,
        sighting(
            old_node().in_state("rescue").with_instance(),
            faults=(fault(ago=2 * MINUTE), fault(ago=MINUTE), fault(ago=3 * MINUTE)),
        ),
        Perform(RetireNode(in_use=True, last_fault=NOW - MINUTE)),
    ),
    Scenario(
        "was retired, but somebody took its automated_clean away again",
        RETIRED_IN_USE,
        sighting(old_node().in_state("active").retired().automated_clean(value=False)),
        Perform(RetireNode(in_use=True)),
    ),
    Scenario(
        "is retired and in use: its instance is waited for",
        RETIRED_IN_USE,
        sighting(old_node().in_state("active").retired().with_instance()),
        WaitUntil(f"instance {SERVER} to be deleted", NOW - MINUTE + timedelta(days=14)),
    ),
    Scenario(
        "is retired, and active without an instance that anybody knows",
        RETIRED_IN_USE,
        sighting(old_node().in_state("active").retired()),
        WaitUntil("its undeployment", NOW - MINUTE + timedelta(days=14)),
    ),
    Scenario(
        "was seen in use, but is available by the time",
        RETIRED_IN_USE,
        sighting(old_node(), old_compute=offered()),
        Perform(WithdrawNode()),
    ),
    Scenario(
        "is retired and manageable, and nobody knows of an instance or offers it",
        RETIRED_IN_USE,
        sighting(old_node().in_state("manageable").retired()),
        Settle(Trigger.DRAIN, EMPTY),
    ),
    Scenario(
        "is retired and manageable, and Nova and placement have forgotten it",
        RETIRED_IN_USE,
        sighting(old_node().in_state("manageable").retired(), old_compute=forgotten()),
        Settle(Trigger.DRAIN, EMPTY),
    ),
    Scenario(
        "is retired and empty while it is cleaned",
        RETIRED_IN_USE,
        sighting(old_node().in_state("clean wait").retired()),
        Settle(Trigger.DRAIN, EMPTY),
    ),
    Scenario(
        "lives in a cloud without Nova: Ironic alone says that it is empty",
        RETIRED_IN_USE,
        sighting(old_node().in_state("manageable").retired(), old_compute=offered()),
        Settle(Trigger.DRAIN, EMPTY),
        policy=Policy(old_compute=False),
    ),
    Scenario(
        "is retired and manageable, but Nova still has its server",
        RETIRED_IN_USE,
        sighting(
            old_node().in_state("manageable", ago=MINUTE).retired(),
            old_compute=withheld(servers=(SERVER,)),
        ),
        WaitUntil(
            f"the old Nova to forget instance {SERVER}",
            NOW - MINUTE + timedelta(minutes=30),
            AGAIN,
        ),
    ),
    Scenario(
        "is retired and cleaned, but placement still has two allocations",
        RETIRED_IN_USE,
        sighting(
            old_node().in_state("cleaning", ago=MINUTE).retired(),
            old_compute=withheld(consumers=(SERVER, OTHER)),
        ),
        WaitUntil(
            f"the old Nova to forget instance {SERVER}, {OTHER}",
            NOW - MINUTE + timedelta(minutes=30),
            AGAIN,
        ),
    ),
    Scenario(
        "is retired and manageable, but placement still offers it",
        migration().retired_idle(),
        sighting(old_node().in_state("manageable", ago=MINUTE).retired(), old_compute=offered()),
        WaitUntil(
            "the old placement to offer it no more (CUSTOM_BAREMETAL=1)",
            NOW - MINUTE + timedelta(minutes=30),
            AGAIN,
        ),
    ),
]


@pytest.mark.parametrize("scenario", ON_THE_WAY, ids=str)
def test_a_node_that(scenario: Scenario) -> None:
    play(scenario)


STOPPED = [
    Scenario(
        "is in the old cloud no more",
        ASKED,
        sighting(None),
        holds(
            Cause.VANISHED,
            "the old cloud has no record of the node in state active",
            "enrol it there again under its UUID",
            lifts_itself=True,
        ),
    ),
    Scenario(
        "goes from the old cloud while it is read",
        ASKED,
        replace(
            sighting(old_node()),
            new_cloud=None,
            old=replace(sighting(old_node()).old, records=None),
        ),
        holds(Cause.VANISHED, "the old cloud has no record", lifts_itself=True),
    ),
    Scenario(
        "is in the old cloud no more after it was retired",
        RETIRED_IN_USE,
        sighting(None),
        holds(Cause.VANISHED, "then release the node"),
    ),
    Scenario(
        "was protected after it was retired",
        RETIRED_IN_USE,
        sighting(old_node().in_state("active").retired().protected()),
        holds(Cause.PROTECTED, "unset protected there, then release the node"),
    ),
    Scenario(
        "lost its BMC for a while after it was retired",
        RETIRED_IN_USE,
        sighting(faulty("active")),
        holds(Cause.MAINTENANCE, "in maintenance in the old cloud (no BMC)", lifts_itself=True),
    ),
    Scenario(
        "is in somebody's maintenance after it was retired",
        RETIRED_IN_USE,
        sighting(old_node().in_state("active").retired().in_maintenance("a cable")),
        holds(Cause.MAINTENANCE, "(a cable)", "then release the node"),
    ),
    Scenario(
        "failed to be undeployed",
        RETIRED_IN_USE,
        sighting(old_node().in_state("error").retired().with_error("no power")),
        holds(Cause.UNFIT, "error in the old cloud (no power)", "then release the node"),
    ),
    Scenario(
        "came into a state that nobody knows",
        RETIRED_IN_USE,
        sighting(old_node().in_state("unknown").retired()),
        holds(Cause.UNFIT, "unknown in the old cloud", "then release the node"),
    ),
]


@pytest.mark.parametrize("scenario", STOPPED, ids=str)
def test_it_stops_at_a_node_that(scenario: Scenario) -> None:
    play(scenario)


@pytest.mark.parametrize(
    "state",
    [
        "deleting",
        "deploying",
        "wait call-back",
        "deploy hold",
        "verifying",
        "inspecting",
        "inspect wait",
        "rebuild",
        "rescuing",
        "rescue wait",
        "unrescuing",
        "servicing",
        "service wait",
        "service hold",
        "adopting",
        "cleaning",
        "clean wait",
        "clean hold",
    ],
)
def test_a_state_that_passes_is_waited_for(state: str) -> None:
    play(
        Scenario(
            "passes",
            KEPT,
            sighting(old_node().in_state(state, ago=MINUTE)),
            WaitUntil(f"the old cloud to end {state}", NOW - MINUTE + timedelta(hours=4)),
        )
    )


LONG_AGO = timedelta(days=10)


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(
            "is undeployed at last",
            migration(asked=LONG_AGO).retired_in_use(ago=LONG_AGO),
            sighting(old_node().in_state("deleting", ago=MINUTE).retired().with_instance()),
            WaitUntil("the old cloud to end deleting", NOW - MINUTE + timedelta(hours=4)),
        ),
        Scenario(
            "is cleaned at last, and Nova has its server still",
            migration(asked=LONG_AGO).retired_in_use(ago=LONG_AGO),
            sighting(
                old_node().in_state("cleaning", ago=MINUTE).retired(),
                old_compute=withheld(servers=(SERVER,)),
            ),
            WaitUntil(
                f"the old Nova to forget instance {SERVER}",
                NOW - MINUTE + timedelta(minutes=30),
                AGAIN,
            ),
        ),
        Scenario(
            "waited for a slot, and is cleaned between two instances",
            migration(asked=LONG_AGO).kept(),
            sighting(old_node().in_state("cleaning", ago=MINUTE)),
            WaitUntil("the old cloud to end cleaning", NOW - MINUTE + timedelta(hours=4)),
        ),
        Scenario(
            "lives in a cloud whose clock goes before ours",
            KEPT,
            sighting(old_node().in_state("deploying", ago=-timedelta(days=365))),
            WaitUntil("the old cloud to end deploying", NOW + timedelta(hours=4)),
        ),
        Scenario(
            "does not say since when it is as it is",
            KEPT,
            sighting(Node(replace(DEPLOYING.facts, provision_updated_at=None))),
            WaitUntil("the old cloud to end deploying", NOW - MINUTE + timedelta(hours=4)),
        ),
    ],
    ids=str,
)
def test_a_wait_begins_with_the_state_that_is_waited_out_when_a_node(scenario: Scenario) -> None:
    play(scenario)

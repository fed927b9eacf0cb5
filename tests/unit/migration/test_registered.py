# SPDX-License-Identifier: Apache-2.0
"""What is done with a node that the new Ironic owns and the new Nova may not offer yet."""

from datetime import timedelta

import pytest

from ephyrad.migration import marks
from ephyrad.migration.effects import UnshieldNode
from ephyrad.migration.policy import Policy
from ephyrad.migration.states import State, Trigger
from ephyrad.migration.steps import Cause, Perform, Rest, Settle, WaitUntil, Watch
from tests.unit.migration.builders import (
    NOW,
    new_node,
    offered,
    sighting,
    transferred_road,
    withheld,
)
from tests.unit.migration.scenarios import Scenario, holds, play

MINUTE = timedelta(minutes=1)
AGAIN = NOW + timedelta(seconds=5)
ROAD = transferred_road().in_state(State.REGISTERED)
AVAILABLE = new_node().in_state("available").powered("power off")
BY = NOW - MINUTE + timedelta(minutes=30)

SCENARIOS = [
    Scenario(
        "is offered",
        ROAD,
        sighting(None, AVAILABLE, new_compute=offered()),
        Settle(Trigger.OFFER, "the new placement offers CUSTOM_BAREMETAL=1"),
    ),
    Scenario(
        "is not offered yet",
        ROAD,
        sighting(None, AVAILABLE, new_compute=withheld()),
        WaitUntil(
            "the new placement to offer it (it is available in the new cloud)",
            BY,
            AGAIN,
            Watch.OFFER,
        ),
    ),
    Scenario(
        "is in maintenance while placement still offers it",
        ROAD,
        sighting(None, AVAILABLE.in_maintenance(), new_compute=offered()),
        WaitUntil(
            "the new placement to offer it (it is available in maintenance in the new cloud)",
            BY,
            AGAIN,
        ),
    ),
    Scenario(
        "is still kept from schedulers",
        ROAD,
        sighting(None, AVAILABLE.in_maintenance(marks.SHIELDED), new_compute=offered()),
        Perform(UnshieldNode()),
    ),
    Scenario(
        "is not available while placement still offers it",
        ROAD,
        sighting(None, AVAILABLE.in_state("cleaning"), new_compute=offered()),
        WaitUntil("the new placement to offer it (it is cleaning in the new cloud)", BY, AGAIN),
    ),
    *(
        Scenario(
            f"is {state} already",
            ROAD,
            sighting(None, AVAILABLE.in_state(state)),
            Settle(Trigger.OFFER, "an instance was put on it in the new cloud already"),
        )
        for state in ("deploying", "wait call-back", "deploy hold", "active", "deleting")
    ),
    Scenario(
        "has an instance already",
        ROAD,
        sighting(None, AVAILABLE.with_instance()),
        Settle(Trigger.OFFER, "an instance was put on it in the new cloud already"),
    ),
    Scenario(
        "is available in a new cloud without Nova",
        ROAD,
        sighting(None, AVAILABLE),
        Settle(Trigger.OFFER, "available in the new cloud, which has no Nova"),
        policy=Policy(new_compute=False),
    ),
    Scenario(
        "is in maintenance in a new cloud without Nova",
        ROAD,
        sighting(None, AVAILABLE.in_maintenance()),
        WaitUntil(
            "the new Ironic to have it available (it is available in maintenance in the new cloud)",
            BY,
            AGAIN,
        ),
        policy=Policy(new_compute=False),
    ),
    Scenario(
        "is in the new cloud no more",
        ROAD,
        sighting(None, None),
        holds(
            Cause.VANISHED,
            "the new cloud has no record of the node in state registered",
            "enrol it there again under its UUID and bring it to available",
            "then release the node",
        ),
    ),
    Scenario(
        "has arrived",
        ROAD.in_state(State.COMPUTE_READY),
        sighting(None, None),
        Rest(),
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_registered_node_that(scenario: Scenario) -> None:
    play(scenario)

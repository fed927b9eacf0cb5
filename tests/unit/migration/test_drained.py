# SPDX-License-Identifier: Apache-2.0
"""What is done with a node that is empty, and was not seen to be cleaned yet."""

import pytest

from ephyrad.migration.states import State, Trigger
from ephyrad.migration.steps import Cause, Settle
from tests.unit.migration.builders import (
    NOW,
    OTHER,
    SERVER,
    cleaned_notification,
    fault,
    migration,
    old_node,
    sighting,
    withheld,
)
from tests.unit.migration.scenarios import Scenario, holds, play

WAS_IN_USE = migration().retired_in_use().in_state(State.DRAINED)
WAS_IDLE = migration().retired_idle().in_state(State.DRAINED)

SCENARIOS = [
    *(
        Scenario(
            f"is in {state}",
            WAS_IN_USE,
            sighting(old_node().in_state(state).retired()),
            Settle(Trigger.CLEAN, f"the old Ironic cleans it ({state})"),
        )
        for state in ("cleaning", "clean wait", "clean hold")
    ),
    Scenario(
        "was cleaned already",
        WAS_IN_USE,
        sighting(
            old_node().in_state("manageable").retired(), notifications=(cleaned_notification(),)
        ),
        Settle(Trigger.CLEAN, "notification 4286e62c: cleaning -> manageable"),
    ),
    Scenario(
        "is manageable and nothing proves that it was cleaned",
        WAS_IN_USE,
        sighting(old_node().in_state("manageable").retired(), faults=(fault(),)),
        Settle(Trigger.CLEAN, "the old Ironic does not clean it now"),
    ),
    Scenario(
        "was idle",
        WAS_IDLE,
        sighting(old_node().in_state("manageable").retired()),
        Settle(Trigger.CLEAN, "the old Ironic does not clean it now"),
    ),
    Scenario(
        "is in the old cloud no more",
        WAS_IN_USE,
        sighting(None),
        holds(
            Cause.VANISHED,
            "the old cloud has no record of the node in state drained",
            "enrol it there again under its UUID",
        ),
    ),
    Scenario(
        "has an instance in Ironic again",
        WAS_IN_USE,
        sighting(old_node().in_state("active").retired().with_instance()),
        holds(
            Cause.OCCUPIED,
            f"instance {SERVER} is on the node in the old cloud",
            "delete it there, then release the node",
        ),
    ),
    Scenario(
        "has a server in Nova and another's allocation in placement",
        WAS_IN_USE,
        sighting(
            old_node().in_state("manageable").retired(),
            old_compute=withheld(servers=(SERVER,), consumers=(OTHER,)),
        ),
        holds(Cause.OCCUPIED, f"instance {SERVER}, {OTHER} is on the node"),
    ),
    Scenario(
        "failed to clean",
        WAS_IN_USE,
        sighting(old_node().in_state("clean failed").retired().with_error("step erase failed")),
        holds(
            Cause.CLEAN_FAILED,
            "clean failed in the old cloud (step erase failed)",
            "bring it to manageable there, then release the node",
        ),
    ),
    Scenario(
        "was made available by somebody",
        WAS_IN_USE,
        sighting(old_node()),
        holds(Cause.UNFIT, "available in the old cloud", "bring it to manageable there"),
    ),
    Scenario(
        "came into a state that nobody knows",
        WAS_IN_USE,
        sighting(old_node().in_state("unknown").retired()),
        holds(Cause.UNFIT, "unknown in the old cloud"),
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_drained_node_that(scenario: Scenario) -> None:
    play(scenario)


def test_a_clean_history_is_proof_as_well() -> None:
    manageable = old_node().in_state("manageable").retired()

    play(
        Scenario(
            "was cleaned and has no error in its history",
            WAS_IN_USE,
            sighting(manageable),
            Settle(
                Trigger.CLEAN,
                f"manageable since {manageable.facts.provision_updated_at}, retired while in use,"
                " automated_clean, and no error recorded since",
            ),
        )
    )
    assert manageable.facts.provision_updated_at != NOW

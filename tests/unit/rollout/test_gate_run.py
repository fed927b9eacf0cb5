# SPDX-License-Identifier: Apache-2.0
"""What a run of a gate knows of itself."""

from datetime import timedelta

import pytest

from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import CloudName
from ephyrad.rollout.declaration import CommandGate
from ephyrad.rollout.gate_run import GateRun

GATE = CommandGate(("true",), timedelta(seconds=1))


@pytest.mark.parametrize(
    ("direction", "cloud"),
    [(Direction.FORWARD, CloudName.NEW), (Direction.BACK, CloudName.OLD)],
)
def test_it_tries_the_cloud_that_the_nodes_entered(direction: Direction, cloud: CloudName) -> None:
    assert cloud == GateRun("g", GATE, ("u1",), "summer", "canary", direction).cloud


def test_a_command_is_told_what_it_is_about() -> None:
    run = GateRun("g", GATE, ("u1", "u2"), "summer", "canary", Direction.BACK)

    assert run.environment == {
        "EPHYRA_ROLLOUT": "summer",
        "EPHYRA_WAVE": "canary",
        "EPHYRA_NODES": "u1 u2",
        "EPHYRA_DIRECTION": "back",
    }

# SPDX-License-Identifier: Apache-2.0
"""What an entry of the journal is to those who listen."""

from datetime import UTC, datetime

import pytest

from ephyrad.engine.announcement import announcement
from ephyrad.journal.announced import OfNode, OfRollout
from ephyrad.migration.direction import Direction
from ephyrad.migration.entries import Asked, Held, Witnessed
from ephyrad.migration.steps import Cause
from ephyrad.rollout.entries import GateBegun, GateEnded
from ephyrad.rollout.verdict import Result

AT = datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC)
ASKED = Asked(AT, "rack1", "ann", Direction.BACK)


def test_a_hold_says_which_node_and_why() -> None:
    held = Held(AT, Cause.MASKED, "its secrets are masked", lifts_itself=True)

    said = announcement(OfNode(9, "0a1b", 3, held, ASKED))

    assert said.event_type == "ephyra.node.hold"
    assert said.payload == {
        "ephyra_object.name": "NodeHoldPayload",
        "ephyra_object.namespace": "ephyra",
        "ephyra_object.version": "1.0",
        "ephyra_object.data": {
            "node": "0a1b",
            "name": "rack1",
            "direction": "back",
            "seq": 3,
            "at": "2026-01-02T03:04:05.678Z",
            "cause": "masked",
            "reason": "its secrets are masked",
            "lifts_itself": True,
        },
    }
    data = said.payload["ephyra_object.data"]
    assert {type(value) for value in data.values()} == {str, int, bool}


def test_a_gate_is_named_by_the_run_that_it_ends() -> None:
    ended = GateEnded(AT, "r1", Result.FAIL, "it did not boot", "its console, which is long")

    said = announcement(OfRollout(1, "spring", 4, ended, GateBegun(AT, "r1", 2, "boot")))

    assert said.event_type == "ephyra.rollout.gate"
    assert said.payload["ephyra_object.data"] == {
        "rollout": "spring",
        "seq": 4,
        "at": "2026-01-02T03:04:05.678Z",
        "gate": "boot",
        "wave": 2,
        "result": "fail",
        "reason": "it did not boot",
    }


def test_what_is_nobodys_business_is_refused() -> None:
    with pytest.raises(ValueError, match="is not announced"):
        announcement(OfNode(1, "0a1b", 1, Witnessed(AT, "seen"), ASKED))

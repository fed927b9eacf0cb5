# SPDX-License-Identifier: Apache-2.0
"""Writes docs/samples anew: a sample of each notification that ephyrad sends."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ephyrad.engine.announcement import Announcement, announcement
from ephyrad.journal.announced import OfNode, OfRollout
from ephyrad.migration import entries as nodes
from ephyrad.migration.states import State, Trigger
from ephyrad.migration.steps import Cause
from ephyrad.rollout import entries as rollouts
from ephyrad.rollout.declaration import Declaration, Selection
from ephyrad.rollout.entries import GateBegun, Member, PauseCause
from ephyrad.rollout.verdict import Result

SAMPLES = Path(__file__).resolve().parents[1] / "docs/samples"

_AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
_NODE = "0b2b2d2e-0a57-4b7e-8d2c-0f4d3f1c9a01"
_ASKED = nodes.Asked(_AT, "rack1-07", "ann")
_SPRING = Declaration("spring", (Selection(),))
_GATE = GateBegun(_AT, "r1", 1, "boot")
_OF_NODES: tuple[nodes.Entry, ...] = (
    _ASKED,
    nodes.Moved(
        *(_AT, Trigger.DRAIN, State.ACTIVE, State.DRAINED),
        "nothing runs on it, and nothing can be scheduled onto it",
    ),
    nodes.Held(_AT, Cause.CLEAN_FAILED, "cleaning failed in the old cloud: mend it", False),
    nodes.Lifted(_AT, "ann"),
    nodes.Aborting(_AT, "ann"),
    nodes.Restored(_AT, "the old record is as it was"),
)
_OF_ROLLOUTS: tuple[rollouts.Entry, ...] = (
    rollouts.Started(_AT, "ann", _SPRING, 240),
    rollouts.Applied(_AT, "ann", _SPRING),
    rollouts.Opened(_AT, 1, "canary", (Member(_NODE, "rack1-07", {}),)),
    rollouts.GateEnded(_AT, "r1", Result.PASS, "1 of 1 instances came up", "long output"),
    rollouts.Approved(_AT, "ann", 1),
    rollouts.Paused(_AT, "ephyrad", PauseCause.BUDGET, "3 nodes are held, and 3 may be"),
    rollouts.Resumed(_AT, "ann"),
    rollouts.Stopped(_AT, "ann"),
    rollouts.Ended(_AT, "all that it was to carry has arrived"),
)


def samples() -> Mapping[str, Any]:
    """Return a message of each kind, by its type, as a consumer of oslo.messaging gets it."""
    found = [
        announcement(OfNode(seq, _NODE, seq, entry, _ASKED))
        for seq, entry in enumerate(_OF_NODES, 1)
    ]
    found += [
        announcement(OfRollout(seq, "spring", seq, entry, _GATE))
        for seq, entry in enumerate(_OF_ROLLOUTS, 1)
    ]
    return {each.event_type: _message(number, each) for number, each in enumerate(found, 1)}


def text(sample: Any) -> str:
    """Return a sample as it stands in its file."""
    return json.dumps(sample, indent=4) + "\n"


def _message(number: int, said: Announcement) -> dict[str, Any]:
    sent = (_AT + timedelta(milliseconds=40)).replace(tzinfo=None)
    return {
        "message_id": f"5c3e1a52-9d2f-4f0e-8a38-5b8a3e0c7d{number:02}",
        "publisher_id": "ephyrad.controller-1",
        "timestamp": str(sent),
        "priority": "INFO",
        "event_type": said.event_type,
        "payload": said.payload,
    }


if __name__ == "__main__":
    SAMPLES.mkdir(exist_ok=True)
    for name, sample in samples().items():
        (SAMPLES / f"{name}.json").write_text(text(sample))
        print(f"wrote docs/samples/{name}.json")

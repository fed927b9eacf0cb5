# SPDX-License-Identifier: Apache-2.0
"""A declaration comes back from JSON as it went there."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from ephyrad.rollout.codec import from_json, to_json
from ephyrad.rollout.declaration import (
    ApprovalGate,
    BootGate,
    Declaration,
    DrainRule,
    Selection,
)
from tests.unit.rollout.arbitrary import DECLARATIONS


@given(DECLARATIONS)
def test_what_was_written_is_read_again(declaration: Declaration) -> None:
    text = json.dumps(to_json(declaration), allow_nan=False)

    assert from_json(json.loads(text)) == declaration


def test_it_is_written_in_plain_words() -> None:
    declaration = Declaration(
        "spring",
        (Selection(names=("n*",)),),
        drains=(DrainRule(notice=timedelta(days=2)),),
        gates={"boots": BootGate("debian", "metal", timedelta(minutes=1)), "go": ApprovalGate()},
    )

    value = to_json(declaration)

    assert value["direction"] == "forward"
    assert value["drains"][0]["notice"] == 172800
    assert value["gates"]["boots"]["kind"] == "boot"
    assert value["gates"]["go"] == {"kind": "approval"}


def test_what_an_older_ephyrad_did_not_write_is_as_without_it() -> None:
    value: dict[str, Any] = {"name": "spring", "nodes": [{"names": ["n1"]}]}

    assert from_json(value) == Declaration("spring", (Selection(names=("n1",)),))


@pytest.mark.parametrize(
    "value",
    [
        {"name": "spring"},
        {"name": "spring", "nodes": [], "colour": "blue"},
        {"name": "spring", "nodes": [], "direction": "up"},
        {"name": "spring", "nodes": [], "gates": {"a": {"kind": "oracle"}}},
        {"name": "spring", "nodes": [], "gates": {"a": {}}},
        {"name": "spring", "nodes": [], "deadlines": {"drain": "a week"}},
        {"name": "spring", "nodes": [], "limits": 3},
    ],
)
def test_what_this_ephyrad_does_not_know_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a rollout's declaration cannot be read"):
        from_json(value)

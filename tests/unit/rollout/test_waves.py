# SPDX-License-Identifier: Apache-2.0
"""Waves while their file changes, and when a person may be content with one."""

from dataclasses import replace

import pytest

from ephyrad.migration.states import State
from ephyrad.rollout.declaration import Amount, ApprovalGate, WaveRule
from ephyrad.rollout.waves import may_be_approved
from tests.unit.rollout.builders import Story, arrived, migration, node, why

CANARY = (WaveRule("canary", Amount(2), gates=("smoke",)), WaveRule("batch", Amount(percent=50)))


@pytest.mark.parametrize(
    ("left", "size"),
    [
        (("canary", "batch", "rest"), 2),
        (("batch", "rest"), 2),
        (("rest",), 3),
        (("first", "rest"), 1),
    ],
    ids=["as it was", "without the one that was", "the last alone", "renamed"],
)
def test_an_applied_file_makes_no_wave_be_left_out(left: tuple[str, ...], size: int) -> None:
    rules = {
        "canary": WaveRule("canary", Amount(1)),
        "first": WaveRule("first", Amount(1)),
        "batch": WaveRule("batch", Amount(2)),
        "rest": WaveRule("rest"),
    }
    story = Story([node(name) for name in "abcd"])
    story.declares(waves=tuple(rules[name] for name in ("canary", "batch", "rest")))
    story.opened("a").has(arrived("a"))

    story.declares(waves=tuple(rules[name] for name in left))
    del story.old["a"]

    assert len(story.opens()) == size


def test_a_wave_that_the_file_renames_keeps_its_gates() -> None:
    story = Story([node("a"), node("b"), node("c")])
    story.declares(waves=CANARY, gates={"smoke": ApprovalGate()})
    story.opened("a", "b").has(arrived("a"), arrived("b"))

    story.declares(waves=(replace(CANARY[0], name="first"), *CANARY[1:]))

    assert why(story).startswith("somebody to approve wave 1")


def test_a_wave_may_be_approved_while_one_that_was_left_behind_goes() -> None:
    story = Story([node("a"), node("b", instance="i"), node("c")])
    story.declares(waves=CANARY, gates={"smoke": ApprovalGate()}).opened("a", "b")
    left_behind = migration("b", State.CLEANING, was_in_use=True)

    said = [
        may_be_approved(story.has(journey, left_behind).standing, story.rollout.waves[0])
        for journey in (migration("a", State.CLEANING), arrived("a"))
    ]

    assert said == [False, True]

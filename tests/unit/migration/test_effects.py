# SPDX-License-Identifier: Apache-2.0
"""What is said of an effect to an operator."""

import pytest

from ephyrad.migration.effects import (
    CreateNode,
    CreateParts,
    Effect,
    PartKind,
    ReleaseInstance,
    RetireNode,
    SetAutomatedClean,
    describe,
)


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (RetireNode(in_use=True), "retire in the old cloud"),
        (ReleaseInstance("i"), "delete the instance in the old cloud (i)"),
        (CreateNode(automated_clean=False), "create the node record in the new cloud"),
        (CreateParts({PartKind.PORT: ("a",)}), "create 1 port in the new cloud"),
        (
            CreateParts({PartKind.PORTGROUP: ("a", "b"), PartKind.PORT: ("c",)}, traits=True),
            "create 2 port groups, 1 port and set traits in the new cloud",
        ),
        (CreateParts({}, traits=True), "set traits in the new cloud"),
        (SetAutomatedClean(None), "set automated_clean in the new cloud (unset)"),
        (SetAutomatedClean(value=False), "set automated_clean in the new cloud (false)"),
    ],
)
def test_an_effect_says_what_it_does_and_where(effect: Effect, words: str) -> None:
    assert describe(effect) == words


def test_every_effect_says_in_which_cloud_it_acts() -> None:
    silent = [
        effect.__name__
        for effect in Effect.__args__
        if not any(word in effect.says for word in ("old cloud", "new cloud"))
    ]

    assert silent == []

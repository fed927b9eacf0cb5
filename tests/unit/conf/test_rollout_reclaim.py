# SPDX-License-Identifier: Apache-2.0
"""Mistakes in the rules of a rollout file that map jobs of CI to nodes."""

import pytest

from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.rollout_file import read

RULE = "job: a, nodes: {name: b}"
DRAIN = "drain: [{policy: reclaim}]"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            f"reclaim: [{{{RULE}}}]",
            (
                "line 3, column 11: reclaim is for nodes of drain policy reclaim, and no rule of"
                " drain has it: add one, as {policy: reclaim}, or remove this"
            ),
        ),
        (
            f"{DRAIN}\nreclaim: [{{{RULE}, result: c}}, {{{RULE}, result: C}}]",
            "line 4, column 50: this rule of reclaim is there already: remove one",
        ),
        ("reclaim: [{job: a}]", "line 3, column 11: a rule of reclaim has no nodes: add it"),
        ("reclaim: {job: a}", "line 3, column 10: reclaim must be a list: put - before each value"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_its_cure(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(f'name: r\nnodes: {{name: "n*"}}\n{text}', "FILE")

    assert str(caught.value).splitlines() == [f"rollout file FILE, {says}"]

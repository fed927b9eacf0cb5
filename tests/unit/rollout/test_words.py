# SPDX-License-Identifier: Apache-2.0
"""Counts within a sentence."""

import pytest

from ephyrad.rollout.words import counted


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 nodes are"), (1, "1 node is"), (2, "2 nodes are")]
)
def test_counts_agree_with_their_words(count: int, words: str) -> None:
    assert counted(count, "node is", "nodes are") == words

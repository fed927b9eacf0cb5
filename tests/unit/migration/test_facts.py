# SPDX-License-Identifier: Apache-2.0
"""A newer Ironic may have states that nobody here has heard of."""

import pytest

from ephyrad.migration.facts import Provision


@pytest.mark.parametrize("state", list(Provision))
def test_a_state_is_known_by_ironics_word(state: Provision) -> None:
    assert Provision(state.value) is state


@pytest.mark.parametrize("word", ["levitating", "", "Manageable"])
def test_any_other_word_is_unknown(word: str) -> None:
    assert Provision(word) is Provision.UNKNOWN

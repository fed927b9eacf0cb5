# SPDX-License-Identifier: Apache-2.0
"""A rollout of 2,300 simulated nodes keeps 48 slots busy."""

from pathlib import Path

import pytest

from tests.simulation.large import share_of_the_ideal

pytestmark = pytest.mark.bench


@pytest.mark.timeout(7200)
def test_the_makespan_is_within_a_twentieth_of_the_ideal(tmp_path: Path) -> None:
    share = share_of_the_ideal(2300, 48, tmp_path)

    print(f"\n{100 * (1 / share - 1):.1f} % above the ideal makespan")
    assert share >= 0.95

# SPDX-License-Identifier: Apache-2.0
"""The slots of a rollout stay busy, within limits by rack, floors and waves."""

from pathlib import Path

from tests.simulation.large import share_of_the_ideal


def test_the_makespan_is_within_a_twentieth_of_the_ideal(tmp_path: Path) -> None:
    assert share_of_the_ideal(64, 4, tmp_path) >= 0.95

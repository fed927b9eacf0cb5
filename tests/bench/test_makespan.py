# SPDX-License-Identifier: Apache-2.0
"""The makespan of a rollout on the virtual clock, and what a node costs in a larger one.

As many slots as give every size the same number of waves: what then grows with the size is
ephyrad's own.
"""

from math import ceil
from pathlib import Path
from statistics import median

import pytest

from tests.bench.carrying import Carrying, Fleet
from tests.bench.table import Table
from tests.simulation.fleet import Kind

WAVES = 46
ALONE = 20
"""Nodes carried one after the other, to learn how long one takes when nothing is in its way."""

WATCHFUL = 0.25
"""Seconds between two looks of an ephyrad that would miss nothing: what the ideal is."""

pytestmark = [pytest.mark.bench, pytest.mark.timeout(7200)]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> float:
    """The seconds that one idle node takes, from its first turn to its arrival."""
    times = []
    for seed in range(3):
        fleet = Fleet(ALONE, Kind.IDLE, 1, look_again=WATCHFUL)
        run = Carrying(fleet, tmp_path_factory.mktemp("alone"), seed)
        times.append(run.run() / ALONE)
        run.journal.close()
    return median(times)


def test_makespan(size: int, alone: float, tmp_path: Path, table: Table) -> None:
    slots = ceil(size / WAVES)
    run = Carrying(Fleet(size, Kind.IDLE, slots, slots), tmp_path)
    took = run.run()
    run.journal.close()

    rejected = sum(cloud.rejected for cloud in run.clouds)
    table.add(
        f"makespan of {size:,} idle nodes, {slots:,} at once ({rejected} cleans rejected)",
        took,
        ceil(size / slots) * alone,
        "s of virtual time",
        f"ideal: {ceil(size / slots)} times the {alone:.0f} s of a node by itself",
    )
    table.add(
        f"a whole migration among {size:,}, without HTTP",
        run.account.ours / size * 1000,
        None,
        "ms of CPU per node",
        "-",
    )

# SPDX-License-Identifier: Apache-2.0
"""How soon ephyrad acts again after a restart, and what it takes of the memory by then."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from ephyrad.journal.journal import Journal
from ephyrad.secrets.keys import KeyRing
from tests.bench.story import fill_waiting
from tests.bench.table import Table

LAPS = 3
MB = 1e6

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]


def test_restart(size: int, tmp_path: Path, table: Table) -> None:
    journal = Journal.open(tmp_path, KeyRing.open(tmp_path / "keys"))
    # It is only made here: nothing is measured that waits for the disk.
    journal._db.execute("PRAGMA synchronous = OFF").fetchall()
    fill_waiting(journal, size)
    journal.close()

    laps = [_restarted(tmp_path) for _ in range(LAPS)]

    for key, unit in (("wall", "s"), ("cpu", "s of CPU")):
        what = f"restart with {size:,} migrations, to the first effect"
        table.add(what, median(lap[key] for lap in laps), None, unit, "-")
    peak = max(lap["peak"] for lap in laps) / MB
    table.add(f"peak memory of that restart, {size:,} migrations", peak, None, "MB", "-")


def _restarted(directory: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.restarted", str(directory)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    found: dict[str, float] = json.loads(done.stdout)
    return found

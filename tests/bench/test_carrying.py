# SPDX-License-Identifier: Apache-2.0
"""A whole migration, from being asked for to compute-ready."""

import json
from pathlib import Path

import pytest

from ephyrad.migration import entries as words
from tests.bench.bare import BareStore
from tests.bench.carrying import Carrying, Fleet
from tests.bench.laps import alternate, cpu
from tests.bench.story import story
from tests.bench.table import Table

NODES = 50

pytestmark = pytest.mark.bench


def test_whole_migrations(tmp_path: Path, bare: BareStore, table: Table) -> None:
    text = json.dumps(words.to_json(story()[-1]))
    runs: list[Carrying] = []

    def ours() -> float:
        directory = tmp_path / str(len(runs))
        directory.mkdir()
        run = Carrying(Fleet(NODES), directory, seed=len(runs))
        run.run()
        run.journal.close()
        runs.append(run)
        return run.account.ours

    def other() -> float:
        """Commit as often as the run before, and nothing else."""

        def commit() -> None:
            for _ in range(runs[-1].journal.commits):
                bare.keep(text)

        return cpu(commit)

    mine, theirs = alternate(ours, other, laps=3)
    commits = runs[-1].journal.commits / NODES
    calls = sum(cloud.calls for cloud in runs[-1].clouds) / NODES
    table.add(
        f"a whole migration ({commits:.0f} commits, {calls:.0f} calls to clouds)",
        mine / NODES * 1000,
        theirs / NODES * 1000,
        "ms of CPU per node",
        "sqlite3, as many INSERTs and commits",
    )

# SPDX-License-Identifier: Apache-2.0
"""The journal: durable transitions, opening it, and what it takes of the memory."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from ephyrad.journal.journal import Journal
from ephyrad.migration import entries as words
from ephyrad.migration.entries import Asked, Concluded, Moved
from ephyrad.migration.outcomes import Done
from ephyrad.migration.states import ALLOWED
from ephyrad.secrets.keys import KeyRing
from tests.bench.bare import BareStore
from tests.bench.laps import alternate, cpu, wall
from tests.bench.story import fill, story
from tests.bench.table import Table
from tests.unit.migration.builders import NODE, NOW

COMMITS = 60
MIGRATIONS = 2300
MIB = 1 << 20

pytestmark = pytest.mark.bench


def test_durable_transitions(journal: Journal, bare: BareStore, table: Table) -> None:
    drain = ALLOWED[0]
    entries = (
        Concluded(NOW, "1", Done()),
        Moved(NOW, drain.trigger, drain.source, drain.dest, drain.known),
    )
    text = json.dumps([words.to_json(entry) for entry in entries])
    journal.begin(NODE, Asked(NOW, "metal-1", "operator"))

    def ours() -> None:
        for _ in range(COMMITS):
            migration = journal.migration(NODE)
            assert migration is not None
            journal.append(migration, entries)

    def other() -> None:
        for _ in range(COMMITS):
            bare.keep(text)

    for measure, unit in ((wall, "per second"), (cpu, "per second of CPU")):
        mine, theirs = alternate(partial(measure, ours), partial(measure, other), laps=9)
        table.add(
            "durable transitions (Journal.append)",
            COMMITS / mine,
            COMMITS / theirs,
            unit,
            "sqlite3, one INSERT per commit",
        )


def test_opening_and_memory(tmp_path: Path, bare: BareStore, table: Table) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    keys = KeyRing.open(tmp_path / "keys")
    for directory, count in ((small, 0), (large, MIGRATIONS)):
        directory.mkdir()
        journal = Journal.open(directory, keys)
        fill(journal, count)
        journal.close()
    text = json.dumps([words.to_json(entry) for entry in story()[-2:]])
    bare.keep_all([text] * MIGRATIONS)

    mine, theirs = alternate(
        lambda: cpu(lambda: Journal.open(large, keys).close()),
        lambda: cpu(lambda: [json.loads(each) for each in bare.texts()]),
        laps=5,
    )
    table.add(
        f"opening a journal of {MIGRATIONS:,} migrations, {len(story())} entries each",
        mine * 1000,
        theirs * 1000,
        "ms of CPU",
        "sqlite3, reading a row for each",
    )
    mine, theirs = alternate(partial(_memory, large), partial(_memory, small), laps=3)
    table.add(
        f"memory of a process with {MIGRATIONS:,} migrations open",
        mine / MIB,
        theirs / MIB,
        "MiB resident",
        "the same with an empty journal",
    )


def _memory(directory: Path) -> float:
    """Return the bytes that a process holds resident once it has opened the journal."""
    command = [sys.executable, "-m", "tests.bench.opened", str(directory), str(directory.parent)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return float(done.stdout)

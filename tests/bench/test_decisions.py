# SPDX-License-Identifier: Apache-2.0
"""What is pure: the decision, and the fold of a migration from its entries."""

import json
from functools import partial

import pytest

from ephyrad.migration import entries as words
from ephyrad.migration.migration import fold
from ephyrad.migration.next_step import next_step
from tests.bench.laps import alternate, cpu
from tests.bench.story import LENGTH, story
from tests.bench.table import Table
from tests.unit.clouds.samples import sample
from tests.unit.migration.arbitrary import SCENARIOS
from tests.unit.migration.builders import NODE
from tests.unit.migration.scenarios import as_looked

TIMES = 20

pytestmark = pytest.mark.bench


def test_decisions(table: Table) -> None:
    given = []
    for scenario in SCENARIOS:
        migration = scenario.given.now
        seen = as_looked(scenario.seen, migration, scenario.policy)
        given.append((migration, seen, scenario.policy))
    node = json.dumps(sample("old-records")["node"])

    def ours() -> None:
        for _ in range(TIMES):
            for migration, seen, policy in given:
                next_step(migration, seen, policy)

    def other() -> None:
        for _ in range(TIMES * len(given)):
            json.loads(node)

    mine, theirs = alternate(partial(cpu, ours), partial(cpu, other), laps=5)
    decisions = TIMES * len(given)
    table.add(
        f"decisions (next_step, {len(given)} situations)",
        decisions / mine,
        decisions / theirs,
        "per second of CPU",
        "json.loads of the node's record",
    )


def test_folding(table: Table) -> None:
    entries = story()
    texts = [json.dumps(words.to_json(entry)) for entry in entries]

    def ours() -> None:
        for _ in range(TIMES * 10):
            fold(NODE, entries)

    def other() -> None:
        for _ in range(TIMES * 10):
            for text in texts:
                json.loads(text)

    mine, theirs = alternate(partial(cpu, ours), partial(cpu, other), laps=5)
    table.add(
        f"folding {LENGTH} entries into a migration",
        mine / TIMES / 10 * 1e6,
        theirs / TIMES / 10 * 1e6,
        "us of CPU",
        "json.loads of these entries",
    )

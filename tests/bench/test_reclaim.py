# SPDX-License-Identifier: Apache-2.0
"""A burst of messages of CI: none is lost, none is taken twice, and memory stays flat."""

import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from ephyrad.reclaim.nomination import Nomination
from ephyrad.rollout.declaration import Declaration, Drain, DrainRule, Selection
from tests.bench.table import Table
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig

COUNT = int(os.environ.get("EPHYRA_BENCH_MESSAGES", "10000"))
THREADS = 4
FLAT = 24 << 20
DECLARED = Declaration("spring", (Selection(),), drains=(DrainRule(Drain.RECLAIM),))

pytestmark = pytest.mark.bench


def test_burst(tmp_path: Path, table: Table) -> None:
    made = rig(tmp_path, *[Kind.IN_USE] * 3)
    made.operations.rollouts.start(DECLARED, by="bench")
    made.run(120)
    # What is nominated waits, so that each message is looked at until its end.
    made.operations.rollouts.pause("spring", reason="bench", by="bench")
    _sent(made, range(COUNT, COUNT + COUNT // 10))
    before, begun = _resident(), time.monotonic()

    found = _sent(made, [n for n in range(COUNT) for _ in range(1 + (n % 10 == 0))])

    took = time.monotonic() - begun
    assert sorted(number for number, again, _ in found if not again) == list(range(COUNT))
    assert {fate for _, _, fate in found} == {"waits"}
    assert _resident() - before < FLAT
    table.add("a message of CI taken, of a burst", took / COUNT * 1000, None, "ms", "4 threads")
    made.operations.rollouts.resume("spring", by="bench")
    made.run(3600)
    assert {node.state for node in made.operations.nodes()} == {"compute-ready"}
    kinds = [entry.kind for each in made.fleet for entry in made.operations.history(each.uuid)]
    assert kinds.count("noticed") == len(made.fleet)
    assert not made.journal.reclaims.waiting()


def _sent(made: Rig, numbers: Iterable[int]) -> list[tuple[int, bool, str]]:
    """Send messages, each of which names one of the nodes, from several threads at once.

    Return of each its number, whether it came again, and the fate of the node.
    """
    nodes = [each.uuid for each in made.fleet]
    first = Nomination("bench", "", (nodes[0],))

    def send(number: int) -> tuple[int, bool, str]:
        said = replace(first, id=str(number), nodes=(nodes[number % len(nodes)],))
        answer = made.operations.reclaims.nominate(said)
        return int(answer.id), answer.again, answer.named[0].fate

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(send, numbers))


def _resident() -> int:
    """Return the bytes of memory that this process has."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")

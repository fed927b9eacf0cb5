# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at random instants, again and again, and everything still ends right."""

import random
import time

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness.daemon import Daemon
from tests.harness.fleet import Fleet
from tests.lab.nodes import Kind

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1500)]

KILLS = 12


def test_killed_again_and_again(fleet: Fleet, new_daemon: NewDaemon) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    chance = random.Random(seed)
    nodes = fleet.enrol({Kind.FAKE: 2, Kind.REDFISH: 2, Kind.AGENT: 1})
    servers = fleet.boot([nodes[0], nodes[2]])
    daemon = new_daemon()
    daemon.start()
    daemon.ephyra("migrate", *(node.name for node in nodes))
    fleet.delete(servers.values())

    for _ in range(KILLS):
        time.sleep(chance.uniform(0.1, 4))
        daemon.kill()
        daemon.start()
    fleet.wait_arrived(daemon)

    assert fleet.complaints() == []
    assert [_ways(daemon, node.name) for node in nodes] == [_WAY] * len(nodes)


_WAY = ["drained", "cleaning", "transferred", "registered", "compute-ready"]


def _ways(daemon: Daemon, name: str) -> list[str]:
    """Return the states the node went through: each once, none skipped."""
    history = daemon.ephyra("node", "history", name)
    moves = [row["summary"] for row in history if row["kind"] == "transition"]
    return [move.partition(":")[0].partition(" -> ")[2] for move in moves]

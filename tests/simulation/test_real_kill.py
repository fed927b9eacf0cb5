# SPDX-License-Identifier: Apache-2.0
"""The real daemon over its real gateway and journal, killed around every kind of change."""

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from ephyrad.migration.facts import CloudName
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.http.credentials import clouds_yaml
from ephyrad.testing.http.fleet import enrol
from ephyrad.testing.http.pace import Pace
from ephyrad.testing.http.server import SimulatedServer
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.records import RELEASE_2023_1, RELEASE_2026_2
from ephyrad.testing.settings import IronicSettings
from tests.harness.daemon import Daemon
from tests.lab.settings import Settings
from tests.simulation.killer import Killer, Moment

# So many seconds pass in the clouds in a real one.
_SPEED = 60.0
_LOOK = 0.2
_TURNS = 1500
_RELEASES = {CloudName.OLD: RELEASE_2023_1, CloudName.NEW: RELEASE_2026_2}
_WAY = ["drained", "cleaning", "transferred", "registered", "compute-ready"]


@dataclass(frozen=True)
class Stage:
    """Two clouds that are served over HTTP, the old one with nodes; and a daemon."""

    old: SimulatedCloud
    new: SimulatedCloud
    server: SimulatedServer
    daemon: Daemon
    nodes: list[str]

    def arrived(self) -> bool:
        with self.server.lock:
            assert self.new.nova is not None
            providers = self.new.nova.providers
            offered = [node in providers and providers[node].free for node in self.nodes]
            return all(offered) and not self.old.ironic.nodes

    def delete_servers(self) -> None:
        """Delete the server of every node that is retired."""
        nova = self.old.nova
        assert nova is not None
        with self.server.lock:
            for server in list(nova.servers.values()):
                node = self.old.ironic.nodes.get(server.node)
                if node is not None and node.body["retired"]:
                    nova.delete(server.uuid)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    clock = VirtualClock(datetime.now(UTC))
    room = MachineRoom(clock)
    old, new = (
        SimulatedCloud(
            name,
            clock,
            room,
            rng=random.Random(str(name)),
            settings=IronicSettings(release=_RELEASES[name], host=f"{name}-conductor"),
        )
        for name in CloudName
    )
    nodes = enrol(old, room, clock, nodes=4, in_use=2)
    clock.jump(timedelta(seconds=-clock.monotonic()))
    server = SimulatedServer((old, new))
    pace = Pace(clock, server.lock, _SPEED)
    server.before = pace.catch_up
    lab = Settings(directory=tmp_path)
    lab.etc.mkdir()
    lab.clouds_yaml.write_text(yaml.safe_dump(clouds_yaml(server)))
    options = {
        "DEFAULT": {"sweep_interval": "1"},
        # One after the other, so that what one went through the next one goes through as well.
        "migration": {"look_again": "1", "unknown_settles": "1", "max_in_flight": "1"},
        "old_cloud": {"cloud": "old-system", "project_cloud": "old"},
        "new_cloud": {"cloud": "new-system", "project_cloud": "new"},
    }
    daemon = Daemon(lab, tmp_path, options=options, buses=False)
    with server:
        pace.start()
        yield Stage(old, new, server, daemon, nodes)
        daemon.kill()
        pace.stop()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_around_every_kind_of_change(stage: Stage) -> None:
    daemon = stage.daemon
    daemon.start()
    daemon.ephyra("migrate", *(f"node-{number}" for number in range(len(stage.nodes))))
    killer = Killer(stage.server.faults, stage.new, daemon.kill)

    pause = threading.Event()
    for _ in range(_TURNS):
        if stage.arrived():
            break
        if not daemon.running:
            daemon.begin()
        stage.delete_servers()
        pause.wait(_LOOK)
    stage.server.faults.seen = None

    daemon.kill()
    daemon.start()
    assert stage.arrived(), daemon.last_words()
    for number in range(len(stage.nodes)):
        history = daemon.ephyra("node", "history", f"node-{number}")
        moves = [row["summary"] for row in history if row["kind"] == "transition"]
        assert [move.partition(":")[0].partition(" -> ")[2] for move in moves] == _WAY
        assert [row for row in history if row["kind"] == "hold"] == []
    # Real threads decide which call comes next, so not each change meets each moment in each run.
    assert {change for change, _ in killer.kills} >= _CHANGES
    assert {when for _, when in killer.kills} == set(Moment)


_CHANGES = {
    ("old", "baremetal PATCH /v1/nodes/{ident}"),
    ("old", "baremetal PUT /v1/nodes/{ident}/states/provision"),
    ("old", "baremetal PUT /v1/nodes/{ident}/maintenance"),
    ("old", "baremetal DELETE /v1/nodes/{ident}"),
    ("new", "baremetal POST /v1/nodes"),
    ("new", "baremetal POST /v1/ports"),
    ("new", "baremetal PUT /v1/nodes/{ident}/states/provision"),
    ("new", "baremetal PUT /v1/nodes/{ident}/maintenance"),
    ("new", "baremetal PATCH /v1/nodes/{ident}"),
    ("new", "baremetal DELETE /v1/nodes/{ident}/maintenance"),
}

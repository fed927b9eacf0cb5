# SPDX-License-Identifier: Apache-2.0
"""Nodes of every kind go from the real old cloud to the real new one."""

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness.fleet import Fleet
from tests.lab import instances
from tests.lab.nodes import Kind
from tests.lab.settings import Settings

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1500)]


def test_every_kind_is_carried(lab: Settings, fleet: Fleet, new_daemon: NewDaemon) -> None:
    nodes = fleet.enrol({Kind.FAKE: 2, Kind.REDFISH: 2, Kind.AGENT: 2})
    in_use = [node for node in nodes if node.name.endswith("-0")]
    servers = fleet.boot(in_use)
    daemon = new_daemon({"migration": {"max_in_flight": "6"}})
    daemon.start()

    daemon.ephyra("migrate", *(node.name for node in nodes))
    idle = [node.name for node in nodes if node.name not in servers]
    fleet.wait_for(daemon, idle, "compute-ready", 600)
    waiting = {row["name"]: row for row in daemon.ephyra("node", "list")}

    # A node is not touched further while somebody's instance is on it.
    assert {waiting[name]["state"] for name in servers} == {"active"}
    assert {instances.of_node(lab, "old", name) for name in servers} == set(servers.values())

    fleet.delete(servers.values())
    fleet.wait_arrived(daemon)

    assert fleet.complaints() == []
    ways = [[row["kind"] for row in daemon.ephyra("node", "history", name)] for name in servers]
    assert [way.count("transition") for way in ways] == [5, 5, 5]
    # The old cloud cleaned these: the new one was not asked to do it again.
    assert ["owed" in way for way in ways] == [False, False, False]
    server = instances.boot(lab, "new", in_use[-1].uuid)
    assert instances.of_node(lab, "new", in_use[-1].uuid) == server
    instances.delete(lab, "new", server)

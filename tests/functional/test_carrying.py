# SPDX-License-Identifier: Apache-2.0
"""Nodes of every kind go from the real old cloud to the real new one."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness.announcements import Announcements
from tests.harness.daemon import Daemon
from tests.harness.fleet import Fleet
from tests.lab import instances
from tests.lab.nodes import Kind
from tests.lab.settings import Settings
from tools.notification_samples import samples

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1500)]

TRANSITION = samples()["ephyra.node.transition"]


@pytest.fixture
def announcements(lab: Settings) -> Iterator[Announcements]:
    with Announcements(lab, "t-carrying") as found:
        yield found


def like_the_sample(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the data of a transition, which is as it is documented."""
    payload = message["payload"]
    data: Mapping[str, Any] = payload["ephyra_object.data"]
    ours = {name: value for name, value in message.items() if not name.startswith("_")}
    of_its_own = ("message_id", "timestamp", "payload")
    assert ours | {name: TRANSITION[name] for name in of_its_own} == TRANSITION
    assert payload | {"ephyra_object.data": {}} == TRANSITION["payload"] | {
        "ephyra_object.data": {}
    }
    sample = TRANSITION["payload"]["ephyra_object.data"]
    assert {name: type(value) for name, value in data.items()} == {
        name: type(value) for name, value in sample.items()
    }
    return data


def expect_told(daemon: Daemon, names: Iterable[str], announcements: Announcements) -> None:
    """Expect that each node's transitions came out, all, once, and in their order."""
    written = {
        name: [
            row["seq"]
            for row in daemon.ephyra("node", "history", name)
            if row["kind"] == "transition"
        ]
        for name in names
    }
    told = announcements.taken(TRANSITION["event_type"], sum(map(len, written.values())))
    data = [like_the_sample(each) for each in told]
    for name, numbers in written.items():
        mine = [each for each in data if each["name"] == name]
        assert [each["seq"] for each in mine] == numbers
        assert [each["from"] for each in mine] == ["active", *(each["to"] for each in mine[:-1])]
        assert mine[-1]["to"] == "compute-ready"


def test_every_kind_is_carried(
    lab: Settings, fleet: Fleet, new_daemon: NewDaemon, announcements: Announcements
) -> None:
    nodes = fleet.enrol({Kind.FAKE: 2, Kind.REDFISH: 2, Kind.AGENT: 2})
    in_use = [node for node in nodes if node.name.endswith("-0")]
    servers = fleet.boot(in_use)
    daemon = new_daemon({"migration": {"max_in_flight": "6"}, **announcements.options})
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
    expect_told(daemon, (node.name for node in nodes), announcements)
    server = instances.boot(lab, "new", in_use[-1].uuid)
    assert instances.of_node(lab, "new", in_use[-1].uuid) == server
    instances.delete(lab, "new", server)

# SPDX-License-Identifier: Apache-2.0
"""Both buses out of reach: slower, and with the same end."""

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness.fleet import Fleet
from tests.lab.nodes import Kind

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1200)]

# Nothing listens on the discard port of the loopback address.
NOWHERE = "rabbit://nobody:nothing@127.0.0.1:9/"


def test_sweeps_alone_do_it(fleet: Fleet, new_daemon: NewDaemon) -> None:
    nodes = fleet.enrol({Kind.FAKE: 2, Kind.AGENT: 1})
    servers = fleet.boot([nodes[0], nodes[2]])
    daemon = new_daemon(
        {"old_cloud": {"transport_url": NOWHERE}, "new_cloud": {"transport_url": NOWHERE}}
    )
    daemon.start()
    daemon.ephyra("migrate", *(node.name for node in nodes))
    fleet.wait_for(daemon, [nodes[1].name], "compute-ready", 600)

    fleet.delete(servers.values())
    fleet.wait_arrived(daemon)

    assert fleet.complaints() == []
    status = daemon.ephyra("status")
    assert [status[f"{cloud}_cloud"]["bus"].startswith("down") for cloud in ("old", "new")] == [
        True,
        True,
    ]
    warnings = [line for line in daemon.log.read_text().splitlines() if "is down (" in line]
    # Once for each cloud, not at every look.
    assert len(warnings) == 2

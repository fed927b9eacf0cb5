# SPDX-License-Identifier: Apache-2.0
"""Nodes that were carried to the real new cloud go back to the real old one, and forth again."""

from pathlib import Path

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness.daemon import Daemon
from tests.harness.fleet import Fleet
from tests.lab import instances, patience
from tests.lab.nodes import Kind
from tests.lab.openstack_api import Api
from tests.lab.settings import Settings

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1500)]


FILE = """\
name: there
nodes: {{name: "{prefix}-*"}}
order: [idle]
limits: {{in_flight: 2}}
"""


def test_a_rollout_is_reversed(
    lab: Settings, fleet: Fleet, new_daemon: NewDaemon, tmp_path: Path
) -> None:
    idle, used = nodes = fleet.enrol({Kind.REDFISH: 2})
    names = [node.name for node in nodes]
    credentials = tmp_path / "credentials.yaml"
    # The new Ironic masks what the old one showed.
    credentials.write_text("".join(f"{n}:\n  redfish_password: {lab.password}\n" for n in names))
    credentials.chmod(0o600)
    daemon = new_daemon({"migration": {"credentials_file": str(credentials)}})
    daemon.start()
    file = tmp_path / "there.yaml"
    file.write_text(FILE.format(prefix=fleet.prefix))
    daemon.ephyra("rollout", "start", str(file))
    fleet.wait_arrived(daemon)
    _wait_for_the_end(daemon, "there")
    assert fleet.complaints() == []
    servers = fleet.boot([used], "new")

    daemon.ephyra("rollout", "reverse", "there")
    fleet.wait_for(daemon, [idle.name], "compute-ready", 400)
    waiting = daemon.ephyra("node", "show", used.name)

    # A node is not touched further while somebody's instance is on it.
    assert (waiting["direction"], waiting["state"]) == ("back", "active")
    assert waiting["doing"] == f"waits for instance {servers[used.name]} to be deleted"
    record = Api(lab, "new", "baremetal").get(f"/v1/nodes/{used.uuid}")
    assert (record["provision_state"], record["retired"]) == ("active", True)
    assert record["retired_reason"].startswith("ephyrad: being carried to the old cloud")

    fleet.delete(servers.values(), "new")
    fleet.wait_arrived(daemon)
    _wait_for_the_end(daemon, "there-back")
    # Field by field what they were before they were carried for the first time.
    assert fleet.complaints("old") == []
    _offers_again(lab, idle.uuid)

    daemon.ephyra("migrate", used.name)
    fleet.wait_for(daemon, [used.name], "compute-ready", 400)
    rows = {row["name"]: row for row in daemon.ephyra("node", "list")}
    assert {name: rows[name]["direction"] for name in names} == {
        idle.name: "back",
        used.name: "forward",
    }
    asked = [row for row in daemon.ephyra("node", "history", used.name) if row["kind"] == "asked"]
    assert len(asked) == 3


def _wait_for_the_end(daemon: Daemon, rollout: str) -> None:
    def look() -> bool | None:
        shown = daemon.ephyra("rollout", "show", rollout)
        return (shown["status"], shown["nodes"]["arrived"]) == ("finished", 2) or None

    patience.until(f"rollout {rollout} to end", look, 60, pause=1)


def _offers_again(lab: Settings, node: str) -> None:
    """Boot an instance where the node came back to, and delete it."""
    server = instances.boot(lab, "old", node)
    assert instances.of_node(lab, "old", node) == server
    instances.delete(lab, "old", server)

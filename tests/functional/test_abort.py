# SPDX-License-Identifier: Apache-2.0
"""Nodes that are aborted on their way are in the real old cloud as they were, field by field."""

from typing import Any

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness.daemon import Daemon
from tests.harness.fleet import Fleet
from tests.lab import instances, patience
from tests.lab.fleet import Node
from tests.lab.nodes import Kind
from tests.lab.openstack_api import Api
from tests.lab.settings import Settings

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1500)]

# What the clouds write by themselves, of work that is over.
_OF_TODAY = {
    *("updated_at", "provision_updated_at", "driver_internal_info", "power_state", "last_error"),
    *("reservation", "conductor", "inspection_finished_at", "instance_info", "boot_mode"),
    *("secure_boot", "target_power_state"),
}


class Records:
    """The whole records of nodes in the old cloud, and what has changed of them since."""

    def __init__(self, lab: Settings, nodes: list[Node]) -> None:
        self.old, self.new = (Api(lab, cloud, "baremetal") for cloud in ("old", "new"))
        self._before = {node.name: self._read(node) for node in nodes}

    def _read(self, node: Node) -> dict[str, Any]:
        record = self.old.get(f"/v1/nodes/{node.uuid}")
        parts = {
            path: self.old.get(f"/v1/{path}?node={node.uuid}&detail=true")
            for path in ("ports", "portgroups", "volume/connectors")
        }
        for path, rows in parts.items():
            name = path.rpartition("/")[2]
            parts[path] = {row["uuid"]: _lasting(row) for row in rows[name]}
        return {**_lasting(record), **parts}

    def changes(self, node: Node) -> dict[str, Any]:
        """Return what of the record is not as before, as (before, now)."""
        before, now = self._before[node.name], self._read(node)
        names = before.keys() | now.keys()
        return {
            name: (before.get(name), now.get(name))
            for name in names
            if before.get(name) != now.get(name)
        }

    def set_password(self, api: Api, node: Node, password: str) -> None:
        patch = {"op": "replace", "path": "/driver_info/redfish_password", "value": password}
        api.call("PATCH", f"/v1/nodes/{node.uuid}", [patch])


def _lasting(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {*_OF_TODAY, "links"}}


def _until(daemon: Daemon, name: str, **wanted: Any) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        shown: dict[str, Any] = daemon.ephyra("node", "show", name)
        return shown if all(shown[key] == value for key, value in wanted.items()) else None

    return patience.until(f"{name} to be {wanted}", look, 400, pause=0.3)


def _abort(daemon: Daemon, name: str) -> None:
    shown = daemon.ephyra("node", "abort", name)
    assert not shown["held"]


def _back(daemon: Daemon, name: str) -> None:
    _until(daemon, name, doing="aborted: back in the old cloud as it was", state="active")


def test_aborted_nodes_are_as_they_were(lab: Settings, fleet: Fleet, new_daemon: NewDaemon) -> None:
    nodes = fleet.enrol({Kind.FAKE: 1, Kind.REDFISH: 2, Kind.AGENT: 1})
    used, unverified, verified, cleaned = nodes
    records = Records(lab, nodes)
    for node in (unverified, verified):
        records.set_password(records.old, node, "of yesterday")
    servers = fleet.boot([used, cleaned])
    in_use = Records(lab, [used])
    daemon = new_daemon({"migration": {"max_in_flight": "4"}})
    daemon.start()
    daemon.ephyra("migrate", *(node.name for node in nodes))

    # In use and retired: it keeps its instance, and nothing of its retirement.
    retired = records.old.get(f"/v1/nodes/{used.uuid}")
    patience.until(
        "it to be retired",
        lambda: records.old.get(f"/v1/nodes/{used.uuid}")["retired"] or None,
        60,
    )
    assert retired["provision_state"] == "active"
    _abort(daemon, used.name)
    _back(daemon, used.name)
    assert in_use.changes(used) == {}
    assert instances.of_node(lab, "old", used.uuid) == servers[used.name]

    # Being cleaned: it is available again, through another cleaning.
    instances.delete(lab, "old", servers[cleaned.name], wait=False)
    _until(daemon, cleaned.name, state="cleaning")
    _abort(daemon, cleaned.name)
    assert "on its way back" in daemon.ephyra("node", "show", cleaned.name)["doing"]
    _back(daemon, cleaned.name)
    assert records.changes(cleaned) == {}

    # Held in the new cloud, which cannot log in to the BMC; of one, somebody mended that by hand.
    for node in (unverified, verified):
        _until(daemon, node.name, cause="bmc-unverified")
    records.set_password(records.new, verified, lab.password)
    records.new.put(f"/v1/nodes/{verified.uuid}/states/provision", {"target": "manage"})
    patience.until(
        "the new cloud to verify it",
        lambda: (
            records.new.get(f"/v1/nodes/{verified.uuid}")["provision_state"] == "manageable" or None
        ),
        60,
    )
    for node in (unverified, verified):
        _abort(daemon, node.name)
        records.set_password(records.old, node, lab.password)
    for node in (unverified, verified):
        _back(daemon, node.name)
        assert records.changes(node) == {}
        assert records.new.find(f"/v1/nodes/{node.uuid}") is None

    # After all: one that was back goes the whole way.
    answer = daemon.ephyra("migrate", unverified.name)
    assert [row["name"] for row in answer] == [unverified.name]
    fleet.wait_for(daemon, [unverified.name], "compute-ready", 600)
    assert records.old.find(f"/v1/nodes/{unverified.uuid}") is None
    assert [line for line in fleet.complaints() if line.startswith(unverified.name)] == []

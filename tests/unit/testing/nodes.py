# SPDX-License-Identifier: Apache-2.0
"""Brings nodes of a simulated cloud into the state that a test begins with."""

import uuid
from typing import Any

from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.machines import MachineRoom

NODE = "11111111-1111-4111-8111-111111111111"
BMC = "10.0.0.1"
PASSWORD = "calvin"


def enrolled(cloud: SimulatedCloud, room: MachineRoom, **more: Any) -> str:
    """Create a redfish node with a machine behind it, in `enroll`."""
    room.add(BMC, PASSWORD)
    body = {
        "uuid": NODE,
        "name": "n1",
        "driver": "redfish",
        "driver_info": {"redfish_address": BMC, "redfish_password": PASSWORD},
        "resource_class": "baremetal.gold",
        "deploy_interface": "direct",
        "power_interface": "redfish",
        **more,
    }
    return str(cloud.ironic.create_node(body)["uuid"])


def available(cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock, **more: Any) -> str:
    """Create a node and make it available, by cleaning."""
    node = enrolled(cloud, room, **more)
    cloud.ironic.provision(node, "manage")
    clock.advance(30)
    cloud.ironic.provision(node, "provide")
    clock.advance(600)
    assert state(cloud, node) == "available"
    return node


def in_use(cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock, **more: Any) -> str:
    """Create a node with an instance on it."""
    node = available(cloud, room, clock, **more)
    assert cloud.nova is not None
    assert cloud.nova.boot(node) is not None
    clock.advance(600)
    assert state(cloud, node) == "active"
    return node


def state(cloud: SimulatedCloud, node: str) -> str:
    return cloud.ironic.nodes[node].state


def part(node: str, **more: Any) -> dict[str, Any]:
    """Return the body of a record that belongs to the node."""
    return {"uuid": str(uuid.uuid5(uuid.UUID(node), repr(more))), "node_uuid": node, **more}

# SPDX-License-Identifier: Apache-2.0
"""Nodes for a simulated cloud, brought there by the way they would really come."""

import random
import uuid as uuids

from ephyrad.migration.effects import PartKind
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.machines import MachineRoom


def enrol(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock, *, nodes: int, in_use: int = 0
) -> list[str]:
    """Enrol so many nodes, `in_use` of them with an instance, and return their UUIDs.

    The clock goes on until all of it is done.
    """
    rng = random.Random(0)  # noqa: S311  # the same nodes each time
    fleet = [_create(cloud, room, number, rng) for number in range(nodes)]
    for verb in ("manage", "provide"):
        for uuid in fleet:
            cloud.ironic.provision(uuid, verb)
        clock.advance(900)
    if cloud.nova is not None:
        for uuid in fleet[:in_use]:
            cloud.nova.boot(uuid)
        clock.advance(900)
    return fleet


def _create(cloud: SimulatedCloud, room: MachineRoom, number: int, rng: random.Random) -> str:
    uuid = str(uuids.UUID(int=rng.getrandbits(128), version=4))
    address, password = f"bmc-{number}.example.org", f"secret-{number}"
    room.add(address, password)
    cloud.ironic.create_node(
        {
            "uuid": uuid,
            "name": f"node-{number}",
            "driver": "redfish",
            "driver_info": {"redfish_address": address, "redfish_password": password},
            "resource_class": "baremetal",
        }
    )
    mac = f"52:54:00:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"
    cloud.ironic.create_part(PartKind.PORT, {"node_uuid": uuid, "address": mac})
    return uuid

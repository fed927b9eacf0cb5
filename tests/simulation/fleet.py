# SPDX-License-Identifier: Apache-2.0
"""The fleet: nodes of every kind in the old cloud, and what stands in their way in the new one."""

import enum
import random
import uuid as uuids
from dataclasses import dataclass
from typing import Any

from ephyrad.migration.effects import PartKind
from ephyrad.migration.identity import By, Rule
from ephyrad.migration.mapping import Kind as References
from ephyrad.migration.mapping import Names
from ephyrad.testing.accounts import NETWORKS
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.settings import DRIVERS
from tests.simulation.leaks import CANARY
from tests.simulation.weather import OLDEST


class Kind(enum.Enum):
    """What a node is like when it is asked to be carried."""

    IN_USE = "in use"
    IDLE = "available"
    MANAGEABLE = "manageable, clean"
    DIRTY = "manageable after a failed clean: somebody's data is still on it"
    FAKE_IN_USE = "fake hardware, in use"
    FAKE_IDLE = "fake hardware, available"
    PROTECTED = "in use and protected"
    NAMESAKE = "its name is taken in the new cloud"
    TWIN_MAC = "its MAC address is taken in the new cloud"
    NO_DRIVER = "its driver is not in the new cloud"
    NO_IMAGE = "it names an image that is not in the new cloud"
    NO_OWNER = "it belongs to a project that is not in the new cloud"
    BEWITCHED = "in a state of which nobody ever heard"


UNFIT = frozenset(
    {
        *(Kind.PROTECTED, Kind.NAMESAKE, Kind.TWIN_MAC, Kind.NO_DRIVER, Kind.NO_IMAGE),
        *(Kind.NO_OWNER, Kind.BEWITCHED),
    }
)
"""Nodes that are to be held untouched, until somebody does something about it."""

PROJECT = "project-1"
"""The name of the project that owns the nodes."""

BY_NAME = Names({References.PROJECT: Rule(By.NAME)})
"""What the operator's mapping file says."""

_USED = frozenset({Kind.IN_USE, Kind.FAKE_IN_USE, Kind.PROTECTED, Kind.DIRTY})
_FAKE = frozenset({Kind.FAKE_IN_USE, Kind.FAKE_IDLE})


@dataclass(frozen=True)
class Member:
    """One node of the fleet; `password` is its BMC's."""

    uuid: str
    name: str
    kind: Kind
    address: str
    password: str


def enrol(
    kinds: tuple[Kind, ...],
    *,
    old: SimulatedCloud,
    new: SimulatedCloud,
    room: MachineRoom,
    clock: VirtualClock,
    rng: random.Random,
    furnished: bool,
) -> list[Member]:
    """Bring nodes of these kinds into the old cloud, by the way they would really come there."""
    old.settings.drivers = {**DRIVERS, "ilo": DRIVERS["redfish"]}
    old.accounts.add_project("project-0", ident="project-0")
    # What is the same has another id in the new cloud, as in real ones.
    del new.accounts.projects[PROJECT]
    new.accounts.add_project(PROJECT, ident=f"{PROJECT}-of-new")
    fleet = [_create(number, kind, old, room, rng) for number, kind in enumerate(kinds)]
    for number, member in enumerate(fleet):
        _furnish(member.uuid, number, old, rng, everything=furnished)
    for step in ("manage", "provide"):
        for member in fleet:
            old.ironic.provision(member.uuid, step)
        clock.advance(20 if step == "manage" else 600)
    for member in fleet:
        if old.ironic.nodes[member.uuid].body["power_state"] is None:
            old.ironic.power(member.uuid, "power off")
    clock.advance(90)
    for member in fleet:
        _settle(member, old)
    clock.advance(900)
    for member in fleet:
        _finish(member, old, clock)
        _obstruct(member, old, new, room)
    # Even the oldest answer that a cloud may give tells of them as they are now.
    clock.advance(2 * OLDEST)
    return fleet


def _create(
    number: int, kind: Kind, old: SimulatedCloud, room: MachineRoom, rng: random.Random
) -> Member:
    uuid = _uuid(rng)
    address, password = f"10.0.0.{number + 1}", f"{CANARY}{_uuid(rng)}"
    room.add(address, password)
    driver, power = ("fake-hardware", "fake") if kind in _FAKE else ("redfish", "redfish")
    info = {
        f"{power}_address": address,
        f"{power}_password": password,
    }
    if number % 2 == 0:
        info["cleaning_network"] = next(iter(NETWORKS))
    if kind is Kind.NO_IMAGE:
        info["deploy_kernel"] = _uuid(rng)
    body: dict[str, Any] = {
        "uuid": uuid,
        "name": f"n{number}",
        "driver": "ilo" if kind is Kind.NO_DRIVER else driver,
        "driver_info": info,
        "properties": {"cpus": 16, "capabilities": "boot_mode:uefi"},
        "extra": {"rack": f"r{number % 3}"},
        "resource_class": "baremetal.gold",
        "power_interface": power,
        "deploy_interface": "fake" if kind in _FAKE else "direct",
        "automated_clean": rng.choice((None, None, True, False)),
        "owner": "project-0" if kind is Kind.NO_OWNER else PROJECT,
        "description": f"node {number}",
    }
    old.ironic.create_node({name: value for name, value in body.items() if value is not None})
    return Member(uuid, f"n{number}", kind, address, password)


def _furnish(
    node: str, number: int, old: SimulatedCloud, rng: random.Random, *, everything: bool
) -> None:
    def add(kind: PartKind, **more: Any) -> str:
        uuid = _uuid(rng)
        old.ironic.create_part(kind, {"uuid": uuid, "node_uuid": node, **more})
        return uuid

    group = None
    if everything or rng.random() < 0.5:
        group = add(
            PartKind.PORTGROUP,
            address=f"52:54:01:00:{number:02x}:00",
            name=f"bond-{number}",
            mode="802.3ad",
            properties={"bond_miimon": 100},
        )
    for port in range(rng.randint(1, 3)):
        add(
            PartKind.PORT,
            address=f"52:54:00:00:{number:02x}:{port:02x}",
            pxe_enabled=port == 0,
            local_link_connection={"switch_id": "0a:1b:2c:3d:4e:5f", "port_id": f"eth{port}"},
            **({"portgroup_uuid": group} if group and port else {}),
        )
    if everything or rng.random() < 0.4:
        add(PartKind.CONNECTOR, type="iqn", connector_id=f"iqn.2026-01.org.example:{number}")
        add(
            PartKind.TARGET,
            volume_type="iscsi",
            boot_index=0,
            volume_id=f"volume-{number}",
            properties={"target_iqn": "iqn.2026-01.org.example", "auth_username": "u"},
        )
    old.ironic.set_traits(
        node, [f"CUSTOM_{word}" for word in rng.sample("ABCDE", rng.randint(int(everything), 3))]
    )


def _settle(member: Member, old: SimulatedCloud) -> None:
    assert old.nova is not None
    if member.kind in _USED:
        assert old.nova.boot(member.uuid) is not None, member
    elif member.kind is Kind.MANAGEABLE:
        old.ironic.provision(member.uuid, "manage")


def _finish(member: Member, old: SimulatedCloud, clock: VirtualClock) -> None:
    assert old.nova is not None
    if member.kind is Kind.PROTECTED:
        old.ironic.patch(member.uuid, {"protected": True})
    if member.kind is Kind.BEWITCHED:
        old.ironic.conductor.write(old.ironic.nodes[member.uuid], provision_state="bewitched")
    if member.kind is Kind.DIRTY:
        fails = old.settings.fails
        old.settings.fails = lambda what, uuid: "disk broken" if what == "clean" else None
        (server,) = old.nova.facts(member.uuid).instances
        old.nova.delete(server)
        clock.advance(600)
        old.settings.fails = fails
        old.ironic.provision(member.uuid, "manage")
        old.ironic.clear_maintenance(member.uuid)


def _obstruct(member: Member, old: SimulatedCloud, new: SimulatedCloud, room: MachineRoom) -> None:
    other = str(uuids.uuid5(uuids.UUID(member.uuid), "other"))
    body = {"uuid": other, "driver": "fake-hardware", "driver_info": {"fake_address": other}}
    if member.kind is Kind.NAMESAKE:
        new.ironic.create_node({**body, "name": member.name})
    if member.kind is Kind.TWIN_MAC:
        new.ironic.create_node(body)
        port = old.ironic.parts(member.uuid, PartKind.PORT)[0]
        new.ironic.create_part(PartKind.PORT, {"node_uuid": other, "address": port["address"]})


def _uuid(rng: random.Random) -> str:
    return str(uuids.UUID(int=rng.getrandbits(128), version=4))

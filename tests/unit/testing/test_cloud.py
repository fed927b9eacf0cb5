# SPDX-License-Identifier: Apache-2.0
"""The simulated cloud's port: outcomes as the real gateway's, and troubles on demand."""

import random

import pytest

from ephyrad.clouds.port import Cloud, CloudReadError, CloudSetupError
from ephyrad.migration.facts import CloudName, Notification, Provision
from ephyrad.migration.outcomes import Done, Refused, Underway, Unknown, Unreachable
from ephyrad.testing.bus import Message
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.machines import MachineRoom
from tests.unit.testing.nodes import NODE, available, enrolled, in_use, state


def test_it_is_a_cloud(cloud: SimulatedCloud, room: MachineRoom) -> None:
    node = enrolled(cloud, room)
    port: Cloud = cloud

    port.check()

    found = port.node(node)
    assert found is not None
    assert found.provision_state is Provision.ENROLL
    assert port.nodes() == [found]
    assert port.node("n1") == found
    assert port.node("nobody") is None
    assert port.faults(node) == ()


def test_outcomes(cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock) -> None:
    node = enrolled(cloud, room)

    assert cloud.provision(node, "manage") == Underway()
    assert isinstance(cloud.set_maintenance(node, "why"), Unreachable)
    clock.advance(10)
    assert cloud.set_maintenance(node, "why") == Done()
    assert cloud.patch_node(node, {"retired": True, "retired_reason": "r"}) == Done()
    refused = cloud.provision(node, "provide")
    assert isinstance(refused, Refused)
    assert refused.status == 400
    assert cloud.set_traits(node, ["CUSTOM_X"]) == Done()
    assert cloud.delete_node(node) == Done()
    assert cloud.delete_node(node) == Done()


def test_planned_troubles_are_counted_down(cloud: SimulatedCloud, room: MachineRoom) -> None:
    node = enrolled(cloud, room)
    cloud.fail_next("set_maintenance", Unreachable("busy"), times=2)
    cloud.lose_reply("delete_node")
    cloud.fail_read("node")

    outcomes = [cloud.set_maintenance(node, "why") for _ in range(3)]
    with pytest.raises(CloudReadError):
        cloud.node(node)
    kept = cloud.node(node)
    lost = cloud.delete_node(node)

    assert outcomes == [Unreachable("busy"), Unreachable("busy"), Done()]
    assert kept is not None
    assert isinstance(lost, Unknown)
    assert node not in cloud.ironic.nodes


def test_project_scope_is_named_at_start(cloud: SimulatedCloud) -> None:
    cloud.settings.system_scope = False

    with pytest.raises(CloudSetupError, match="project-scoped"):
        cloud.check()


def test_its_notifications_are_what_ephyrad_decodes(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock
) -> None:
    heard: list[Notification] = []
    cloud.bus.deliver(heard.append)

    node = in_use(cloud, room, clock)

    way = [
        (one.event_type.removeprefix("baremetal.node."), one.fields["provision_state"])
        for one in heard
        if "provision_set" in one.event_type
    ]
    assert way[:3] == [
        ("provision_set.start", "verifying"),
        ("provision_set.end", "manageable"),
        ("provision_set.start", "cleaning"),
    ]
    assert way[-1] == ("provision_set.end", "active")
    last = heard[-1]
    assert (last.event_type, last.node) == ("instance.create.end", node)
    assert {one.cloud for one in heard} == {CloudName.OLD}


def test_the_bus_loses_doubles_and_delays(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock
) -> None:
    heard: list[Notification] = []

    def fate(message: Message) -> tuple[float, ...]:
        match message["event_type"]:
            case "baremetal.node.create.start":
                return ()
            case _:
                return (5.0, 1.0)

    cloud.bus.deliver(heard.append, fate)

    enrolled(cloud, room)
    clock.advance(2)
    early = len(heard)
    clock.advance(10)

    assert (early, len(heard)) == (1, 2)
    assert len({one.message_id for one in heard}) == 1


def test_one_seed_is_one_run() -> None:
    def run() -> list[tuple[str, Notification]]:
        clock = VirtualClock()
        room = MachineRoom(clock)
        cloud = SimulatedCloud(CloudName.OLD, clock, room, rng=random.Random(3))
        heard: list[tuple[str, Notification]] = []
        cloud.bus.deliver(lambda one: heard.append((clock.now().isoformat(), one)))
        available(cloud, room, clock)
        return heard

    assert run() == run()


def test_time_passes_during_a_call(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock
) -> None:
    enrolled(cloud, room)
    cloud.latency = lambda: (0.5, 10.0)

    outcome = cloud.provision(NODE, "manage")

    assert outcome == Underway()
    assert clock.monotonic() == pytest.approx(10.5)
    assert state(cloud, NODE) == "manageable"

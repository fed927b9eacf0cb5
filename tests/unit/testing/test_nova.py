# SPDX-License-Identifier: Apache-2.0
"""The simulated Nova and placement lag behind Ironic as the real ones do."""

import pytest

from ephyrad.migration.facts import ProviderFacts
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.nova import Nova
from tests.unit.testing.nodes import available, enrolled, in_use, state


@pytest.fixture
def nova(cloud: SimulatedCloud) -> Nova:
    assert cloud.nova is not None
    return cloud.nova


def _provider(nova: Nova, node: str) -> ProviderFacts | None:
    return nova.facts(node).provider


def test_placement_knows_a_node_from_enroll_on_and_offers_it_when_available(
    cloud: SimulatedCloud, nova: Nova, room: MachineRoom, clock: VirtualClock
) -> None:
    node = enrolled(cloud, room)
    assert _provider(nova, node) is None
    clock.advance(60)
    assert _provider(nova, node) == ProviderFacts({"CUSTOM_BAREMETAL_GOLD": (1, 1)})
    assert nova.boot() is None

    cloud.ironic.provision(node, "manage")
    clock.advance(10)
    cloud.ironic.provision(node, "provide")
    clock.advance(600)

    assert _provider(nova, node) == ProviderFacts({"CUSTOM_BAREMETAL_GOLD": (1, 0)})


def test_a_node_that_was_withdrawn_is_offered_until_the_next_look(
    cloud: SimulatedCloud, nova: Nova, room: MachineRoom, clock: VirtualClock
) -> None:
    node = available(cloud, room, clock)
    clock.advance(60)
    cloud.ironic.provision(node, "manage")

    server = nova.boot(node)
    clock.advance(60)

    assert server is not None
    assert nova.servers == {}
    assert state(cloud, node) == "manageable"
    assert cloud.ironic.show(node)["instance_uuid"] is None
    assert nova.boot(node) is None


def test_a_server_is_gone_before_its_node_is_clean(
    cloud: SimulatedCloud, nova: Nova, room: MachineRoom, clock: VirtualClock
) -> None:
    node = in_use(cloud, room, clock)
    (server,) = nova.facts(node).instances

    nova.delete(server)
    while nova.facts(node).instances:
        clock.advance(0.5)

    assert state(cloud, node) in ("cleaning", "clean wait")
    provider = _provider(nova, node)
    assert provider is not None
    assert provider.consumers == ()


def test_a_provider_outlives_its_node_by_up_to_a_minute(
    cloud: SimulatedCloud, nova: Nova, room: MachineRoom, clock: VirtualClock
) -> None:
    node = available(cloud, room, clock)
    clock.advance(60)
    cloud.ironic.delete_node(node)

    assert _provider(nova, node) is not None
    clock.advance(60)
    assert _provider(nova, node) is None


def test_a_node_deleted_under_its_server_leaves_an_orphan_that_seems_free(
    cloud: SimulatedCloud, nova: Nova, room: MachineRoom, clock: VirtualClock
) -> None:
    node = in_use(cloud, room, clock)
    cloud.ironic.set_maintenance(node, "why")
    cloud.ironic.delete_node(node)
    clock.advance(120)

    nova.delete(nova.facts(node).instances[0])
    clock.advance(3600)

    assert nova.facts(node).instances == ()
    assert _provider(nova, node) == ProviderFacts({"CUSTOM_BAREMETAL_GOLD": (1, 0)})

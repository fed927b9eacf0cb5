# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from ephyrad.clouds.environment.port import EnvironmentCloud
from ephyrad.clouds.port import CloudReadError
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Done, Refused
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.environment import SimulatedEnvironment
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.troubles import TIMED_OUT, Late

GOLD = Item(Kind.FLAVOR, "gold", "gold", {"name": "gold", "ram": 8, "vcpus": 1, "disk": 3})


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def cloud(clock: VirtualClock) -> SimulatedCloud:
    room = MachineRoom(clock)
    return SimulatedCloud(CloudName.NEW, clock, room, rng=random.Random(1))


@pytest.fixture
def environment(cloud: SimulatedCloud) -> EnvironmentCloud:
    return SimulatedEnvironment(cloud)


def test_it_is_the_environment_of_its_cloud(environment: EnvironmentCloud) -> None:
    assert environment.name is CloudName.NEW
    assert {kind: each.kind for kind, each in environment.collections.items()} == {
        kind: kind for kind in environment.collections
    }


def test_a_cloud_without_nova_has_nothing_of_novas(clock: VirtualClock) -> None:
    room = MachineRoom(clock)
    bare = SimulatedCloud(CloudName.NEW, clock, room, rng=random.Random(1), compute=False)

    kinds = SimulatedEnvironment(bare).collections.keys()

    assert not kinds & {Kind.FLAVOR, Kind.KEYPAIR, Kind.AGGREGATE, Kind.TRAIT}


def test_a_change_is_answered_as_planned(
    cloud: SimulatedCloud, environment: EnvironmentCloud
) -> None:
    flavors = environment.collections[Kind.FLAVOR]
    cloud.fail_next("flavor create", Refused(403, "No."))
    cloud.lose_reply("flavor delete")

    assert flavors.create(GOLD) == Refused(403, "No.")
    assert flavors.item("gold") is None
    assert flavors.create(GOLD) == Done()
    assert flavors.delete("gold") == TIMED_OUT
    assert flavors.item("gold") is None


def test_a_read_fails_as_planned(cloud: SimulatedCloud, environment: EnvironmentCloud) -> None:
    flavors = environment.collections[Kind.FLAVOR]
    cloud.fail_read("flavor items")

    with pytest.raises(CloudReadError, match="flavor items: HTTP 503"):
        flavors.items()
    assert flavors.items() == []


def test_a_change_is_made_late(
    cloud: SimulatedCloud, environment: EnvironmentCloud, clock: VirtualClock
) -> None:
    flavors = environment.collections[Kind.FLAVOR]
    cloud.troubles.plan("flavor create", Late(30.0, patience=10.0))

    assert flavors.create(GOLD) == TIMED_OUT

    assert flavors.item("gold") is None
    clock.advance(21.0)
    assert flavors.item("gold") is not None


def test_calls_take_their_time(
    cloud: SimulatedCloud, environment: EnvironmentCloud, clock: VirtualClock
) -> None:
    cloud.latency = lambda: (0.5, 1.0)

    environment.collections[Kind.KEYPAIR].items()

    assert clock.monotonic() == 1.5

# SPDX-License-Identifier: Apache-2.0
"""A simulated cloud with one node of each kind that matters."""

import random

import pytest

from ephyrad.migration.facts import CloudName
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.machines import MachineRoom


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def room(clock: VirtualClock) -> MachineRoom:
    return MachineRoom(clock)


@pytest.fixture
def cloud(clock: VirtualClock, room: MachineRoom) -> SimulatedCloud:
    return SimulatedCloud(CloudName.OLD, clock, room, rng=random.Random(7))

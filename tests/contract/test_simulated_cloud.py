# SPDX-License-Identifier: Apache-2.0
"""The contract, tried on the simulated cloud: what other tests rely on is what real clouds do."""

import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Underway
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.records import RELEASE_2023_1, RELEASE_2026_2
from ephyrad.testing.settings import IronicSettings, Times
from tests.contract.cloud_contract import CloudContract
from tests.contract.stage import (
    Stage,
    simulated_boot,
    simulated_flavor,
    simulated_image,
    simulated_lock,
    simulated_network,
)

RELEASES = {CloudName.OLD: RELEASE_2023_1, CloudName.NEW: RELEASE_2026_2}
LONG = 100.0


class SimulatedStage(Stage):
    def __init__(self, name: CloudName) -> None:
        self.clock = VirtualClock()
        settings = IronicSettings(release=RELEASES[name])
        self.simulated = SimulatedCloud(
            name,
            self.clock,
            MachineRoom(self.clock),
            rng=random.Random(1),
            settings=settings,
        )
        self.cloud = self.paged = self.simulated
        # No machine of the room has this address.
        self.unverifiable = {
            "driver": "redfish",
            "driver_info": {"redfish_address": "http://nowhere", "redfish_password": "hush"},
        }

    def boot(self, node: str) -> str:
        return simulated_boot(self.simulated, self.wait)(node)

    def lock(self, server: str) -> None:
        simulated_lock(self.simulated, server)

    def wait(self) -> None:
        self.clock.advance(0.5)

    def network(self) -> AbstractContextManager[tuple[str, str]]:
        return simulated_network(self.simulated)

    def image(self) -> AbstractContextManager[tuple[str, str]]:
        return simulated_image(self.simulated)

    def flavor(self, **extra_specs: str) -> AbstractContextManager[str]:
        return simulated_flavor(self.simulated, extra_specs)

    @contextmanager
    def held(self, node: str) -> Iterator[None]:
        settings = self.simulated.settings
        usual, settings.times = settings.times, Times(verify=(LONG, LONG))
        assert self.cloud.provision(node, "manage") == Underway()
        yield
        settings.times = usual

    def occupy(self, node: str) -> None:
        self.simulated.ironic.provision(node, "active")

    def vacate(self, node: str) -> None:
        self.simulated.ironic.provision(node, "deleted")


class TestSimulatedCloud(CloudContract):
    @pytest.fixture(params=list(CloudName))
    def stage(self, request: pytest.FixtureRequest) -> Stage:
        return SimulatedStage(request.param)

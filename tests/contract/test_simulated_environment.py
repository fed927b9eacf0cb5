# SPDX-License-Identifier: Apache-2.0
"""The contracts of the kinds, tried on the simulated environment in process."""

import pytest

from ephyrad.migration.facts import CloudName
from tests.contract.environment_stage import EnvironmentStage, SimulatedEnvironmentStage
from tests.contract.keypair_contract import KeypairContract


class TestSimulatedEnvironment(KeypairContract):
    @pytest.fixture(params=list(CloudName))
    def stage(self, request: pytest.FixtureRequest) -> EnvironmentStage:
        return SimulatedEnvironmentStage(request.param)

# SPDX-License-Identifier: Apache-2.0
"""The contracts of the kinds, tried on the simulated environment in process."""

import pytest

from ephyrad.migration.facts import CloudName
from tests.contract.aggregate_contract import AggregateContract
from tests.contract.environment_stage import EnvironmentStage, SimulatedEnvironmentStage
from tests.contract.flavor_contract import FlavorContract
from tests.contract.image_contract import ImageContract
from tests.contract.keypair_contract import KeypairContract
from tests.contract.placement_name_contract import PlacementNameContract
from tests.contract.step_list_contract import StepListContract


class InProcess:
    """Where the contracts are tried."""

    @pytest.fixture(params=list(CloudName))
    def stage(self, request: pytest.FixtureRequest) -> EnvironmentStage:
        return SimulatedEnvironmentStage(request.param)


class TestImagesInProcess(InProcess, ImageContract):
    pass


class TestFlavorsInProcess(InProcess, FlavorContract):
    pass


class TestAggregatesInProcess(InProcess, AggregateContract):
    pass


class TestKeypairsInProcess(InProcess, KeypairContract):
    pass


class TestPlacementNamesInProcess(InProcess, PlacementNameContract):
    pass


class TestStepListsInProcess(InProcess, StepListContract):
    pass

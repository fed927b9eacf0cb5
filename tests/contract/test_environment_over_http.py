# SPDX-License-Identifier: Apache-2.0
"""The contracts of the kinds, tried on the simulated environment through HTTP and the gateway."""

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from ephyrad.environment.item import Item
from ephyrad.migration.facts import CloudName
from ephyrad.testing.aggregates import HOST
from tests.contract.aggregate_contract import AggregateContract
from tests.contract.environment_stage import EnvironmentStage, GatewayStage, used_in
from tests.contract.flavor_contract import FlavorContract
from tests.contract.http_stage import HttpStage
from tests.contract.image_contract import ImageContract
from tests.contract.keypair_contract import KeypairContract
from tests.contract.placement_name_contract import PlacementNameContract
from tests.contract.step_list_contract import StepListContract


@pytest.fixture(scope="module", params=list(CloudName))
def http_stage(request: pytest.FixtureRequest) -> Iterator[HttpStage]:
    stage = HttpStage(request.param)
    yield stage
    stage.close()


class HttpEnvironmentStage(GatewayStage):
    """A simulated cloud's environment behind HTTP."""

    def __init__(self, stage: HttpStage) -> None:
        super().__init__(stage.settings(), stage.settings(page_size=2))
        self.host, self._stage = HOST, stage

    def used(self, item: Item) -> AbstractContextManager[None]:
        return used_in(self._stage.simulated, item)

    def wait(self) -> None:
        self._stage.wait()


class OverHttp:
    """Where the contracts are tried."""

    @pytest.fixture
    def stage(self, http_stage: HttpStage) -> EnvironmentStage:
        return HttpEnvironmentStage(http_stage)


class TestImagesOverHttp(OverHttp, ImageContract):
    pass


class TestFlavorsOverHttp(OverHttp, FlavorContract):
    pass


class TestAggregatesOverHttp(OverHttp, AggregateContract):
    pass


class TestKeypairsOverHttp(OverHttp, KeypairContract):
    pass


class TestPlacementNamesOverHttp(OverHttp, PlacementNameContract):
    pass


class TestStepListsOverHttp(OverHttp, StepListContract):
    pass

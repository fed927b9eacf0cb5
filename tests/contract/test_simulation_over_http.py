# SPDX-License-Identifier: Apache-2.0
"""The contract, tried on the simulated cloud through the real gateway and real HTTP."""

from collections.abc import Iterator

import pytest

from ephyrad.migration.facts import CloudName
from tests.contract.cloud_contract import CloudContract
from tests.contract.http_stage import HttpStage
from tests.contract.stage import Stage


@pytest.fixture(scope="module", params=list(CloudName))
def http_stage(request: pytest.FixtureRequest) -> Iterator[HttpStage]:
    stage = HttpStage(request.param)
    yield stage
    stage.close()


class TestSimulationOverHttp(CloudContract):
    @pytest.fixture
    def stage(self, http_stage: HttpStage) -> Stage:
        return http_stage

# SPDX-License-Identifier: Apache-2.0
"""The contracts of the kinds, tried on the simulated environment through HTTP and the gateway."""

from collections.abc import Iterator

import pytest

from ephyrad.migration.facts import CloudName
from tests.contract.environment_stage import GatewayStage
from tests.contract.http_stage import HttpStage
from tests.contract.keypair_contract import KeypairContract


@pytest.fixture(scope="module", params=list(CloudName))
def http_stage(request: pytest.FixtureRequest) -> Iterator[HttpStage]:
    stage = HttpStage(request.param)
    yield stage
    stage.close()


class TestEnvironmentOverHttp(KeypairContract):
    @pytest.fixture
    def stage(self, http_stage: HttpStage) -> GatewayStage:
        return GatewayStage(http_stage.settings(), http_stage.settings(page_size=2), "admin")

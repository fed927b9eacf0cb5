# SPDX-License-Identifier: Apache-2.0
"""The contracts of the kinds, tried on the lab's real OpenStack services."""

from collections.abc import Iterator

import pytest

from ephyrad.clouds.settings import CloudSettings
from ephyrad.migration.facts import CloudName
from tests.contract.environment_stage import GatewayStage
from tests.contract.keypair_contract import KeypairContract
from tests.lab.settings import Settings


@pytest.fixture(scope="module", params=list(CloudName))
def real_stage(request: pytest.FixtureRequest, lab: Settings) -> Iterator[GatewayStage]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OS_CLIENT_CONFIG_FILE", str(lab.clouds_yaml))
        name = request.param
        settings, paged = (
            CloudSettings(
                name=name, cloud=f"{name}-system", project_cloud=str(name), page_size=size
            )
            for size in (1000, 2)
        )
        yield GatewayStage(settings, paged, "admin")


@pytest.mark.lab
# The first test brings the lab up.
@pytest.mark.timeout(900)
class TestRealEnvironment(KeypairContract):
    @pytest.fixture
    def stage(self, real_stage: GatewayStage) -> GatewayStage:
        return real_stage

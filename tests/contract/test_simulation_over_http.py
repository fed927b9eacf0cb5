# SPDX-License-Identifier: Apache-2.0
"""The contract, tried on the simulated cloud through the real gateway and real HTTP."""

from collections.abc import Iterator, Mapping

import pytest
from keystoneauth1.session import Session

from ephyrad.migration.facts import CloudName
from ephyrad.testing.http.keystone import PROJECT
from tests.contract.api_contract import ApiContract, Scope
from tests.contract.cloud_contract import CloudContract
from tests.contract.http_stage import HttpStage
from tests.contract.stage import Stage


@pytest.fixture(scope="module", params=list(CloudName))
def http_stage(request: pytest.FixtureRequest) -> Iterator[HttpStage]:
    stage = HttpStage(request.param)
    yield stage
    stage.close()


class TestSimulatedApis(ApiContract):
    @pytest.fixture
    def sessions(self, http_stage: HttpStage) -> Mapping[Scope, Session]:
        return {
            "system": http_stage.session(system_scope="all"),
            "project": http_stage.session(project_name=PROJECT, project_domain_name="Default"),
        }

    @pytest.fixture
    def cloud_name(self, http_stage: HttpStage) -> CloudName:
        return http_stage.simulated.name


class TestSimulationOverHttp(CloudContract):
    @pytest.fixture
    def stage(self, http_stage: HttpStage) -> Stage:
        return http_stage

# SPDX-License-Identifier: Apache-2.0
"""The contract of trials, tried on the simulated cloud in process, and through HTTP."""

from collections.abc import Iterator

import pytest

from ephyrad.clouds.connect import connect
from ephyrad.clouds.trials import Trials
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Refused
from ephyrad.rollout.trial import TrialOrder
from ephyrad.testing.http.versions import VERSIONS, Range
from ephyrad.testing.trials import SimulatedTrials
from tests.contract.http_stage import HttpStage
from tests.contract.test_simulated_cloud import SimulatedStage
from tests.contract.trial_contract import TrialContract
from tests.contract.trial_stage import TrialStage, simulated_trials


class TestTrialsInProcess(TrialContract):
    @pytest.fixture(params=list(CloudName))
    def at(self, request: pytest.FixtureRequest) -> TrialStage:
        stage = SimulatedStage(request.param)
        trials = SimulatedTrials(stage.simulated, page_size=2)
        return simulated_trials(stage, stage.simulated, trials)


def gateway(stage: HttpStage) -> Trials:
    nova = connect(stage.settings()).nova
    assert nova is not None
    return Trials(nova, page_size=2)


@pytest.fixture(scope="module", params=list(CloudName))
def over_http(request: pytest.FixtureRequest) -> Iterator[TrialStage]:
    stage = HttpStage(request.param)
    yield simulated_trials(stage, stage.simulated, gateway(stage))
    stage.close()


class TestTrialsOverHttp(TrialContract):
    @pytest.fixture
    def at(self, over_http: TrialStage) -> TrialStage:
        return over_http


def test_a_nova_without_chosen_nodes_is_named_with_its_version() -> None:
    versions = VERSIONS["2023.1"]
    older = type(versions)(versions.ironic, Range((2, 1), (2, 72)))
    stage = HttpStage(CloudName.OLD, versions=older)
    outcome = gateway(stage).create(TrialOrder("a", "node", "image", "flavor", None, {}))
    stage.close()

    assert outcome == Refused(
        0,
        "Nova of the old cloud has API 2.72 and asks for a chosen node from 2.74 on: use a gate of"
        " another kind",
    )

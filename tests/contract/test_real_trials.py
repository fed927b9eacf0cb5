# SPDX-License-Identifier: Apache-2.0
"""The contract of trials, tried on the lab's real OpenStack services."""

from collections.abc import Iterator

import pytest

from ephyrad.clouds.connect import connect
from ephyrad.clouds.settings import CloudSettings
from ephyrad.clouds.trials import Trials
from ephyrad.migration.facts import CloudName
from tests.contract.test_real_clouds import RealStage
from tests.contract.trial_contract import TrialContract
from tests.contract.trial_stage import TrialStage
from tests.lab import fleet, offer
from tests.lab.settings import Settings


@pytest.fixture(scope="module", params=list(CloudName))
def real_trials(request: pytest.FixtureRequest, lab: Settings) -> Iterator[TrialStage]:
    name = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OS_CLIENT_CONFIG_FILE", str(lab.clouds_yaml))
        fleet.prepare_offers(lab)
        stage = RealStage(name, lab)
        settings = CloudSettings(name=name, cloud=f"{name}-system", project_cloud=str(name))
        nova = connect(settings).nova
        assert nova is not None
        trials = Trials(nova, page_size=2)
        flavor, image = offer.FLAVOR_ID, offer.IMAGE_ID
        yield TrialStage(stage, trials, flavor, image, "CUSTOM_BAREMETAL_GOLD")
        stage.close()


@pytest.mark.lab
# The first test brings the lab up.
@pytest.mark.timeout(900)
class TestTrialsReally(TrialContract):
    @pytest.fixture
    def at(self, real_trials: TrialStage) -> TrialStage:
        return real_trials

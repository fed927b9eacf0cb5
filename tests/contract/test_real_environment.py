# SPDX-License-Identifier: Apache-2.0
"""The contracts of the kinds, tried on the lab's real OpenStack services."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ephyrad.clouds.connect import connect
from ephyrad.clouds.settings import CloudSettings
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName
from tests.contract.aggregate_contract import AggregateContract
from tests.contract.environment_stage import EnvironmentStage, GatewayStage
from tests.contract.flavor_contract import FlavorContract
from tests.contract.image_contract import ImageContract
from tests.contract.keypair_contract import KeypairContract
from tests.contract.placement_name_contract import PlacementNameContract
from tests.contract.step_list_contract import StepListContract
from tests.lab.settings import Settings


class RealEnvironmentStage(GatewayStage):
    """The environment of a cloud of the lab."""

    def __init__(self, settings: CloudSettings, paged: CloudSettings) -> None:
        super().__init__(settings, paged)
        self.host = f"{settings.name}-compute-1"
        placement = connect(settings).placement
        assert placement is not None
        self._placement = placement.opened()

    @contextmanager
    def used(self, item: Item) -> Iterator[None]:
        provider = str(uuid.uuid4())
        path = f"/resource_providers/{provider}"
        self._ask("POST", "/resource_providers", {"uuid": provider, "name": f"contract-{provider}"})
        generation = {"resource_provider_generation": 0}
        if item.kind is Kind.TRAIT:
            self._ask("PUT", f"{path}/traits", {**generation, "traits": [item.key]})
        else:
            inventories = {"inventories": {item.key: {"total": 1}}}
            self._ask("PUT", f"{path}/inventories", {**generation, **inventories})
        yield
        self._ask("DELETE", path)

    def _ask(self, method: str, path: str, body: object = None) -> None:
        answer = self._placement.send(method, path, None, body)
        assert answer.status < 300, answer.body


@pytest.fixture(scope="module", params=list(CloudName))
def real_stage(request: pytest.FixtureRequest, lab: Settings) -> Iterator[RealEnvironmentStage]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OS_CLIENT_CONFIG_FILE", str(lab.clouds_yaml))
        name = request.param
        settings, paged = (
            CloudSettings(
                name=name, cloud=f"{name}-system", project_cloud=str(name), page_size=size
            )
            for size in (1000, 2)
        )
        yield RealEnvironmentStage(settings, paged)


class Really:
    """Where the contracts are tried."""

    @pytest.fixture
    def stage(self, real_stage: EnvironmentStage) -> EnvironmentStage:
        return real_stage


@pytest.mark.lab
# The first test brings the lab up.
@pytest.mark.timeout(900)
class TestImagesReally(Really, ImageContract):
    pass


@pytest.mark.lab
# The first test brings the lab up.
@pytest.mark.timeout(900)
class TestFlavorsReally(Really, FlavorContract):
    pass


@pytest.mark.lab
# The first test brings the lab up.
@pytest.mark.timeout(900)
class TestAggregatesReally(Really, AggregateContract):
    pass


@pytest.mark.lab
# The first test brings the lab up.
@pytest.mark.timeout(900)
class TestKeypairsReally(Really, KeypairContract):
    pass


@pytest.mark.lab
# The first test brings the lab up.
@pytest.mark.timeout(900)
class TestPlacementNamesReally(Really, PlacementNameContract):
    pass


@pytest.mark.lab
# The first test brings the lab up.
@pytest.mark.timeout(900)
class TestStepListsReally(Really, StepListContract):
    pass

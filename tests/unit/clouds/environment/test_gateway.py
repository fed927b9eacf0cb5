# SPDX-License-Identifier: Apache-2.0
import pytest

from ephyrad.clouds.connect import connect
from ephyrad.clouds.environment.gateway import OpenStackEnvironment
from ephyrad.clouds.environment.port import EnvironmentCloud
from ephyrad.clouds.gateway import OpenStackCloud
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.settings import CloudSettings
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName
from tests.unit.clouds.canned import Canned, Reply

OF_PLACEMENT = {Kind.RESOURCE_CLASS, Kind.TRAIT}


def test_the_gateway_is_an_environment(server: Canned) -> None:
    environment: EnvironmentCloud = server.environment()

    assert environment.name is CloudName.NEW


def test_kinds_stand_in_the_order_in_which_they_are_carried(server: Canned) -> None:
    kinds = list(server.environment().collections)

    assert kinds == sorted(kinds, key=list(Kind).index)


def test_a_collection_is_of_its_kind_and_kept(server: Canned) -> None:
    environment = server.environment()

    for kind, collection in environment.collections.items():
        assert collection.kind is kind
        assert environment.collections[kind] is collection


def test_a_kind_without_its_service_is_absent() -> None:
    with Canned(services=("baremetal", "compute")) as server:
        assert not OF_PLACEMENT & server.environment().collections.keys()


def test_a_kind_that_is_not_configured_is_absent(server: Canned) -> None:
    assert not OF_PLACEMENT & server.environment(compute=False).collections.keys()


def test_a_kind_of_a_service_that_is_down_is_there_and_says_why_it_cannot_be_read(
    server: Canned,
) -> None:
    server.answer("GET", "/placement", Reply(503))

    traits = server.environment().collections[Kind.TRAIT]

    with pytest.raises(CloudReadError, match="placement of the new cloud"):
        traits.items()


def test_it_shares_its_tokens_with_the_cloud(server: Canned) -> None:
    server.answer("GET", "/placement/traits", Reply(200, {"traits": []}))
    server.ironic("GET", "/nodes", Reply(200, {"nodes": []}))
    settings = CloudSettings(name=CloudName.NEW, session=server.session())
    services = connect(settings)
    cloud = OpenStackCloud(settings, services=services)

    cloud.nodes()
    assert not OpenStackEnvironment(settings, services).collections[Kind.TRAIT].items()

    assert server.tokens == 1


def test_a_dead_service_is_not_asked_about_the_kinds_of_another(server: Canned) -> None:
    server.answer("GET", "/placement", Reply(503))
    server.answer("GET", "/baremetal/v1/deploy_templates", Reply(200, {"deploy_templates": []}))

    assert server.environment().collections.get(Kind.DEPLOY_TEMPLATE) is not None

    assert not [each for each in server.requests if "placement" in str(each)]

# SPDX-License-Identifier: Apache-2.0
"""The contract, tried on the lab's real OpenStack services."""

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import openstack.config
import pytest
from keystoneauth1.adapter import Adapter
from keystoneauth1.session import Session

from ephyrad.clouds.gateway import OpenStackCloud
from ephyrad.clouds.settings import CloudSettings
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Underway
from tests.contract.api_contract import ApiContract, Scope
from tests.contract.cloud_contract import CloudContract
from tests.contract.silent_bmc import SilentBmc
from tests.contract.stage import PATIENCE, Stage
from tests.lab import fleet, instances
from tests.lab.nodes import RESOURCE_CLASS
from tests.lab.openstack_api import Api
from tests.lab.settings import Settings


class RealStage(Stage):
    """A cloud of the lab."""

    resource_class = RESOURCE_CLASS

    def __init__(self, name: CloudName, lab: Settings) -> None:
        self._lab = lab
        self.cloud, self.paged = (
            OpenStackCloud(
                CloudSettings(
                    name=name, cloud=f"{name}-system", project_cloud=str(name), page_size=size
                )
            )
            for size in (1000, 2)
        )
        region = openstack.config.OpenStackConfig().get_one(cloud=f"{name}-system")
        self._ironic = Adapter(
            region.get_session(),
            service_type="baremetal",
            interface="public",
            default_microversion="1.82",
        )
        project = openstack.config.OpenStackConfig().get_one(cloud=str(name)).get_session()
        self._glance, self._neutron, self._nova = (
            Adapter(project, service_type=service, interface="public", min_version=version)
            for service, version in (("image", None), ("network", "2.0"), ("compute", None))
        )
        self._bmc = SilentBmc()
        self.unverifiable = {
            "driver": "redfish",
            "boot_interface": "ipxe",
            "deploy_interface": "direct",
            "driver_info": {
                "redfish_address": self._bmc.url,
                "redfish_system_id": "/redfish/v1/Systems/1",
                "redfish_username": "nobody",
                "redfish_password": "hush",
            },
        }

    def boot(self, node: str) -> str:
        fleet.prepare_offers(self._lab)
        return instances.boot(self._lab, self.cloud.name.value, node)

    def lock(self, server: str) -> None:
        nova = Api(self._lab, self.cloud.name.value, "compute")
        nova.post(f"/servers/{server}/action", {"lock": None})

    def wait(self) -> None:
        time.sleep(0.2)

    @contextmanager
    def network(self) -> Iterator[tuple[str, str]]:
        name = f"contract-{uuid.uuid4().hex[:8]}"
        made = self._neutron.post("/networks", json={"network": {"name": name}}).json()["network"]
        yield made["id"], name
        self._neutron.delete(f"/networks/{made['id']}")

    @contextmanager
    def image(self) -> Iterator[tuple[str, str]]:
        name = f"contract-{uuid.uuid4().hex[:8]}"
        image = {"name": name, "disk_format": "raw", "container_format": "bare", "os_hidden": True}
        made = self._glance.post("/v2/images", json=image).json()["id"]
        headers = {"Content-Type": "application/octet-stream"}
        self._glance.put(f"/v2/images/{made}/file", data=b"an image", headers=headers)
        yield made, name
        self._glance.delete(f"/v2/images/{made}")

    @contextmanager
    def flavor(self, **extra_specs: str) -> Iterator[str]:
        name = f"contract-{uuid.uuid4().hex[:8]}"
        body = {"id": name, "name": name, "ram": 8, "vcpus": 1, "disk": 1}
        private = {"os-flavor-access:is_public": False}
        self._nova.post("/flavors", json={"flavor": body | private})
        self._nova.post(f"/flavors/{name}/os-extra_specs", json={"extra_specs": extra_specs})
        yield name
        self._nova.delete(f"/flavors/{name}")

    @contextmanager
    def held(self, node: str) -> Iterator[None]:
        with self._bmc.waiting():
            assert self.cloud.provision(node, "manage") == Underway()
            yield

    def occupy(self, node: str) -> None:
        self._provision(node, "active")

    def vacate(self, node: str) -> None:
        self._provision(node, "deleted")

    def close(self) -> None:
        self._bmc.close()

    def _provision(self, node: str, target: str) -> None:
        path = f"/v1/nodes/{node}/states/provision"
        for _ in range(PATIENCE):
            answer = self._ironic.put(path, json={"target": target}, raise_exc=False)
            if answer.status_code != 409:
                assert answer.status_code == 202, answer.text
                return
            self.wait()
        raise AssertionError(f"{node} stays locked")


@pytest.fixture(scope="module", params=list(CloudName))
def real_stage(request: pytest.FixtureRequest, lab: Settings) -> Iterator[RealStage]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OS_CLIENT_CONFIG_FILE", str(lab.clouds_yaml))
        stage = RealStage(request.param, lab)
        yield stage
        stage.close()


@pytest.mark.lab
@pytest.mark.timeout(900)
class TestRealApis(ApiContract):
    @pytest.fixture
    def sessions(self, real_stage: RealStage) -> Mapping[Scope, Session]:
        config, name = openstack.config.OpenStackConfig(), real_stage.cloud.name
        return {
            "system": config.get_one(cloud=f"{name}-system").get_session(),
            "project": config.get_one(cloud=str(name)).get_session(),
        }

    @pytest.fixture
    def cloud_name(self, real_stage: RealStage) -> CloudName:
        return real_stage.cloud.name


@pytest.mark.lab
# The first test brings the lab up.
@pytest.mark.timeout(900)
class TestRealClouds(CloudContract):
    @pytest.fixture
    def stage(self, real_stage: Stage) -> Stage:
        return real_stage

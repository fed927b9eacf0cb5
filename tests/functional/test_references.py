# SPDX-License-Identifier: Apache-2.0
"""What a node names has another id in the new cloud: it is rewritten, or the node is held."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness.daemon import Daemon
from tests.harness.fleet import Fleet
from tests.lab import patience
from tests.lab.nodes import Kind
from tests.lab.openstack_api import Api
from tests.lab.ports import CLOUDS, Cloud
from tests.lab.settings import Settings

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1500)]

MAPPING = """\
projects: {match: name}
networks: {match: name}
images:
  table: {NAME-old: NAME-new}
driver_info:
  carry: [username, password, NAME_*]
"""


@dataclass(frozen=True)
class Things:
    """What a cloud has of this test's own, by its ids."""

    project: str
    network: str
    image: str


class Belongs:
    """Makes the same things in both clouds, with other ids, and takes them away."""

    def __init__(self, lab: Settings, name: str) -> None:
        self.name = name
        self._keystone, self._neutron, self._glance = (
            {cloud: Api(lab, cloud, service) for cloud in CLOUDS}
            for service in ("identity", "network", "image")
        )
        self._made: list[tuple[Api, str]] = []

    def make(self, cloud: Cloud) -> Things:
        image = f"{self.name}-{cloud}"
        return Things(
            self.project(cloud, self.name), self._network(cloud), self._image(cloud, image)
        )

    def project(self, cloud: Cloud, name: str) -> str:
        api = self._keystone[cloud]
        made = api.post("/projects", {"project": {"name": name}})["project"]["id"]
        self._made.append((api, f"/projects/{made}"))
        return str(made)

    def _network(self, cloud: Cloud) -> str:
        api = self._neutron[cloud]
        made = api.post("/v2.0/networks", {"network": {"name": self.name}})["network"]["id"]
        self._made.append((api, f"/v2.0/networks/{made}"))
        return str(made)

    def _image(self, cloud: Cloud, name: str) -> str:
        api = self._glance[cloud]
        image = {"name": name, "disk_format": "raw", "container_format": "bare"}
        made = api.post("/v2/images", image)["id"]
        self._made.append((api, f"/v2/images/{made}"))
        api.call("PUT", f"/v2/images/{made}/file", data=b"a kernel")
        return str(made)

    def remove(self) -> None:
        for api, path in reversed(self._made):
            api.call("DELETE", path)


@pytest.fixture
def belongs(lab: Settings) -> Iterator[Belongs]:
    belongs = Belongs(lab, f"map-{uuid.uuid4().hex[:8]}")
    yield belongs
    belongs.remove()


def test_references_are_rewritten(
    lab: Settings, fleet: Fleet, new_daemon: NewDaemon, belongs: Belongs
) -> None:
    carried, waiting = fleet.enrol({Kind.FAKE: 2})
    old, new = belongs.make("old"), belongs.make("new")
    ironic = Api(lab, "old", "baremetal")
    lost = belongs.project("old", f"{belongs.name}-lost")
    _patch(ironic, carried.uuid, old, belongs.name)
    ironic.call("PATCH", f"/v1/nodes/{waiting.uuid}", [_add("/owner", lost)])
    daemon = new_daemon()
    daemon.mapping.write_text(MAPPING.replace("NAME", belongs.name))
    daemon.start()

    daemon.ephyra("migrate", carried.name, waiting.name)

    row = _held(daemon, waiting.name)
    assert row["cause"] == "unmapped"
    assert (
        f"owner: the new cloud has no project called like project Default/{belongs.name}-lost"
        in (str(row["doing"]))
    )
    record = ironic.get(f"/v1/nodes/{waiting.uuid}")
    assert (record["provision_state"], record["retired"]) == ("available", False)
    fleet.wait_for(daemon, [carried.name], "compute-ready", 600)
    arrived = Api(lab, "new", "baremetal").get(f"/v1/nodes/{carried.uuid}")
    info = arrived["driver_info"]
    assert (arrived["owner"], arrived["lessee"]) == (new.project, new.project)
    assert info["cleaning_network"] == new.network
    assert info["provisioning_network"] == belongs.name
    assert info["deploy_kernel"] == new.image
    assert info["deploy_ramdisk"] == f"glance://{new.image}"
    assert info["rescue_ramdisk"] == "file:///{{ not }}/read"
    assert info[f"{belongs.name}_key"] == "of ours"
    told = daemon.ephyra("node", "show", carried.name)["rewritten"]
    assert f"owner {old.project} -> {new.project} (project Default/{belongs.name})" in told
    assert len(told) == 5

    belongs.project("new", f"{belongs.name}-lost")
    fleet.wait_for_release(daemon, waiting.name, 150)
    fleet.wait_for(daemon, [waiting.name], "compute-ready", 600)


def _patch(ironic: Api, node: str, old: Things, name: str) -> None:
    info = {
        "cleaning_network": old.network,
        "provisioning_network": name,
        "deploy_kernel": old.image,
        "deploy_ramdisk": f"glance://{old.image}",
        "rescue_ramdisk": "file:///{{ not }}/read",
        f"{name}_key": "of ours",
    }
    patch = [_add(f"/driver_info/{key}", value) for key, value in info.items()]
    patch += [_add("/owner", old.project), _add("/lessee", old.project)]
    ironic.call("PATCH", f"/v1/nodes/{node}", patch)


def _add(path: str, value: str) -> dict[str, str]:
    return {"op": "add", "path": path, "value": value}


def _held(daemon: Daemon, name: str) -> dict[str, object]:
    def look() -> dict[str, object] | None:
        row: dict[str, object] = daemon.ephyra("node", "show", name)
        return row if row["held"] else None

    return patience.until(f"{name} to be held", look, 60)

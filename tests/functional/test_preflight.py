# SPDX-License-Identifier: Apache-2.0
"""What an operator is told before anything is done, by real clouds."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness import belongings
from tests.harness.daemon import Daemon, DaemonError
from tests.harness.fleet import Fleet
from tests.lab import patience
from tests.lab.nodes import Kind
from tests.lab.openstack_api import Api
from tests.lab.settings import Settings

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

# Nothing listens on the discard port of the loopback address.
SILENT = "http://127.0.0.1:9"


class Made:
    """Things of this test's own, taken away at its end."""

    def __init__(self) -> None:
        self.name = f"pf-{uuid.uuid4().hex[:8]}"
        self._paths: list[tuple[Api, str]] = []

    def keep(self, api: Api, path: str) -> None:
        self._paths.append((api, path))

    def remove(self) -> None:
        for api, path in reversed(self._paths):
            if api.find(path) is not None:
                api.delete(path)


@pytest.fixture
def made() -> Iterator[Made]:
    made = Made()
    yield made
    made.remove()


def test_it_tells_what_stands_in_the_way(
    lab: Settings, fleet: Fleet, new_daemon: NewDaemon, made: Made
) -> None:
    good, unwanted, silent, namesake = nodes = fleet.enrol({Kind.FAKE: 4})
    old, new = Api(lab, "old", "baremetal"), Api(lab, "new", "baremetal")
    nova = Api(lab, "old", "compute")
    nova.post(
        "/flavors",
        {"flavor": {"id": made.name, "name": made.name, "ram": 1, "vcpus": 1, "disk": 1}},
    )
    made.keep(nova, f"/flavors/{made.name}")
    wanted = f"CUSTOM_{made.name.replace('-', '_').upper()}"
    specs = {"extra_specs": {f"resources:{wanted}": "1"}}
    nova.post(f"/flavors/{made.name}/os-extra_specs", specs)
    for node in (good, unwanted, namesake):
        _patch(old, node.uuid, "/driver_info/redfish_address", lab.shared_url("bmc"))
    _patch(old, silent.uuid, "/driver_info/redfish_address", SILENT)
    _patch(old, unwanted.uuid, "/resource_class", made.name)
    taken = str(uuid.uuid4())
    new.post("/v1/nodes", {"uuid": taken, "name": namesake.name, "driver": "fake-hardware"})
    made.keep(new, f"/v1/nodes/{taken}")
    before = {node.uuid: belongings.read(lab, "old", node.uuid) for node in nodes}
    daemon = new_daemon(buses=False)
    daemon.start()

    status, findings = daemon.answered("preflight", "--bmc", *(node.name for node in nodes))

    problems = {each["cause"]: each for each in findings if each["weight"] != "remark"}
    assert status == 1
    assert {
        cause: [node["name"] for node in each["nodes"]] for cause, each in problems.items()
    } == {
        "missing-in-new-cloud": [unwanted.name],
        "bmc-unreachable": [silent.name],
        "conflict": [namesake.name],
    }
    assert (
        f"no flavor of the new cloud demands resource class {wanted} (the old cloud has"
        in (problems["missing-in-new-cloud"]["finding"])
    )
    assert "at tcp://127.0.0.1:9 (Connection refused)" in problems["bmc-unreachable"]["finding"]
    assert f"belongs to node {taken}" in problems["conflict"]["finding"]
    assert daemon.answered("preflight", "--bmc", good.name)[0] == 0

    # What the preflight says holds the node when it is asked for.
    daemon.ephyra("migrate", unwanted.name)
    _wait_until_held(daemon, unwanted.name)
    for node in nodes:
        assert (
            belongings.differences(before[node.uuid], belongings.read(lab, "old", node.uuid)) == []
        )
        assert new.find(f"/v1/nodes/{node.uuid}") is None

    # The cures that it names: a flavor in the new cloud, another name, an address that answers.
    daemon.ephyra("environment", "sync", "--kind", "flavor", "--name", made.name)
    made.keep(Api(lab, "new", "compute"), f"/flavors/{made.name}")
    new.delete(f"/v1/nodes/{taken}")
    _patch(old, silent.uuid, "/driver_info/redfish_address", lab.shared_url("bmc"))
    fleet.wait_for_release(daemon, unwanted.name, 150)
    daemon.ephyra("hold", unwanted.name, "--reason", "it has told enough")

    assert daemon.answered("preflight", "--bmc", silent.name, namesake.name)[0] == 0


def test_a_user_that_does_not_see_every_node(
    lab: Settings, fleet: Fleet, new_daemon: NewDaemon, made: Made
) -> None:
    (node,) = fleet.enrol({Kind.FAKE: 1})
    keystone = Api(lab, "new", "identity")
    user = keystone.post("/users", {"user": {"name": made.name, "password": lab.password}})
    ident = user["user"]["id"]
    made.keep(keystone, f"/users/{ident}")
    (role,) = keystone.get("/roles?name=admin")["roles"]
    (project,) = keystone.get("/projects?name=service")["projects"]
    on_system = f"/system/users/{ident}/roles/{role['id']}"
    keystone.call("PUT", f"/projects/{project['id']}/users/{ident}/roles/{role['id']}")
    own = {
        "auth_type": "password",
        "auth_url": lab.url("new", "keystone", "/v3"),
        "username": made.name,
        "password": lab.password,
        "user_domain_name": "Default",
    }
    scoped = own | {"project_name": "service", "project_domain_name": "Default"}
    unnamed = {"cloud": "", "project_cloud": ""}

    # Project-scoped from the start: it says so, and does not start.
    refused = new_daemon({"new_cloud": unnamed | scoped}, buses=False)
    with pytest.raises(DaemonError, match=r"\[new_cloud\]: the credentials are scoped to project"):
        refused.start()

    # While it runs: nothing is passed of what it does not see any more.
    keystone.call("PUT", on_system)
    system = own | {"system_scope": "all"}
    daemon = new_daemon({"new_cloud": unnamed | system, "new_cloud_project": scoped}, buses=False)
    daemon.start()
    assert daemon.answered("preflight", node.name)[0] == 0
    keystone.call("DELETE", on_system)

    status, findings = daemon.answered("preflight", node.name)

    # Ironic believes the token for some minutes still; Keystone does not.
    (unjudged,) = (each for each in findings if each["weight"] == "unjudged")
    assert status == 1
    assert [each["name"] for each in unjudged["nodes"]] == [node.name]
    assert "see that ephyrad's user has the role admin there" in unjudged["finding"]


def _patch(ironic: Api, node: str, path: str, value: str) -> None:
    ironic.call("PATCH", f"/v1/nodes/{node}", [{"op": "add", "path": path, "value": value}])


def _wait_until_held(daemon: Daemon, name: str) -> None:
    def look() -> Mapping[str, Any] | None:
        row: Mapping[str, Any] = daemon.ephyra("node", "show", name)
        return row if row["held"] else None

    row = patience.until(f"{name} to be held", look, 60)
    assert row["cause"] == "missing-in-new-cloud"

# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from ephyrad.clouds.port import Cloud, CloudReadError, CloudSetupError
from ephyrad.migration.facts import CloudName, ComputeFacts, ProviderFacts
from tests.unit.clouds.canned import Canned, Reply, Request
from tests.unit.clouds.samples import RELEASES, sample

NOTHING = "00000000-0000-0000-0000-000000000000"
SERVERS = "/compute/v2.1/servers/detail"
ON = "OS-EXT-SRV-ATTR:hypervisor_hostname"
NO_SERVERS = Reply(200, {"servers": []})


def recorded(service: str, what: str) -> Reply:
    error = next(e for e in sample("errors") if (e["service"], e["what"]) == (service, what))
    return Reply(error["status"], error["body"].encode())


def provider(uuid: str, part: str) -> str:
    return f"/placement/resource_providers/{uuid}/{part}"


def allow_all(server: Canned) -> None:
    server.ironic("GET", "/nodes", Reply(200, {"nodes": []}))
    server.answer("GET", SERVERS, NO_SERVERS)
    answer = recorded("placement", "no such provider")
    server.answer("GET", provider(NOTHING, "inventories"), answer)
    server.answer("GET", "/image/v2/images", Reply(200, {"images": []}))


def test_the_gateway_is_a_cloud(server: Canned) -> None:
    cloud: Cloud = server.cloud()

    assert cloud.name is CloudName.NEW


def test_an_empty_cloud_passes_the_check(server: Canned) -> None:
    allow_all(server)

    server.cloud().check()

    (probe,) = server.asked("GET", "/baremetal/v1/nodes")
    assert probe.query == {"project": "0" * 32, "limit": "1", "fields": "uuid"}
    (probe,) = server.asked("GET", SERVERS)
    assert probe.query == {"all_tenants": "1", "node": NOTHING, "limit": "1"}


def test_a_project_scoped_token_that_shows_some_nodes_only_is_named(server: Canned) -> None:
    allow_all(server)
    server.scope = {"project": {"id": "p", "name": "demo", "domain": {"id": "d", "name": "D"}}}
    server.ironic("GET", "/nodes", recorded("ironic", "not all nodes"))

    with pytest.raises(CloudSetupError) as caught:
        server.cloud().check()

    assert str(caught.value) == (
        "[new_cloud]: the credentials are scoped to project 'demo', and Ironic of the new cloud "
        "hides the nodes of others from them, without an error (Access was denied to the following "
        "resource: baremetal:node:list_all); give them system scope (system_scope = all) and the "
        "role admin"
    )


@pytest.mark.parametrize("status", [400, 500, 503])
def test_a_check_that_gets_no_verdict_is_no_verdict(server: Canned, status: int) -> None:
    allow_all(server)
    server.ironic("GET", "/nodes", Reply(status))

    with pytest.raises(CloudReadError, match=f"HTTP {status}"):
        server.cloud().check()


def test_services_that_refuse_a_system_scoped_token_are_named(server: Canned) -> None:
    for path, refusal in (
        (SERVERS, recorded("nova", "no administrator")),
        (provider(NOTHING, "inventories"), recorded("placement", "no administrator")),
        ("/image/v2/images", recorded("glance", "system scope")),
    ):
        allow_all(server)
        server.answer("GET", path, refusal)

        with pytest.raises(CloudSetupError) as caught:
            server.cloud().check()

        assert "credentials that are system-scoped" in str(caught.value)
        assert str(caught.value).endswith("in project_cloud or in [new_cloud_project]")


def test_a_nova_that_ignores_the_filter_by_node_is_named(server: Canned) -> None:
    allow_all(server)
    servers = [{"id": "anybody's", ON: "another"}]
    server.answer("GET", SERVERS, Reply(200, {"servers": servers}))

    with pytest.raises(CloudSetupError, match="Nova of the new cloud ignores the filter by node"):
        server.cloud().check()


def test_a_server_that_is_being_scheduled_is_no_sign_of_it(server: Canned) -> None:
    allow_all(server)
    server.answer("GET", SERVERS, Reply(200, {"servers": [{"id": "new", ON: None}]}))

    server.cloud().check()


def test_nova_down_at_the_check_is_told_from_refusal(server: Canned) -> None:
    allow_all(server)
    server.answer("GET", SERVERS, Reply(503))

    with pytest.raises(CloudReadError, match="HTTP 503"):
        server.cloud().check()


def test_the_old_clouds_images_are_not_looked_at(server: Canned) -> None:
    allow_all(server)
    server.answer("GET", "/image/v2/images", recorded("glance", "system scope"))

    server.cloud(CloudName.OLD).check()


@pytest.mark.parametrize("missing", ["compute", "placement"])
def test_a_cloud_without_nova_says_so(server: Canned, missing: str) -> None:
    allow_all(server)
    del server.endpoints[missing]

    with pytest.raises(CloudSetupError, match="is not in the service catalogue"):
        server.cloud().check()
    server.cloud(compute=False).check()


def test_an_ironic_alone_passes_the_check(server: Canned) -> None:
    allow_all(server)
    server.endpoints = {"baremetal": "/baremetal"}
    cloud = server.cloud(compute=False)

    cloud.check()

    assert cloud.compute("any") is None


@pytest.mark.parametrize("release", RELEASES)
def test_nova_and_placement_tell_of_a_node(server: Canned, release: str) -> None:
    found = sample(f"{release}-compute")
    servers = [one | {ON: "n"} for one in found["servers"]["servers"]]
    scheduled = {"id": "scheduled, on no node yet", ON: None}
    server.answer("GET", SERVERS, Reply(200, {"servers": [scheduled, *servers]}))
    server.answer("GET", provider("n", "inventories"), Reply(200, found["inventories"]))
    server.answer("GET", provider("n", "allocations"), Reply(200, found["allocations"]))

    facts = server.cloud().compute("n")

    (instance,) = (one["id"] for one in found["servers"]["servers"])
    assert facts == ComputeFacts(
        instances=(instance,),
        provider=ProviderFacts(inventory={"CUSTOM_GW_SRV": (1, 0)}, consumers=(instance,)),
    )
    (request,) = server.asked("GET", SERVERS)
    assert request.query == {"all_tenants": "1", "node": "n"}
    assert request.headers["OPENSTACK_API_VERSION"] == "compute 2.96"


def test_a_node_without_provider_has_none(server: Canned) -> None:
    server.answer("GET", SERVERS, NO_SERVERS)
    for part in ("inventories", "allocations"):
        answer = recorded("placement", "no such provider")
        server.answer("GET", provider(NOTHING, part), answer)

    assert server.cloud().compute(NOTHING) == ComputeFacts(instances=(), provider=None)


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        (SERVERS, Reply(200, {})),
        (SERVERS, Reply(200, {"servers": [{}]})),
        (SERVERS, Reply(200, {"servers": [{"id": "not an administrator's view"}]})),
        (SERVERS, Reply(200, {"servers": None})),
        (SERVERS, Reply(403)),
        (SERVERS, Reply(404, {"itemNotFound": {"message": "n"}})),
        (provider("n", "inventories"), Reply(200, {})),
        (provider("n", "inventories"), Reply(200, {"inventories": {"X": {"total": 1}}})),
        (provider("n", "inventories"), Reply(404)),
        (provider("n", "allocations"), Reply(200, {"allocations": None})),
        (provider("n", "allocations"), Reply(503)),
    ],
)
def test_compute_that_cannot_be_read_is_never_taken_for_empty(
    server: Canned, path: str, reply: Reply
) -> None:
    server.answer("GET", SERVERS, NO_SERVERS)
    server.answer("GET", provider("n", "inventories"), Reply(200, {"inventories": {}}))
    server.answer("GET", provider("n", "allocations"), Reply(200, {"allocations": {}}))
    server.answer("GET", path, reply)

    with pytest.raises(CloudReadError, match="of the new cloud"):
        server.cloud().compute("n")


def offer(server: Canned, release: str) -> None:
    server.ironic("GET", "/drivers", Reply(200, sample(f"{release}-drivers")))
    server.ironic("GET", "/conductors", Reply(200, sample(f"{release}-conductors")))
    server.ironic("GET", "/ports", Reply(200, {"ports": []}))
    server.ironic("GET", "/portgroups", Reply(200, {"portgroups": []}))


@pytest.mark.parametrize("release", RELEASES)
def test_what_the_new_cloud_offers(server: Canned, release: str) -> None:
    def port_of(request: Request) -> Reply:
        owned = [{"node_uuid": "n1"}] if request.query["address"] == "52:54:00:00:00:01" else []
        return Reply(200, {"ports": owned})

    def group_of(request: Request) -> Reply:
        owned = [{"node_uuid": "n2"}] if request.query["address"] == "52:54:00:00:00:02" else []
        return Reply(200, {"portgroups": owned})

    offer(server, release)
    server.ironic("GET", "/ports", port_of)
    server.ironic("GET", "/portgroups", group_of)
    namesake = sample(f"{release}-records")["node"]
    server.ironic("GET", "/nodes/sample-1", Reply(200, namesake))
    server.answer("GET", "/image/v2/images/there", Reply(200, {"status": "active"}))
    server.answer("GET", "/image/v2/images/queued", Reply(200, {"status": "queued"}))
    server.answer("GET", "/image/v2/images/gone", recorded("glance", "no such image"))

    facts = server.cloud().new_cloud_facts(
        "sample-1",
        [f"52:54:00:00:00:0{last}" for last in (1, 2, 3)],
        ["there", "queued", "gone", "a/../b"],
    )

    assert facts.node_by_name == namesake["uuid"]
    assert facts.addresses == {"52:54:00:00:00:01": "n1", "52:54:00:00:00:02": "n2"}
    assert facts.images == {"there"}
    assert facts.conductor_groups == {""}
    assert facts.drivers["redfish"]["power"] == {"redfish"}
    assert facts.drivers["fake-hardware"]["power"] == {"fake", "redfish"}


def test_a_free_name_and_no_image(server: Canned) -> None:
    offer(server, "new")
    words = {"error_message": json.dumps({"faultstring": "Node free could not be found."})}
    server.ironic("GET", "/nodes/free", Reply(404, words))
    del server.endpoints["image"]
    cloud = server.cloud()

    assert cloud.new_cloud_facts("free", [], ["id"]).node_by_name is None
    assert cloud.new_cloud_facts(None, [], ["id"]).images == frozenset()


def test_glance_down_is_not_taken_for_missing_images(server: Canned) -> None:
    offer(server, "new")
    server.answer("GET", "/image/v2/images/id", Reply(503))

    with pytest.raises(CloudReadError, match="Glance of the new cloud"):
        server.cloud().new_cloud_facts(None, [], ["id"])


def test_a_dead_conductors_group_does_not_count(server: Canned) -> None:
    offer(server, "new")
    (conductor,) = sample("new-conductors")["conductors"]
    dead = conductor | {"alive": False, "conductor_group": "rack1"}
    server.ironic("GET", "/conductors", Reply(200, {"conductors": [conductor, dead]}))

    assert server.cloud().new_cloud_facts(None, [], []).conductor_groups == {""}


def test_drivers_and_conductors_are_believed_for_a_while(server: Canned) -> None:
    now = [0.0]
    offer(server, "new")
    cloud = server.cloud(clock=lambda: now[0], drivers_kept=60.0)

    for moment, asked in ((0.0, 1), (59.0, 1), (60.0, 2), (100.0, 2), (121.0, 3)):
        now[0] = moment
        cloud.new_cloud_facts(None, [], [])
        assert len(server.asked("GET", "/baremetal/v1/drivers")) == asked
        assert len(server.asked("GET", "/baremetal/v1/conductors")) == asked


def test_a_failed_look_at_the_drivers_is_not_kept(server: Canned) -> None:
    offer(server, "new")
    server.ironic("GET", "/drivers", Reply(503), Reply(200, sample("new-drivers")))
    cloud = server.cloud()

    with pytest.raises(CloudReadError):
        cloud.new_cloud_facts(None, [], [])
    assert cloud.new_cloud_facts(None, [], []).drivers

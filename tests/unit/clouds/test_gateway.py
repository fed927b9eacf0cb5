# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from ephyrad.clouds.port import Cloud, CloudReadError, CloudSetupError
from ephyrad.migration.facts import CloudName, ComputeFacts, ProviderFacts, ServerFacts
from ephyrad.migration.outcomes import Done, Refused
from tests.unit.clouds.canned import Canned, Reply, Request
from tests.unit.clouds.samples import RELEASES, sample

NOTHING = "00000000-0000-0000-0000-000000000000"
SERVERS = "/compute/v2.1/servers/detail"
ONE = "9626edb4-6f23-443f-8cbb-403ce371f684"
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


def shown(**changes: object) -> dict[str, object]:
    """Return what Nova shows of a server; both releases give these fields and more."""
    return {
        "id": ONE,
        "status": "ACTIVE",
        "tenant_id": "p",
        "locked": False,
        "OS-EXT-STS:vm_state": "active",
        "OS-EXT-STS:task_state": None,
        ON: "n",
        **changes,
    }


def test_nova_tells_of_a_server(server: Canned) -> None:
    server.answer("GET", f"/compute/v2.1/servers/{ONE}", Reply(200, {"server": shown()}))

    facts = server.cloud().server(ONE)

    assert facts == ServerFacts(ONE, "n", "active", None, locked=False, project="p")


@pytest.mark.parametrize(
    ("changes", "going"),
    [
        ({}, False),
        ({"OS-EXT-STS:task_state": "rebooting"}, False),
        ({"OS-EXT-STS:vm_state": "error"}, False),
        ({"OS-EXT-STS:task_state": "deleting"}, True),
        ({"OS-EXT-STS:task_state": "soft-deleting"}, True),
        ({"OS-EXT-STS:vm_state": "soft-delete"}, True),
        ({"OS-EXT-STS:vm_state": "deleted"}, True),
    ],
)
def test_a_server_that_nova_deletes_already(
    server: Canned, changes: dict[str, object], *, going: bool
) -> None:
    server.answer("GET", f"/compute/v2.1/servers/{ONE}", Reply(200, {"server": shown(**changes)}))

    facts = server.cloud().server(ONE)

    assert facts is not None
    assert facts.is_going is going


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, {}),
        Reply(200, {"server": None}),
        Reply(200, {"server": shown(id="another")}),
        Reply(200, {"server": shown(locked=None)}),
        Reply(200, {"server": {"id": ONE, "status": "UNKNOWN"}}),
        Reply(404),
        Reply(404, {"itemNotFound": {"message": "Instance another could not be found."}}),
        Reply(403),
        Reply(500),
    ],
)
def test_a_server_that_cannot_be_read_is_never_taken_for_gone(server: Canned, reply: Reply) -> None:
    server.answer("GET", f"/compute/v2.1/servers/{ONE}", reply)

    with pytest.raises(CloudReadError, match=f"Nova of the new cloud: GET /servers/{ONE}"):
        server.cloud().server(ONE)


def test_a_server_is_deleted_once(server: Canned) -> None:
    gone = recorded("nova", "no such server")
    server.answer("DELETE", f"/compute/v2.1/servers/{NOTHING}", Reply(204), gone)
    cloud = server.cloud()

    assert [cloud.delete_server(NOTHING), cloud.delete_server(NOTHING)] == [Done(), Done()]
    assert len(server.asked("DELETE", f"/compute/v2.1/servers/{NOTHING}")) == 2


def test_a_server_that_is_not_to_be_deleted_is_refused_in_novas_words(server: Canned) -> None:
    words = "Cannot 'delete' instance while it is in task_state resize_migrating"
    refusal = Reply(409, {"conflictingRequest": {"code": 409, "message": words}})
    server.answer("DELETE", f"/compute/v2.1/servers/{ONE}", refusal)

    assert server.cloud().delete_server(ONE) == Refused(409, words)


def test_a_cloud_without_nova_has_no_servers(server: Canned) -> None:
    cloud = server.cloud(compute=False)

    assert cloud.server(ONE) is None
    assert cloud.delete_server(ONE) == Refused(0, "no Nova of the new cloud is configured")


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

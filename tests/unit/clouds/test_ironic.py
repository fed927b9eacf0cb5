# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest

from ephyrad.clouds.port import CloudReadError
from ephyrad.migration.effects import PartKind
from ephyrad.migration.outcomes import Done, Underway, Unreachable
from tests.unit.clouds.canned import Canned, Reply
from tests.unit.clouds.samples import RELEASES, sample

UUID = "45c7e253-f7ef-5e78-8c17-67a538c17247"
LISTS = {
    "ports": "/ports",
    "portgroups": "/portgroups",
    "connectors": "/volume/connectors",
    "targets": "/volume/targets",
}


NODE = sample("old-records")["node"]


def absent(ident: str) -> Reply:
    words = f'{{"faultstring": "Node {ident} could not be found."}}'
    return Reply(404, {"error_message": words})


def keep_records(server: Canned, records: dict[str, Any]) -> str:
    """Have the server answer with a node's recorded records; return its UUID."""
    uuid = str(records["node"]["uuid"])
    server.ironic("GET", f"/nodes/{uuid}", Reply(200, records["node"]))
    for key, path in LISTS.items():
        server.ironic("GET", path, Reply(200, records[key]))
    return uuid


@pytest.mark.parametrize("release", RELEASES)
def test_a_nodes_records_are_read_whole(server: Canned, release: str) -> None:
    recorded = sample(f"{release}-records")
    uuid = keep_records(server, recorded)

    records = server.cloud().records(uuid)

    assert records is not None
    assert records.node == recorded["node"]
    assert records.facts == server.cloud().node(uuid)
    assert records.ports == tuple(recorded["ports"]["ports"])
    assert records.portgroups == tuple(recorded["portgroups"]["portgroups"])
    assert records.connectors == tuple(recorded["connectors"]["connectors"])
    assert records.targets == tuple(recorded["targets"]["targets"])
    assert records.traits == ("CUSTOM_SAMPLE", "HW_CPU_X86_VMX")
    assert all(len(parts) == 1 for parts in (records.ports, records.portgroups, records.targets))
    for path in LISTS.values():
        (request,) = server.asked("GET", f"/baremetal/v1{path}")
        assert request.query == {"node": uuid, "detail": "true"}


@pytest.mark.parametrize("gone", ["/nodes/{}", *LISTS.values()])
def test_a_node_that_goes_while_it_is_read_is_not_there(server: Canned, gone: str) -> None:
    uuid = keep_records(server, sample("old-records"))
    server.ironic("GET", gone.format(uuid), absent(uuid))

    assert server.cloud().records(uuid) is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/nodes/{}", NODE | {"traits": None}),
        ("/nodes/{}", NODE | {"traits": [1]}),
        ("/nodes/{}", NODE | {"provision_state": None}),
        ("/ports", {"portgroups": []}),
        ("/ports", {"ports": ["x"]}),
        ("/volume/targets", {"targets": None}),
    ],
)
def test_records_that_cannot_be_read_are_never_taken_for_none(
    server: Canned, path: str, body: dict[str, Any]
) -> None:
    uuid = keep_records(server, sample("old-records"))
    server.ironic("GET", path.format(uuid), Reply(200, body))

    with pytest.raises(CloudReadError, match="Ironic of the new cloud"):
        server.cloud().records(uuid)


def test_parts_are_read_page_by_page(server: Canned) -> None:
    uuid = keep_records(server, sample("old-records"))
    link = {"next": "http://other.example/v1/ports?marker=p1"}
    first, second = [{"ports": [{"uuid": name}]} for name in ("p1", "p2")]
    server.ironic("GET", "/ports", Reply(200, first | link), Reply(200, second))

    records = server.cloud().records(uuid)

    assert records is not None
    assert [port["uuid"] for port in records.ports] == ["p1", "p2"]


@pytest.mark.parametrize("ident", ["", ".", "..", "a/b", "../ports", "detail", "a b", "a?b", "ä"])
def test_what_cannot_name_a_node_is_not_asked_for(server: Canned, ident: str) -> None:
    assert server.cloud().node(ident) is None
    assert server.requests == []


def test_a_node_of_another_name_is_not_the_one(server: Canned) -> None:
    raw = sample("old-records")["node"]
    server.ironic("GET", "/nodes/sample-1.json", Reply(200, raw))
    server.ironic("GET", "/nodes/sample-1", Reply(200, raw))
    cloud = server.cloud()

    assert cloud.node("sample-1.json") is None
    found = cloud.node("sample-1")
    assert found is not None
    assert found.uuid == raw["uuid"]


def test_an_absent_node_is_none(server: Canned) -> None:
    server.ironic("GET", f"/nodes/{UUID}", absent(UUID))
    cloud = server.cloud()

    assert cloud.node(UUID) is None
    assert cloud.records(UUID) is None


@pytest.mark.parametrize("reply", [Reply(404), absent("another"), Reply(404, {"message": "Hm."})])
def test_a_404_that_does_not_name_the_node_proves_nothing(server: Canned, reply: Reply) -> None:
    server.ironic("GET", f"/nodes/{UUID}", reply)

    with pytest.raises(CloudReadError, match="HTTP 404"):
        server.cloud().node(UUID)


def test_faults_are_sorted_by_time(server: Canned) -> None:
    (entry,) = sample("new-history")["history"]
    late = entry | {"created_at": "2026-11-21T12:00:00+00:00", "event": "late"}
    later = entry | {"created_at": "2026-11-21T13:00:00+00:00", "event": "no error"}
    history = {"history": [later | {"severity": "INFO"}, late, entry]}
    server.ironic("GET", f"/nodes/{UUID}/history", Reply(200, history))

    faults = server.cloud().faults(UUID)

    assert faults is not None
    assert [fault.text for fault in faults] == [entry["event"], "late"]


def test_an_ironic_without_history_gives_no_faults(server: Canned) -> None:
    server.versions("1.1", "1.77")
    cloud = server.cloud()

    assert cloud.faults(UUID) is None
    assert server.asked("GET", f"/baremetal/v1/nodes/{UUID}/history") == []


def test_an_ironic_without_child_nodes_is_not_asked_for_them(server: Canned) -> None:
    server.versions("1.1", "1.82")
    server.ironic("GET", "/nodes", Reply(200, {"nodes": []}))

    assert server.cloud().nodes() == []

    (request,) = server.asked("GET", "/baremetal/v1/nodes")
    assert set(request.query) == {"fields", "limit"}


def test_a_patch_sets_and_unsets(server: Canned) -> None:
    server.ironic("PATCH", f"/nodes/{UUID}", Reply(200, {}))
    values = {
        "retired": True,
        "description": None,
        "automated_clean": None,
        "conductor_group": None,
    }

    outcome = server.cloud().patch_node(UUID, values)

    assert outcome == Done()
    (request,) = server.asked("PATCH", f"/baremetal/v1/nodes/{UUID}")
    assert request.json == [
        {"op": "add", "path": "/retired", "value": True},
        {"op": "remove", "path": "/description"},
        {"op": "add", "path": "/automated_clean", "value": None},
        {"op": "add", "path": "/conductor_group", "value": ""},
    ]


def test_effects_are_sent_as_the_api_reference_says(server: Canned) -> None:
    for method, path, status in (
        ("PUT", f"/nodes/{UUID}/states/provision", 202),
        ("PUT", f"/nodes/{UUID}/states/power", 202),
        ("PUT", f"/nodes/{UUID}/maintenance", 202),
        ("DELETE", f"/nodes/{UUID}/maintenance", 202),
        ("PUT", f"/nodes/{UUID}/traits", 204),
        ("DELETE", f"/nodes/{UUID}", 204),
    ):
        server.ironic(method, path, Reply(status))
    for path in ("/nodes", *LISTS.values()):
        server.ironic("POST", path, Reply(201, {}))
    cloud = server.cloud()

    outcomes = [
        cloud.provision(UUID, "provide"),
        cloud.power_off(UUID),
        cloud.set_maintenance(UUID, "why"),
        cloud.clear_maintenance(UUID),
        cloud.set_traits(UUID, ["CUSTOM_A"]),
        cloud.delete_node(UUID),
        cloud.create_node({"uuid": UUID}),
        *(cloud.create_part(kind, {"uuid": kind.name}) for kind in PartKind),
    ]

    assert outcomes == [Underway(), Underway()] + [Done()] * 9
    changes = [one for one in server.requests if one.method != "GET" and "token" not in one.path]
    sent = {(one.method, one.path.removeprefix("/baremetal/v1")): one.body for one in changes}
    assert sent == {
        ("PUT", f"/nodes/{UUID}/states/provision"): b'{"target": "provide"}',
        ("PUT", f"/nodes/{UUID}/states/power"): b'{"target": "power off"}',
        ("PUT", f"/nodes/{UUID}/maintenance"): b'{"reason": "why"}',
        ("DELETE", f"/nodes/{UUID}/maintenance"): b"",
        ("PUT", f"/nodes/{UUID}/traits"): b'{"traits": ["CUSTOM_A"]}',
        ("DELETE", f"/nodes/{UUID}"): b"",
        ("POST", "/nodes"): f'{{"uuid": "{UUID}"}}'.encode(),
        ("POST", "/portgroups"): b'{"uuid": "PORTGROUP"}',
        ("POST", "/ports"): b'{"uuid": "PORT"}',
        ("POST", "/volume/connectors"): b'{"uuid": "CONNECTOR"}',
        ("POST", "/volume/targets"): b'{"uuid": "TARGET"}',
    }


def test_a_deletion_of_what_is_gone_is_done_but_no_other_change_is(server: Canned) -> None:
    server.ironic("DELETE", f"/nodes/{UUID}", absent(UUID))
    server.ironic("DELETE", f"/nodes/{UUID}/maintenance", absent(UUID))
    cloud = server.cloud()

    assert cloud.delete_node(UUID) == Done()
    assert type(cloud.clear_maintenance(UUID)).__name__ == "Refused"


def test_a_locked_node_is_for_later(server: Canned) -> None:
    (locked, _) = [one for one in sample("errors") if one["what"] == "locked"]
    server.ironic("DELETE", f"/nodes/{UUID}/maintenance", Reply(409, locked["body"].encode()))

    outcome = server.cloud().clear_maintenance(UUID)

    assert type(outcome) is Unreachable
    assert "is locked by host" in outcome.message

# SPDX-License-Identifier: Apache-2.0
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import ephyrad
from ephyrad.clouds.port import CloudReadError
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Done, Unknown, Unreachable
from tests.unit.clouds.canned import Canned, Reply, Request, closed_port
from tests.unit.clouds.samples import sample

UUID = "45c7e253-f7ef-5e78-8c17-67a538c17247"
HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"

# What comes over the wire instead of an answer.
BROKEN = {
    "nothing": b"",
    "no HTTP": b"220 mail.example ESMTP\r\n",
    "half a header": HEAD,
    "half a body": HEAD + b'Content-Length: 100\r\n\r\n{"uuid": ',
    "half a chunk": HEAD + b'Transfer-Encoding: chunked\r\n\r\n50\r\n{"uuid":',
    "no chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
}


def listed(*uuids: str, marker: str | None = None, host: str = "http://other.example") -> Reply:
    (template, *_) = sample("old-nodes")["nodes"]
    nodes = [template | {"uuid": uuid} for uuid in uuids]
    following = {"next": f"{host}/v1/nodes?limit=2&marker={marker}"} if marker else {}
    return Reply(200, {"nodes": nodes} | following)


@pytest.mark.parametrize("wire", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_to_a_change_is_unknown(server: Canned, wire: bytes) -> None:
    server.ironic("POST", "/nodes", Reply(wire=wire))

    outcome = server.cloud().create_node({"uuid": UUID})

    assert type(outcome) is Unknown


@pytest.mark.parametrize("wire", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_to_a_read_is_an_error(server: Canned, wire: bytes) -> None:
    server.ironic("GET", f"/nodes/{UUID}", Reply(wire=wire))

    with pytest.raises(CloudReadError, match=f"Ironic of the new cloud: GET /nodes/{UUID}: "):
        server.cloud().node(UUID)


def test_silence_after_a_change_is_unknown(server: Canned) -> None:
    server.ironic("DELETE", f"/nodes/{UUID}", Reply(204, hang=True))

    outcome = server.cloud(read_timeout=2.0).delete_node(UUID)

    assert type(outcome) is Unknown
    assert "timed out" in outcome.message


def test_silence_after_a_read_is_an_error(server: Canned) -> None:
    server.ironic("GET", "/nodes", Reply(200, hang=True))

    with pytest.raises(CloudReadError, match="timed out"):
        server.cloud(read_timeout=2.0).nodes()


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b'{"nodes": {}}', b'{"nodes": [1]}', b"\xff", b"{}"]
)
def test_a_list_that_is_none_is_an_error(server: Canned, body: bytes) -> None:
    server.ironic("GET", "/nodes", Reply(200, body))

    with pytest.raises(CloudReadError, match="Ironic of the new cloud"):
        server.cloud().nodes()


@pytest.mark.parametrize("status", [204, 300, 302, 400, 401, 403, 404, 409, 500, 503])
def test_a_read_with_another_status_is_an_error(server: Canned, status: int) -> None:
    server.ironic("GET", f"/nodes/{UUID}", Reply(status, {"uuid": UUID}))

    with pytest.raises(CloudReadError, match=f"HTTP {status}"):
        server.cloud().node(UUID)


def test_nobody_listening_leaves_everything_as_it_was(server: Canned) -> None:
    with closed_port() as nobody:
        server.endpoints["baremetal"] = nobody
        cloud = server.cloud()

        outcome = cloud.provision(UUID, "manage")

        assert type(outcome) is Unreachable
        with pytest.raises(CloudReadError):
            cloud.nodes()


def test_a_service_that_went_away_leaves_everything_as_it_was(server: Canned) -> None:
    server.ironic("GET", "/nodes", listed())
    cloud = server.cloud()
    cloud.nodes()
    server.stop()

    outcome = cloud.delete_node(UUID)

    assert type(outcome) is Unreachable
    assert "Connection refused" in outcome.message
    with pytest.raises(CloudReadError, match="Connection refused"):
        cloud.nodes()


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_without_a_token_nothing_is_changed(server: Canned, status: int) -> None:
    server.token_reply = Reply(status, {"error": {"code": status, "message": "No token."}})
    cloud = server.cloud()

    outcome = cloud.provision(UUID, "manage")

    assert type(outcome) is Unreachable
    assert server.asked("PUT", f"/baremetal/v1/nodes/{UUID}/states/provision") == []


def test_an_expired_token_is_renewed_once(server: Canned) -> None:
    path = f"/nodes/{UUID}/states/provision"
    server.ironic("PUT", path, Reply(401), Reply(202))
    server.ironic("GET", "/nodes", Reply(401))
    cloud = server.cloud()

    outcome = cloud.provision(UUID, "manage")

    assert type(outcome).__name__ == "Underway"
    used = [one.headers["X_AUTH_TOKEN"] for one in server.asked("PUT", f"/baremetal/v1{path}")]
    assert used == ["token-1", "token-2"]
    with pytest.raises(CloudReadError, match="HTTP 401"):
        cloud.nodes()
    assert len(server.asked("GET", "/baremetal/v1/nodes")) == 2


def test_a_token_that_cannot_be_renewed_changes_nothing(server: Canned) -> None:
    def refuse(request: Request) -> Reply:
        server.token_reply = Reply(401, {"error": {"code": 401, "message": "Disabled."}})
        return Reply(401)

    server.ironic("DELETE", f"/nodes/{UUID}", refuse)

    outcome = server.cloud().delete_node(UUID)

    assert outcome == Unreachable("Disabled. (HTTP 401)")


def test_nothing_is_repeated_that_was_answered(server: Canned) -> None:
    server.ironic("POST", "/nodes", Reply(409), Reply(201, {}))
    server.ironic("GET", "/nodes", Reply(503), listed())
    cloud = server.cloud()

    cloud.create_node({"uuid": UUID})
    with pytest.raises(CloudReadError):
        cloud.nodes()

    assert len(server.asked("POST", "/baremetal/v1/nodes")) == 1
    assert len(server.asked("GET", "/baremetal/v1/nodes")) == 1


def test_a_list_is_read_page_by_page_at_the_same_place(server: Canned) -> None:
    server.ironic("GET", "/nodes", listed("a", "b", marker="b"), listed("b", "c"))

    nodes = server.cloud(page_size=2).nodes()

    assert [node.uuid for node in nodes] == ["a", "b", "c"]
    first, second = [one.query for one in server.asked("GET", "/baremetal/v1/nodes")]
    assert first["limit"] == "2"
    assert first["include_children"] == "true"
    assert "driver_info" not in first["fields"]
    assert second == first | {"marker": "b"}


def test_pages_in_a_circle_are_an_error(server: Canned) -> None:
    server.ironic("GET", "/nodes", listed("a", marker="a"))

    with pytest.raises(CloudReadError, match="no way on to 'http://other"):
        server.cloud().nodes()


@pytest.mark.parametrize("link", ["", "http://[", "http://other.example/v1/nodes", 1, {}])
def test_a_list_that_goes_on_nobody_knows_where_is_an_error(server: Canned, link: object) -> None:
    server.ironic("GET", "/nodes", Reply(200, {"nodes": [], "next": link}))

    with pytest.raises(CloudReadError, match="no way on to"):
        server.cloud().nodes()


def test_a_list_whose_next_page_fails_is_an_error(server: Canned) -> None:
    server.ironic("GET", "/nodes", listed("a", marker="a"), Reply(404, b"{}"))

    with pytest.raises(CloudReadError, match="HTTP 404"):
        server.cloud().nodes()


def test_ephyrad_names_itself_and_pins_its_version(server: Canned) -> None:
    server.ironic("GET", "/nodes", listed())

    server.cloud().nodes()

    (request,) = server.asked("GET", "/baremetal/v1/nodes")
    assert request.headers["USER_AGENT"] == f"ephyrad/{ephyrad.__version__}"
    assert request.headers["X_OPENSTACK_IRONIC_API_VERSION"] == "1.115"
    assert request.headers["ACCEPT"] == "application/json"


def test_many_threads_share_one_cloud_and_one_token(server: Canned) -> None:
    server.ironic("PATCH", f"/nodes/{UUID}", Reply(200, {}))
    cloud = server.cloud(name=CloudName.OLD)

    with ThreadPoolExecutor(8) as pool:
        patches: list[dict[str, Any]] = [{"description": str(count)} for count in range(40)]
        outcomes = list(pool.map(lambda patch: cloud.patch_node(UUID, patch), patches))

    assert outcomes == [Done()] * 40
    assert server.tokens == 1
    sent = {one.json[0]["value"] for one in server.asked("PATCH", f"/baremetal/v1/nodes/{UUID}")}
    assert sent == {str(count) for count in range(40)}


def test_no_secret_is_logged(server: Canned, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    words = {"error_message": "{\"faultstring\": \"bad: {'redfish_password': 'tell-no-one'}\"}"}
    server.ironic("POST", "/nodes", Reply(400, words))
    server.ironic("GET", f"/nodes/{UUID}", Reply(200, {"uuid": UUID, "x": "tell-no-one"}))
    cloud = server.cloud()

    outcome = cloud.create_node({"driver_info": {"redfish_password": "tell-no-one"}})
    with pytest.raises(CloudReadError):
        cloud.node(UUID)

    assert caplog.text
    assert "tell-no-one" not in caplog.text
    assert "tell-no-one" not in str(outcome)

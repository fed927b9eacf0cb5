# SPDX-License-Identifier: Apache-2.0
"""Over TCP: TLS always, nobody without a user, and nobody who can keep the others out."""

import socket
import ssl
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bcrypt
import pytest

from ephyrad.api.server import ApiServer
from ephyrad.api.settings import ApiSettings, HttpBasicSettings, TcpSettings
from ephyrad.api.tcp import PortTakenError
from tests.fakes.operations import FakeOperations
from tests.harness.authority import issue
from tests.unit.api.asking import ask
from tests.unit.api.calling import call, login, trusting

ROLES = {"ann": "reader", "bob": "operator", "eve": "admin"}
ANN, BOB = login("ann", "ann's word"), login("bob", "bob's word")
MAX_BODY = 10_000


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("certificates")
    issue(directory)
    (directory / "key.pem").chmod(0o600)
    users = directory / "htpasswd"
    hashes = {
        name: bcrypt.hashpw(f"{name}'s word".encode(), bcrypt.gensalt(4)).decode()
        for name in (*ROLES, "nil")
    }
    users.write_text("".join(f"{name}:{hashed}\n" for name, hashed in hashes.items()))
    users.chmod(0o600)
    return directory


@pytest.fixture
def settings(certificates: Path) -> TcpSettings:
    return TcpSettings(
        host="127.0.0.1",
        port=0,
        cert_file=certificates / "certificate.pem",
        key_file=certificates / "key.pem",
        http_basic=HttpBasicSettings(certificates / "htpasswd", ROLES),
        threads=2,
        max_connections=8,
        request_seconds=0.5,
    )


@pytest.fixture
def operations() -> FakeOperations:
    found = FakeOperations(rack1="0a1b")
    found.migrate(["rack1"], by="ci")
    return found


@pytest.fixture
def server(
    tmp_path: Path, settings: TcpSettings, operations: FakeOperations
) -> Iterator[ApiServer]:
    server = ApiServer(ApiSettings(tmp_path / "sock", max_body=MAX_BODY, tcp=settings), operations)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def port(server: ApiServer) -> int:
    assert server.port
    return server.port


@pytest.fixture
def context(certificates: Path) -> ssl.SSLContext:
    return trusting(certificates)


def test_a_user_of_the_file_asks_by_name_and_password(port: int, context: ssl.SSLContext) -> None:
    for _ in range(2):
        answer = call(port, context, "GET /v1/nodes", headers=ANN)

        assert (answer.status, [node["name"] for node in answer.body["nodes"]]) == (200, ["rack1"])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        login("ann", "bob's word"),
        login("nobody", "ann's word"),
        login("ann", "x" * 100),
        {"Authorization": "Basic ????"},
        {"Authorization": "Basic " + "YW5u"},
        {"Authorization": "Bearer ann"},
        {"X-Remote-Uid": "0", "X-User-Name": "ann", "ephyrad.caller": "ann"},
    ],
)
def test_whoever_is_not_known_is_refused_alike(
    port: int, context: ssl.SSLContext, headers: dict[str, str]
) -> None:
    answer = call(port, context, "GET /v1/nodes", headers=headers)

    assert (answer.status, answer.body["error"]["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="ephyrad", charset="UTF-8"'
    assert "ann" not in answer.body["error"]["message"].replace("and", "")


def test_a_wrong_name_and_a_wrong_password_are_answered_the_same(
    port: int, context: ssl.SSLContext
) -> None:
    name = call(port, context, "GET /v1/nodes", headers=login("nobody", "x"))
    word = call(port, context, "GET /v1/nodes", headers=login("ann", "x"))

    assert (name.status, name.body) == (word.status, word.body)


def test_who_guesses_has_to_wait_and_nobody_else(
    server: ApiServer, port: int, context: ssl.SSLContext, tmp_path: Path
) -> None:
    wrong = [call(port, context, "GET /v1/nodes", headers=login("ann", "x")) for _ in range(5)]
    # On a slow machine the first pauses may be over before the next try.
    while wrong[-1].status == 401:
        wrong.append(call(port, context, "GET /v1/nodes", headers=login("ann", "x")))

    assert [each.status for each in wrong[:5]] == [401] * 5
    last, seconds = wrong[-1], wrong[-1].headers["Retry-After"]
    assert (last.status, last.body["error"]["code"]) == (429, "too-many-tries")
    assert last.body["error"]["message"] == (
        f"too many passwords were wrong: try again in {seconds} s"
    )
    assert call(port, context, "GET /v1/nodes", headers=BOB).status == 200
    assert ask(tmp_path / "sock", "GET", "/v1/nodes").status == 200


def test_a_role_may_what_it_is_for(
    port: int, context: ssl.SSLContext, operations: FakeOperations
) -> None:
    refused = call(port, context, "POST /v1/nodes/rack1/hold", {"reason": "fan"}, ANN)

    assert refused.status == 403
    assert refused.body["error"]["message"].startswith(
        "ann@http_basic may not do this: ephyrad:node:hold takes the role operator;"
    )
    assert not operations.node("rack1").held
    done = call(port, context, "POST /v1/nodes/rack1/hold", {"reason": "fan"}, BOB)
    assert (done.status, done.body["held"]) == (200, True)
    none = call(port, context, "GET /v1/nodes", headers=login("nil", "nil's word"))
    assert none.status == 403


def test_what_is_asked_is_journaled_with_the_users_name(
    port: int, context: ssl.SSLContext, operations: FakeOperations
) -> None:
    operations.old_cloud["rack2"] = "0c2d"

    call(port, context, "POST /v1/migrations", {"nodes": ["rack2"]}, BOB)

    assert operations.node("rack2").asked_by == "bob@http_basic"


def test_health_is_open_and_says_no_more_than_that(port: int, context: ssl.SSLContext) -> None:
    for request in ("GET /healthcheck/live", "GET /healthcheck/ready"):
        answer = call(port, context, request)
        assert (answer.status, answer.body) == (200, {"live": True, "ready": True, "because": []})
    assert call(port, context, "GET /healthcheck").status == 401
    assert call(port, context, "GET /metrics").status == 401
    assert call(port, context, "GET /metrics", headers=ANN).status == 200


def test_a_message_of_ci_needs_no_user_but_its_own_proof(
    port: int, context: ssl.SSLContext
) -> None:
    answer = call(port, context, "POST /v1/reclaim", {}, {"Authorization": "Bearer wrong"})

    assert "www-authenticate" not in {name.lower() for name in answer.headers}
    assert call(port, context, "GET /v1/reclaim").status == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://127.0.0.1:{port}", "Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
def test_a_page_of_another_site_cannot_use_a_browsers_password(
    port: int, context: ssl.SSLContext, headers: dict[str, str], status: int
) -> None:
    sent = {name: value.format(port=port) for name, value in headers.items()}

    answer = call(port, context, "POST /v1/nodes/rack1/hold", {"reason": "x"}, BOB | sent)

    assert answer.status == status


def test_plain_http_is_told_so_and_tls_1_1_is_refused(port: int, context: ssl.SSLContext) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.sendall(b"GET /v1/nodes HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"ephyrad speaks HTTPS here" in line.recv(1000)

    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", port), 10) as line, pytest.raises(ssl.SSLError):
        old.wrap_socket(line)


def test_who_says_nothing_keeps_nobody_out(port: int, context: ssl.SSLContext) -> None:
    idle = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(6)]

    assert call(port, context, "GET /v1/nodes", headers=ANN).status == 200

    for line in idle:
        line.close()


def test_who_is_slow_is_cut_off(port: int, context: ssl.SSLContext) -> None:
    """More of them than threads: they would be all that is served, for ever."""
    lines = [
        context.wrap_socket(
            socket.create_connection(("127.0.0.1", port), 10), server_hostname="127.0.0.1"
        )
        for _ in range(1)
    ]
    for line in lines:
        line.sendall(b"GET /v1/nodes HTTP/1.1\r\n")

    assert [b" 408 " in line.recv(1000) for line in lines] == [True]
    assert call(port, context, "GET /v1/nodes", headers=ANN).status == 200
    for line in lines:
        line.close()


def test_no_more_connections_are_taken_on_than_are_allowed(
    port: int, context: ssl.SSLContext
) -> None:
    idle = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(9)]

    assert idle[-1].recv(10) == b""

    for line in idle:
        line.close()


def test_a_body_that_is_too_big_is_not_read(port: int, context: ssl.SSLContext) -> None:
    bit_too_big = {"nodes": ["x" * (MAX_BODY + 1)]}

    assert call(port, context, "POST /v1/migrations", bit_too_big, BOB).status == 413
    with context.wrap_socket(
        socket.create_connection(("127.0.0.1", port), 10), server_hostname="127.0.0.1"
    ) as line:
        line.sendall(b"POST /v1/reclaim HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        assert b" 413 " in line.recv(1000)


def test_a_body_in_chunks_and_a_long_header_are_refused(port: int, context: ssl.SSLContext) -> None:
    chunked = call(
        port, context, "POST /v1/reclaim", headers=ANN | {"Transfer-Encoding": "chunked"}
    )
    long = call(port, context, "GET /v1/nodes", headers=ANN | {"X-Long": "x" * 20_000})

    assert (chunked.status, chunked.headers["Connection"]) == (411, "close")
    assert long.status == 413


def test_the_socket_goes_on_without_a_password(server: ApiServer, tmp_path: Path) -> None:
    assert server.port
    assert ask(tmp_path / "sock", "GET", "/v1/nodes").status == 200


def test_a_port_that_is_taken_is_named_and_nothing_is_left_behind(
    port: int, tmp_path: Path, settings: TcpSettings
) -> None:
    second = ApiServer(
        ApiSettings(tmp_path / "second", tcp=replace(settings, port=port)), FakeOperations()
    )

    with pytest.raises(PortTakenError) as caught:
        second.start()

    assert str(caught.value) == (
        f"[api] bind_host = 127.0.0.1, bind_port = {port}: it cannot be served (Address already in"
        " use); stop what is there, or name another one"
    )
    assert not (tmp_path / "second").exists()


def test_a_new_certificate_and_new_roles_are_served_after_a_reload(
    server: ApiServer, tmp_path: Path, settings: TcpSettings, context: ssl.SSLContext
) -> None:
    issue(tmp_path)
    (tmp_path / "key.pem").chmod(0o600)
    assert server.port
    assert settings.http_basic
    fresh = replace(
        settings,
        cert_file=tmp_path / "certificate.pem",
        key_file=tmp_path / "key.pem",
        http_basic=replace(settings.http_basic, roles={"nil": "reader"}),
    )

    server.renew(ApiSettings(tmp_path / "sock", tcp=fresh))

    with pytest.raises(ssl.SSLCertVerificationError):
        call(server.port, context, "GET /v1/nodes", headers=ANN)
    new = trusting(tmp_path)
    assert call(server.port, new, "GET /v1/nodes", headers=ANN).status == 403
    nil = login("nil", "nil's word")
    assert call(server.port, new, "GET /v1/nodes", headers=nil).status == 200


def test_a_file_of_users_that_is_gone_lets_nobody_in(
    port: int, context: ssl.SSLContext, certificates: Path
) -> None:
    users = certificates / "htpasswd"
    assert call(port, context, "GET /v1/nodes", headers=ANN).status == 200
    users.rename(certificates / "away")
    try:
        answer = call(port, context, "GET /v1/nodes", headers=ANN)
        assert (answer.status, answer.body["error"]["code"]) == (503, "unavailable")
    finally:
        (certificates / "away").rename(users)

# SPDX-License-Identifier: Apache-2.0
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from keystoneauth1.exceptions import ConnectFailure
from keystoneauth1.session import Session
from keystoneauth1.token_endpoint import Token
from openstack.proxy import Proxy
from urllib3 import HTTPConnectionPool
from urllib3 import exceptions as wire

from ephyrad.clouds.endpoint import Endpoint
from ephyrad.clouds.errors import Answer
from ephyrad.clouds.line import Lines
from tests.unit.clouds.canned import Canned

REQUEST = b"GET /x HTTP/1.1\r\nHost: there\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = OK + b"Content-Length: 2\r\n\r\n{}"


class Service:
    """Says what it was told to: for each connection, what it answers to one request after another.

    After the last it hangs up.
    """

    def __init__(self, *connections: tuple[bytes, ...]) -> None:
        self.asked: list[bytes] = []
        self.silent = threading.Event()
        self._connections = connections
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.pool = HTTPConnectionPool("127.0.0.1", self._socket.getsockname()[1])

    def stop(self) -> None:
        self.silent.set()
        with suppress(OSError):
            # Nobody may have come.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._socket.close()

    def _run(self) -> None:
        for answers in self._connections:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line:
                for answer in answers:
                    self.asked.append(line.recv(1000))
                    line.sendall(answer)
                    if not answer:
                        self.silent.wait(10)


@pytest.fixture
def made() -> Iterator[list[Service]]:
    services: list[Service] = []
    yield services
    for service in services:
        service.stop()


def lines(made: list[Service], *connections: tuple[bytes, ...], read: float = 5.0) -> Lines:
    made.append(Service(*connections))
    return Lines(made[-1].pool, 5.0, read)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (WHOLE, Answer(200, b"{}", "OK")),
        (b"HTTP/1.1 204 No Content\r\n\r\n", Answer(204, b"", "No Content")),
        (b"HTTP/1.1 204\r\nContent-Length: 9\r\n\r\n", Answer(204, b"", "")),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE, Answer(200, b"{}", "OK")),
        (OK + b"CONTENT-LENGTH:2 \r\n\r\n{}", Answer(200, b"{}", "OK")),
        (OK + b"Content-Length: 0\r\n\r\n", Answer(200, b"", "OK")),
        (
            OK + b'Transfer-Encoding: Chunked\r\n\r\n1;a=b\r\n{\r\nA\r\n"a": "b"}x\r\n0\r\n\r\n',
            Answer(200, b'{"a": "b"}x', "OK"),
        ),
        (
            OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nMore: x\r\n\r\n",
            Answer(200, b"{}", "OK"),
        ),
        (OK + b"Content-Length: 70000\r\n\r\n" + b"x" * 70000, Answer(200, b"x" * 70000, "OK")),
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://x/y\r\nContent-Length: 0\r\n\r\n",
            Answer(302, b"", "Found", "http://x/y"),
        ),
    ],
)
def test_an_answer_is_read_and_the_connection_used_again(
    made: list[Service], said: bytes, answer: Answer
) -> None:
    service = lines(made, (said, said))

    assert [service.ask(REQUEST), service.ask(REQUEST)] == [answer, answer]
    assert made[0].asked == [REQUEST, REQUEST]


@pytest.mark.parametrize(
    "said",
    [
        OK + b"\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        OK + b"Connection: Close\r\nContent-Length: 2\r\n\r\n{}",
        WHOLE + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    ],
    ids=["its end is the connection's", "HTTP/1.0", "close", "more than was asked for"],
)
def test_the_next_request_has_a_new_connection(made: list[Service], said: bytes) -> None:
    service = lines(made, (said,), (said,))

    answers = [service.ask(REQUEST), service.ask(REQUEST)]

    assert answers == [Answer(200, b"{}", "OK")] * 2


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 x\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        OK[:9],
        OK + b"Content-Length: 3\r\n\r\n{}",
        OK + b"Content-Length: -2\r\n\r\n{}",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}x\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
        OK + b"X: " + b"x" * 100_000,
    ],
)
def test_what_is_no_answer_is_an_error(made: list[Service], said: bytes) -> None:
    service = lines(made, (said,), (WHOLE,))

    with pytest.raises(wire.ProtocolError):
        service.ask(REQUEST)

    assert service.ask(REQUEST) == Answer(200, b"{}", "OK")


def test_silence_is_an_error(made: list[Service]) -> None:
    service = lines(made, (b"",), (WHOLE,), read=0.1)

    with pytest.raises(wire.ReadTimeoutError):
        service.ask(REQUEST)

    made[0].silent.set()
    assert service.ask(REQUEST) == Answer(200, b"{}", "OK")


def test_a_connection_that_was_closed_meanwhile_is_not_used(made: list[Service]) -> None:
    service = lines(made, (WHOLE,), (WHOLE,))
    service.ask(REQUEST)
    # The first connection was closed before the second was made.
    Lines(made[0].pool, 5.0, 5.0).ask(REQUEST)
    made[0].stop()

    with pytest.raises(wire.NewConnectionError):
        service.ask(REQUEST)


def test_nobody_listening_is_told_from_a_broken_connection(made: list[Service]) -> None:
    service = lines(made)
    made.pop().stop()

    with pytest.raises(wire.NewConnectionError):
        service.ask(REQUEST)


def test_a_proxy_is_heeded(
    server: Canned, made: list[Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    made.append(Service((WHOLE,)))
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{made[0].pool.port}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    proxy = Proxy(server.session(), service_type="baremetal")
    proxy.endpoint_override = "http://elsewhere.example/v1"

    answer = Endpoint(proxy, (5.0, 5.0)).send("GET", "/nodes/x", {"a": "b c"}, None)

    assert answer == Answer(200, b"{}", "OK")
    (head,) = made[0].asked
    assert head.startswith(b"GET http://elsewhere.example/v1/nodes/x?a=b+c HTTP/1.1\r\n")
    assert b"\r\nHost: elsewhere.example\r\n" in head


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/nodes/x", b"/nodes/x"),
        ("/nodes/x y\r\nX: y", b"/nodes/x%20y%0D%0AX:%20y"),
        ("/nodes/\u00fc", b"/nodes/%C3%BC"),
    ],
)
def test_a_path_stays_one_line(server: Canned, made: list[Service], path: str, sent: bytes) -> None:
    made.append(Service((WHOLE,)))
    proxy = Proxy(server.session(), service_type="placement")
    proxy.endpoint_override = f"http://127.0.0.1:{made[0].pool.port}/"

    Endpoint(proxy, (5.0, 5.0)).send("DELETE", path, None, None)

    assert made[0].asked[0].splitlines()[0] == b"DELETE %b HTTP/1.1" % sent


def test_a_token_with_more_than_one_line_is_not_sent(made: list[Service]) -> None:
    made.append(Service((WHOLE,)))
    proxy = Proxy(Session(Token("http://127.0.0.1/", "a\r\nX: b")), service_type="placement")
    proxy.endpoint_override = f"http://127.0.0.1:{made[0].pool.port}"

    with pytest.raises(ConnectFailure, match="X-Auth-Token cannot be sent"):
        Endpoint(proxy, (5.0, 5.0)).send("GET", "/", None, None)

# SPDX-License-Identifier: Apache-2.0
"""Serves simulated clouds over HTTP on 127.0.0.1, in threads of its own."""

import logging
import os
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Self

from cheroot import wsgi

from ephyrad.migration.facts import CloudName
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.http.calls import Cut, Faults, Garbled, Instead, Silence
from ephyrad.testing.http.clouds import Services
from ephyrad.testing.http.versions import VERSIONS, ApiVersions
from ephyrad.testing.http.wire import BYTES, Reply, Request, query

LOG = logging.getLogger(__name__)

StartResponse = Callable[[str, list[tuple[str, str]]], Any]

_LONGEST_SILENCE = 120.0
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class SimulatedServer:
    """The services of each cloud, below http://127.0.0.1:PORT/NAME/.

    Whoever touches the clouds or their clock from outside holds `lock` meanwhile: the simulation
    knows nothing of threads. `before` may be set to what is to be called, with the lock held,
    before each call is carried out: to bring the clock up to date. So is whoever listens to a
    cloud's bus, who had better not wait for anything.
    """

    def __init__(
        self,
        clouds: Iterable[SimulatedCloud],
        *,
        versions: Mapping[CloudName, ApiVersions] | None = None,
        port: int = 0,
        threads: int = 16,
    ) -> None:
        """`versions` are those of the clouds' releases unless others are named for a cloud."""
        self.lock = threading.RLock()
        self.faults = Faults()
        self.before: Callable[[], None] = lambda: None
        self._server = _Server(port, self._answer, threads)
        _as_daemon(self._server.prepare)
        self.url = f"http://127.0.0.1:{self._server.bind_addr[1]}"
        self._services = {
            f"/{cloud.name}": Services(
                cloud,
                (versions or {}).get(cloud.name) or VERSIONS[cloud.settings.release.name],
                f"{self.url}/{cloud.name}",
            )
            for cloud in clouds
        }
        self._thread = threading.Thread(target=self._server.serve, name="http", daemon=True)

    def start(self) -> Self:
        """Answer requests from now on."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Answer nobody any more."""
        self._server.stop()
        if self._thread.is_alive():
            self._thread.join(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def auth_url(self, cloud: CloudName) -> str:
        """Return the URL of a cloud's Keystone."""
        return f"{self.url}/{cloud}/identity/v3"

    def revoke_tokens(self, cloud: CloudName) -> None:
        """Make every token of a cloud invalid."""
        self._services[f"/{cloud}"].tokens.revoke_all()

    def _answer(self, environ: dict[str, Any], start: StartResponse) -> list[bytes]:
        answer, cut = self._carried_out(_request(environ), environ["simulated.connection"].socket)
        line = f"{answer.status} {_REASONS.get(answer.status, 'Simulated')}"
        headers = {**answer.headers, "Content-Length": str(len(answer.body))}
        if cut is not None and cut.after is None:
            _reset(environ["simulated.connection"])
        elif cut is not None:
            sent = answer.body[: cut.after]
            if len(sent) == len(answer.body):
                headers["Content-Length"] = str(len(sent) + 100)
            _break_off(environ["simulated.connection"].socket, line, headers, sent)
        start(line, list(headers.items()))
        return [answer.body]

    def _carried_out(self, request: Request, line: socket.socket) -> tuple[Reply, Cut | None]:
        """Carry a request out, and whatever goes wrong with it."""
        name = request.path[: request.path.find("/", 1)]
        services = self._services.get(name)
        inner = replace(request, path=request.path.removeprefix(name), lock=self.lock)
        found = services.find(inner) if services is not None else None
        if found is None:
            return Reply(404, b"no such cloud or service", {"Content-Type": "text/plain"}), None
        call, handler, segments, mine = found
        fault = self.faults.meet(call)
        if isinstance(fault, Instead):
            return fault.reply, None
        if isinstance(fault, Silence) and not fault.done:
            return _nobody_listens(line), None
        with self.lock:
            self.before()
            answer = handler(mine, **segments) if mine.source is None else None
        if answer is None:
            # It takes long, and locks by itself.
            answer = handler(mine, **segments)
        if self.faults.answered is not None:
            self.faults.answered(call, answer.status)
        LOG.debug("%s %s: %d", request.method, request.path, answer.status)
        match fault:
            case Silence():
                return _nobody_listens(line), None
            case Garbled(body, headers):
                return Reply(answer.status if answer.body else 200, body, headers), None
            case Cut():
                return answer, fault
        return answer, None


class _Server(wsgi.Server):
    """cheroot with the application at the socket, to break the protocol on it."""

    def __init__(self, port: int, application: Any, threads: int) -> None:
        super().__init__(("127.0.0.1", port), application, numthreads=threads)
        self.gateway = _Gateway
        # Clients keep a connection for each of their threads.
        self.keep_alive_conn_limit = 1000
        # Seconds between two looks at whether to stop.
        self.expiration_interval = 0.05

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        LOG.log(level, "%s", msg.strip(), exc_info=traceback)


class _Gateway(wsgi.Gateway_10):
    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        environ["simulated.connection"] = self.req.conn
        return environ


def _as_daemon(start: Callable[[], None]) -> None:
    """Call it in a daemon thread, as are then those that it starts.

    So a program that forgot to stop its server ends all the same.
    """
    started: Future[None] = Future()

    def run() -> None:
        try:
            start()
        except OSError as error:
            started.set_exception(error)
        else:
            started.set_result(None)

    threading.Thread(target=run, daemon=True).start()
    started.result()


def _request(environ: dict[str, Any]) -> Request:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    is_large = environ.get("CONTENT_TYPE") == BYTES["Content-Type"]
    read = environ["wsgi.input"].read
    return Request(
        environ["REQUEST_METHOD"],
        environ["PATH_INFO"],
        query(environ["QUERY_STRING"]),
        environ,
        read(length) if length and not is_large else b"",
        "",
        source=read if is_large else None,
    )


def _nobody_listens(line: socket.socket) -> Reply:
    """Say nothing until the client hangs up; what is answered then is read by nobody."""
    hanging_up = select.poll()
    hanging_up.register(line, select.POLLIN)
    hanging_up.poll(_LONGEST_SILENCE * 1000)
    return Reply(504)


def _break_off(line: socket.socket, status: str, headers: Mapping[str, str], body: bytes) -> None:
    """Send a part of an answer, of which more was announced, and close the connection."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    line.sendall(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)
    line.shutdown(socket.SHUT_RDWR)


def _reset(connection: Any) -> None:
    """Reset the connection, and leave cheroot one that it can shut down."""
    line = connection.socket
    connection.socket = socket.socket()
    # To close it says RST then.
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(line.detach())

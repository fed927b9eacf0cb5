# SPDX-License-Identifier: Apache-2.0
"""A server on 127.0.0.1 that answers what it was told to, as Keystone and the other services."""

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self, cast
from urllib.parse import parse_qsl, urljoin

import cheroot.wsgi
from keystoneauth1.identity import v3
from keystoneauth1.session import Session

from ephyrad.clouds.connect import connect
from ephyrad.clouds.environment.gateway import OpenStackEnvironment
from ephyrad.clouds.gateway import OpenStackCloud
from ephyrad.clouds.settings import CloudSettings
from ephyrad.migration.facts import CloudName

ENDPOINTS = {
    "baremetal": "/baremetal",
    "compute": "/compute/v2.1",
    "placement": "/placement",
    "image": "/image",
}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer; `wire` replaces all of it by these bytes, after which the line is cut."""

    status: int = 200
    body: object = b""
    headers: dict[str, str] = field(default_factory=dict)
    wire: bytes | None = None
    hang: bool = False

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Answerer = Callable[[Request], Reply]


class Canned:
    """Answers, and remembers what it was asked.

    Keystone, the catalogue and the version documents are there from the start. What is told last
    for a method and path is answered, in the order told; the last answer is given for ever.
    """

    def __init__(self, *, services: Iterable[str] = ENDPOINTS) -> None:
        self.requests: list[Request] = []
        self.scope: dict[str, Any] = {"system": {"all": True}}
        self.tokens = 0
        self.token_reply: Reply | None = None
        self.endpoints = {kind: path for kind, path in ENDPOINTS.items() if kind in services}
        self._replies: dict[tuple[str, str], list[Reply | Answerer]] = {}
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._server = cheroot.wsgi.Server(("127.0.0.1", 0), self._application, numthreads=8)
        self._server.expiration_interval = 0.02  # so long stop() waits
        self._server.gateway = _Gateway
        self._server.prepare()
        self.url = f"http://127.0.0.1:{self._server.bind_addr[1]}"
        self._thread = threading.Thread(target=self._server.serve, daemon=True)
        self._thread.start()
        self.versions("1.1", "1.115")
        self.answer("GET", "/identity/v3", Reply(200, {"version": _keystone(self.url)}))
        self.answer("GET", "/compute/v2.1", Reply(200, {"version": _nova(self.url)}))
        self.answer("GET", "/placement", Reply(200, {"versions": [_placement(self.url)]}))
        self.answer("GET", "/image", Reply(300, {"versions": [_glance(self.url)]}))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._released.set()
        self._server.stop()
        self._thread.join(10)

    def answer(self, method: str, path: str, *replies: Reply | Answerer) -> None:
        with self._lock:
            self._replies[method, path.rstrip("/")] = list(replies)

    def ironic(self, method: str, path: str, *replies: Reply | Answerer) -> None:
        self.answer(method, f"/baremetal/v1{path}", *replies)

    def versions(self, low: str, high: str) -> None:
        """Have Ironic support these microversions."""
        link = {"rel": "self", "href": f"{self.url}/baremetal/v1/"}
        found = {"id": "v1", "status": "CURRENT", "min_version": low, "version": high}
        document = {"versions": [found | {"links": [link]}]}
        self.answer("GET", "/baremetal", Reply(200, document))
        self.answer("GET", "/baremetal/v1", Reply(200, found | {"links": [link]}))

    def asked(self, method: str, path: str) -> list[Request]:
        return [one for one in self.requests if (one.method, one.path) == (method, path)]

    def session(self) -> Session:
        return session_with(self.url)

    def cloud(
        self,
        name: CloudName = CloudName.NEW,
        clock: Callable[[], float] = lambda: 0.0,
        **settings: Any,
    ) -> OpenStackCloud:
        return OpenStackCloud(CloudSettings(name=name, session=self.session(), **settings), clock)

    def environment(self, **settings: Any) -> OpenStackEnvironment:
        given = CloudSettings(name=CloudName.NEW, session=self.session(), **settings)
        return OpenStackEnvironment(given, connect(given))

    def _application(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        request = Request(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            dict(parse_qsl(environ["QUERY_STRING"])),
            {key[5:]: value for key, value in environ.items() if key.startswith("HTTP_")},
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)),
        )
        reply = self._reply(request)
        if reply.hang:
            self._released.wait(30)
        if reply.wire is not None:
            line = cast(socket.socket, environ["canned.socket"])
            line.sendall(reply.wire)
            line.shutdown(socket.SHUT_RDWR)
        content = reply.content()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        start(f"{reply.status} Canned", list((headers | reply.headers).items()))
        return [content]

    def _reply(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            if request.path == "/identity/v3/auth/tokens":
                return self._token()
            replies = self._replies.get((request.method, request.path.rstrip("/")))
            if not replies:
                return Reply(404, b"<html>nothing is told for this</html>")
            found = replies.pop(0) if len(replies) > 1 else replies[0]
        return found(request) if callable(found) else found

    def _token(self) -> Reply:
        if self.token_reply is not None:
            return self.token_reply
        self.tokens += 1
        token = self.scope | {
            "methods": ["password"],
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-11-21T00:00:00.000000Z",
            "user": {"id": "u", "name": "operator", "domain": {"id": "default", "name": "Default"}},
            "roles": [{"id": "r", "name": "admin"}],
            "catalog": [
                {"type": kind, "name": kind, "id": kind, "endpoints": [self._endpoint(kind)]}
                for kind in self.endpoints
            ],
        }
        return Reply(201, {"token": token}, {"X-Subject-Token": f"token-{self.tokens}"})

    def _endpoint(self, kind: str) -> dict[str, str]:
        url = urljoin(self.url, self.endpoints[kind])
        return {"id": "e", "interface": "public", "region": "R", "region_id": "R", "url": url}


class _Gateway(cheroot.wsgi.Gateway_10):
    """Lets the application at the socket, to break the protocol on it."""

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        environ["canned.socket"] = self.req.conn.socket
        return environ


def session_with(url: str) -> Session:
    """Return a session with the Keystone of such a server, in another process perhaps."""
    auth = v3.Password(
        f"{url}/identity/v3",
        username="operator",
        password="hush",
        user_domain_id="default",
        system_scope="all",
    )
    return Session(auth=auth)


@contextmanager
def closed_port() -> Iterator[str]:
    """Give the URL of a port on which nobody listens, and nobody else will."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{line.getsockname()[1]}"


def _keystone(url: str) -> dict[str, Any]:
    link = {"rel": "self", "href": f"{url}/identity/v3/"}
    return {"id": "v3.14", "status": "stable", "links": [link]}


def _nova(url: str) -> dict[str, Any]:
    link = {"rel": "self", "href": f"{url}/compute/v2.1/"}
    version = {"min_version": "2.1", "version": "2.104", "links": [link]}
    return {"id": "v2.1", "status": "CURRENT"} | version


def _placement(url: str) -> dict[str, Any]:
    link = {"rel": "self", "href": ""}
    version = {"min_version": "1.0", "max_version": "1.39", "links": [link]}
    return {"id": "v1.0", "status": "CURRENT"} | version


def _glance(url: str) -> dict[str, Any]:
    link = {"rel": "self", "href": f"{url}/image/v2/"}
    return {"id": "v2.18", "status": "CURRENT", "links": [link]}

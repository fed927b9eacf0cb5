# SPDX-License-Identifier: Apache-2.0
"""The real gateway's services, whose requests go to a simulated cloud without HTTP."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from io import BytesIO
from typing import NoReturn, cast
from urllib.parse import parse_qsl, unquote

from urllib3 import BaseHTTPResponse, HTTPResponse

from ephyrad.clouds.connect import IRONIC, NOVA, PLACEMENT, Services, Versions
from ephyrad.clouds.endpoint import JSON, Endpoint
from ephyrad.clouds.errors import Answer
from ephyrad.clouds.port import NotInCatalogueError
from ephyrad.clouds.service import Service
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.http.clouds import Services as Simulated
from ephyrad.testing.http.keystone import ADMIN, PROJECT
from ephyrad.testing.http.versions import VERSIONS, Range, Version
from ephyrad.testing.http.wire import BYTES, Reply, Request

_ROOT = "http://simulated"


def services(cloud: SimulatedCloud) -> Services:
    """Return the services of a cloud, asked by an administrator with a token for each."""
    versions = VERSIONS[cloud.settings.release.name]
    simulated = Simulated(cloud, versions, _ROOT)
    label = f"of the {cloud.name} cloud"
    system = simulated.tokens.give(ADMIN[0], system=True, project=None).id
    project = simulated.tokens.give(ADMIN[0], system=False, project=PROJECT).id

    def service(
        name: str, kind: str, path: str, token: str, version: Version = (0, 0)
    ) -> DirectService:
        direct = DirectEndpoint(simulated, kind, path, token, version)
        return DirectService(f"{name} {label}", direct, there=kind in simulated.kinds)

    return Services(
        ironic=service(
            "Ironic", "baremetal", "/baremetal/v1", system, _agreed(IRONIC, versions.ironic)
        ),
        keystone=service("Keystone", "identity", "/identity/v3", system),
        glance=service("Glance", "image", "/image/v2", project),
        neutron=service("Neutron", "network", "/network/v2.0", project),
        nova=service("Nova", "compute", "/compute/v2.1", project, _agreed(NOVA, versions.nova)),
        placement=service(
            "placement", "placement", "/placement", project, _agreed(PLACEMENT, versions.placement)
        ),
        sessions=(),
    )


class DirectService(Service):
    """A service that need not be looked for."""

    def __init__(self, label: str, endpoint: "DirectEndpoint", *, there: bool) -> None:
        """`there`: whether the catalogue has it."""
        super().__init__(label, _never, connect_timeout=1.0, read_timeout=1.0)
        self._direct = endpoint
        self._there = there

    def opened(self) -> Endpoint:
        """Return the endpoint.

        :raises NotInCatalogueError: there is none.
        """
        if not self._there:
            raise NotInCatalogueError(f"{self.label} is not in the service catalogue")
        return cast("Endpoint", self._direct)


class DirectEndpoint:
    """What :class:`ephyrad.clouds.endpoint.Endpoint` is to a service over HTTP."""

    def __init__(
        self, simulated: Simulated, kind: str, path: str, token: str, version: Version
    ) -> None:
        self.version = version
        self._kind = kind
        self._simulated = simulated
        self._path = path
        asked = f"{version[0]}.{version[1]}"
        self._headers = {
            "HTTP_X_AUTH_TOKEN": token,
            "HTTP_OPENSTACK_API_VERSION": f"{kind} {asked}",
            "HTTP_X_OPENSTACK_IRONIC_API_VERSION": asked,
        }

    def begin(self, path: str, span: str | None = None) -> BaseHTTPResponse:
        """Return the answer to a GET as one whose body is still to be read."""
        more = {} if span is None else {"HTTP_RANGE": span}
        reply = self._answered(self._request("GET", path, {}, b"", more))
        headers = {**reply.headers, "Content-Length": str(len(reply.body))}
        return HTTPResponse(BytesIO(reply.body), headers, reply.status, preload_content=False)

    def pour(self, path: str, chunks: Iterable[bytes], size: int) -> Answer:
        """Have bytes taken in as they come."""
        more = {"CONTENT_LENGTH": str(size), "CONTENT_TYPE": BYTES["Content-Type"]}
        request = self._request("PUT", path, {}, b"", more)
        return _as_answer(self._answered(replace(request, source=_Source(chunks).read)))

    def forget_token(self) -> None:
        """Do nothing: the token is good."""

    def authenticate(self) -> dict[str, str]:
        """Do nothing: the token is good."""
        return {}

    def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None,
        body: object,
        media: str = JSON,
        *,
        at_most: Version | None = None,
    ) -> Answer:
        """Return what the service answers."""
        content = b"" if body is None else json.dumps(body).encode()
        more = {} if body is None else {"CONTENT_TYPE": media}
        if at_most is not None and at_most < self.version:
            more["HTTP_OPENSTACK_API_VERSION"] = "{} {}.{}".format(self._kind, *at_most)
        return _as_answer(self._answered(self._request(method, path, params, content, more)))

    def _request(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None,
        content: bytes,
        more: dict[str, str],
    ) -> Request:
        path, _, query = path.partition("?")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        asked |= {name: str(value) for name, value in (params or {}).items()}
        where = unquote(f"{self._path}{path}")
        return Request(method, where, asked, self._headers | more, content, _ROOT)

    def _answered(self, request: Request) -> Reply:
        found = self._simulated.find(request)
        if found is None:
            return Reply(404, b"no such service")
        _call, handler, segments, mine = found
        return handler(mine, **segments)


class _Source:
    """Chunks of any size, read so many bytes at a time."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._held = b""

    def read(self, size: int) -> bytes:
        """Return some bytes, none at the end."""
        if not self._held:
            self._held = next(self._chunks, b"")
        part, self._held = self._held[:size], self._held[size:]
        return part


def _as_answer(reply: Reply) -> Answer:
    return Answer(reply.status, reply.body, location=reply.headers.get("Location", ""))


def _agreed(ours: Versions, theirs: Range) -> Version:
    return min(ours.highest, theirs.highest)


def _never() -> NoReturn:
    raise AssertionError("it is not looked for")

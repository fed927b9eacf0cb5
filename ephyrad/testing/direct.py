# SPDX-License-Identifier: Apache-2.0
"""The real gateway's services, whose requests go to a simulated cloud without HTTP."""

import json
from collections.abc import Mapping
from typing import NoReturn, cast
from urllib.parse import parse_qsl, unquote

from ephyrad.clouds.connect import IRONIC, NOVA, PLACEMENT, Services, Versions
from ephyrad.clouds.endpoint import Endpoint
from ephyrad.clouds.errors import Answer
from ephyrad.clouds.port import NotInCatalogueError
from ephyrad.clouds.service import Service
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.http.clouds import Services as Simulated
from ephyrad.testing.http.keystone import ADMIN, PROJECT
from ephyrad.testing.http.versions import VERSIONS, Range, Version
from ephyrad.testing.http.wire import Request

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
        self._simulated = simulated
        self._path = path
        asked = f"{version[0]}.{version[1]}"
        self._headers = {
            "HTTP_X_AUTH_TOKEN": token,
            "HTTP_OPENSTACK_API_VERSION": f"{kind} {asked}",
            "HTTP_X_OPENSTACK_IRONIC_API_VERSION": asked,
        }

    def authenticate(self) -> dict[str, str]:
        """Do nothing: the token is good."""
        return {}

    def send(
        self, method: str, path: str, params: Mapping[str, str | int] | None, body: object
    ) -> Answer:
        """Return what the service answers."""
        path, _, query = path.partition("?")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        asked |= {name: str(value) for name, value in (params or {}).items()}
        content = b"" if body is None else json.dumps(body).encode()
        request = Request(
            method, unquote(f"{self._path}{path}"), asked, self._headers, content, _ROOT
        )
        found = self._simulated.find(request)
        if found is None:
            return Answer(404, b"no such service", "Not Found")
        _call, handler, segments, mine = found
        reply = handler(mine, **segments)
        return Answer(reply.status, reply.body, location=reply.headers.get("Location", ""))


def _agreed(ours: Versions, theirs: Range) -> Version:
    return min(ours.highest, theirs.highest)


def _never() -> NoReturn:
    raise AssertionError("it is not looked for")

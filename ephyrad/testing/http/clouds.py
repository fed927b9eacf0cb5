# SPDX-License-Identifier: Apache-2.0
"""The services of one simulated cloud, as paths below one URL."""

from dataclasses import replace
from typing import Protocol

from ephyrad.migration.facts import CloudName
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.http.aggregates import AggregateRoutes
from ephyrad.testing.http.calls import Call
from ephyrad.testing.http.flavors import FlavorRoutes
from ephyrad.testing.http.glance import Glance
from ephyrad.testing.http.ironic import Ironic
from ephyrad.testing.http.keypairs import KeypairRoutes
from ephyrad.testing.http.keystone import Keystone, unauthorized
from ephyrad.testing.http.neutron import Neutron
from ephyrad.testing.http.nova import Nova
from ephyrad.testing.http.placement import Placement
from ephyrad.testing.http.servers import ServerRoutes
from ephyrad.testing.http.tokens import Tokens
from ephyrad.testing.http.versions import ApiVersions
from ephyrad.testing.http.wire import Handler, Reply, Request, Routes

# Whoever has no token may ask for these: which versions there are.
_OPEN = frozenset({"/?", "/v1/?", "/v3/?", "/v3/auth/tokens"})

# The path of each service's endpoint, by its type in the catalogue.
_PATHS = {
    "identity": "/identity",
    "baremetal": "/baremetal",
    "compute": "/compute/v2.1",
    "placement": "/placement",
    "image": "/image",
    "network": "/network",
}


class Service(Protocol):
    """What a service answers."""

    routes: Routes

    def lost(self, request: Request) -> Reply:
        """Return the answer to a request that has no route."""


class Services:
    """The services of one cloud, below the URL `root`."""

    def __init__(self, cloud: SimulatedCloud, versions: ApiVersions, root: str) -> None:
        self.tokens = Tokens()
        self._cloud: CloudName = cloud.name
        self._root = root
        self._glance = Glance(cloud.glance, versions)
        endpoints: dict[str, str] = {}
        self._services: dict[str, Service] = {
            "identity": Keystone(self.tokens, endpoints, cloud.accounts, pages=versions.newer),
            "baremetal": Ironic(cloud.ironic, versions),
            "image": self._glance,
            "network": Neutron(cloud, system_sees_all=not versions.newer),
        }
        if cloud.nova is not None:
            parts = (
                KeypairRoutes(cloud.keypairs),
                FlavorRoutes(cloud.flavors),
                AggregateRoutes(cloud.aggregates),
                ServerRoutes(cloud),
            )
            self._services["compute"] = Nova(cloud.nova, versions, parts)
            release = cloud.settings.release
            self._services["placement"] = Placement(cloud.nova, release, versions)
        for kind in self._services:
            endpoints[kind] = root + _PATHS[kind]

    @property
    def kinds(self) -> frozenset[str]:
        """The types of the services that there are."""
        return frozenset(self._services)

    def find(self, request: Request) -> tuple[Call, Handler, dict[str, str], Request] | None:
        """Return which call a request is, its handler, and the request to hand to it.

        The path of `request` is the one below `root`; None: it leads to no service.
        """
        kind = next((kind for kind in self._services if _below(request.path, kind)), None)
        if kind is None:
            return None
        service = self._services[kind]
        path = request.path.removeprefix(_PATHS[kind])
        token = self.tokens.valid(str(request.headers.get("HTTP_X_AUTH_TOKEN", "")))
        inner = replace(request, path=path, root=self._root + _PATHS[kind], token=token)
        found = service.routes.find(request.method, path)
        template, handler, segments = found or ("", service.lost, {})
        call = Call(self._cloud, kind, request.method, template)
        if token is None and template not in _OPEN:
            return call, self._unauthorized(kind), {}, inner
        return call, handler, segments, inner

    def _unauthorized(self, kind: str) -> Handler:
        if kind == "image":
            return lambda _request: self._glance.unauthorized()
        return lambda _request: unauthorized()


def _below(path: str, kind: str) -> bool:
    return path == _PATHS[kind] or path.startswith(f"{_PATHS[kind]}/")

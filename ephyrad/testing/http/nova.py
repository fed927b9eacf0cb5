# SPDX-License-Identifier: Apache-2.0
"""Nova of a simulated cloud: the servers of a node, and their end."""

from collections.abc import Iterable
from typing import Protocol

from ephyrad.testing.http.gate import Gate
from ephyrad.testing.http.versions import ApiVersions, Version
from ephyrad.testing.http.wire import Reply, Request, Routes, html, reply
from ephyrad.testing.nova import Nova as SimulatedNova


class Part(Protocol):
    """What else Nova keeps, and its routes."""

    def add_to(self, routes: Routes, gate: Gate) -> None:
        """Add its routes, which let in whom the gate does."""


class Nova:
    """What of Nova ephyrad asks for, and DELETE of a server for who plays its owner."""

    def __init__(
        self, nova: SimulatedNova, versions: ApiVersions, parts: Iterable[Part] = ()
    ) -> None:
        """`parts` are what else Nova has."""
        self._nova = nova
        gate = Gate(versions.nova)
        self.routes = Routes()
        self.routes.add("GET", "/?", gate.versions)
        self.routes.add("GET", "/servers/detail", gate.guard("servers:detail", self._list))
        self.routes.add("GET", "/servers/{server}", gate.guard("servers:show", self._show))
        self.routes.add("DELETE", "/servers/{server}", gate.guard("servers:delete", self._delete))
        self.routes.add(
            "GET", "/os-hypervisors", gate.guard("os-hypervisors:list", self._hypervisors)
        )
        for part in parts:
            part.add_to(self.routes, gate)

    def lost(self, request: Request) -> Reply:
        """Return the answer to a request that has no route."""
        return html(404, "Not Found", "The resource could not be found.")

    def _list(self, request: Request, _version: Version) -> Reply:
        node = request.query.get("node")
        found = [each for each in self._nova.servers.values() if node in (None, each.node)]
        limit = int(request.query.get("limit") or 1000)
        return reply({"servers": [self._nova.show(each.uuid) for each in found[:limit]]})

    def _show(self, _request: Request, _version: Version, server: str) -> Reply:
        return reply({"server": self._nova.show(server)})

    def _hypervisors(self, _request: Request, _version: Version) -> Reply:
        shown = [{"id": each, "hypervisor_hostname": each} for each in self._nova.providers]
        return reply({"hypervisors": shown})

    def _delete(self, request: Request, _version: Version, server: str) -> Reply:
        self._nova.delete_as_admin(server)
        return Reply(204)

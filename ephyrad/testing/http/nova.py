# SPDX-License-Identifier: Apache-2.0
"""Nova of a simulated cloud: the servers of a node, and their end."""

import re
from collections.abc import Iterable
from typing import Any, Protocol
from urllib.parse import urlencode

from ephyrad.testing.http.gate import Gate
from ephyrad.testing.http.versions import ApiVersions, Version
from ephyrad.testing.http.wire import Reply, Request, Routes, html, reply
from ephyrad.testing.nova import Nova as SimulatedNova
from ephyrad.testing.nova import Server


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
        query = request.query
        found = [each for each in self._nova.servers.values() if _passes(each, request)]
        if "marker" in query:
            at = [each.uuid for each in found].index(query["marker"])
            found = found[at + 1 :]
        limit = int(query.get("limit") or 1000)
        page = found[:limit]
        body: dict[str, Any] = {"servers": [self._nova.show(each.uuid) for each in page]}
        if len(page) == limit:
            onward = urlencode({**query, "marker": page[-1].uuid})
            link = {"rel": "next", "href": f"{request.root}/servers/detail?{onward}"}
            body["servers_links"] = [link]
        return reply(body)

    def _show(self, _request: Request, _version: Version, server: str) -> Reply:
        return reply({"server": self._nova.show(server)})

    def _hypervisors(self, _request: Request, _version: Version) -> Reply:
        shown = [{"id": each, "hypervisor_hostname": each} for each in self._nova.providers]
        return reply({"hypervisors": shown})

    def _delete(self, request: Request, _version: Version, server: str) -> Reply:
        self._nova.delete_as_admin(server)
        return Reply(204)


def _passes(server: Server, request: Request) -> bool:
    """Say whether a server is in the list that is asked for.

    One that is being scheduled passes the filter by node (observed on 2023.1).
    """
    query, token = request.query, request.token
    mine = token is not None and server.project == token.project
    if not (mine or query.get("all_tenants")):
        return False
    if "node" in query and server.node and server.node != query["node"]:
        return False
    return re.search(query.get("name", ""), server.name) is not None

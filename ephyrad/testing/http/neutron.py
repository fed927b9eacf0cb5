# SPDX-License-Identifier: Apache-2.0
"""Neutron of a simulated cloud: which networks there are."""

from typing import Any
from urllib.parse import urlencode

from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.http.wire import Reply, Request, Routes, reply


class Neutron:
    """What of Neutron ephyrad asks for."""

    def __init__(self, cloud: SimulatedCloud, *, system_sees_all: bool) -> None:
        """`system_sees_all`: whether a system-scoped administrator does, as on 2023.1."""
        self._cloud = cloud
        self._system_sees_all = system_sees_all
        self.routes = Routes()
        self.routes.add("GET", "/?", self._versions)
        # Asked by who looks for the version; Neutron has only the path with a slash (observed).
        self.routes.add("GET", "/v2.0", self.lost)
        self.routes.add("GET", "/v2.0/networks", self._list)

    def lost(self, request: Request) -> Reply:
        """Return the answer to a request that has no route."""
        return _missing("HTTPNotFound", "The resource could not be found.")

    def _versions(self, request: Request) -> Reply:
        links = [{"rel": "self", "href": f"{request.root}/v2.0/"}]
        return reply({"versions": [{"id": "v2.0", "status": "CURRENT", "links": links}]})

    def _list(self, request: Request) -> Reply:
        found = [{"id": ident, "name": name} for ident, name in self._cloud.neutron.items()]
        if not self._system_sees_all and (request.token is None or request.token.project is None):
            found = []
        answer: dict[str, Any] = {}
        ids = [one["id"] for one in found]
        marker, limit = request.query.get("marker"), int(request.query.get("limit") or 0)
        if marker is not None and marker not in ids:
            return _missing("NetworkNotFound", f"Network {marker} could not be found.")
        if marker is not None:
            found = found[ids.index(marker) + 1 :]
        if found and 0 < limit <= len(found):
            found = found[:limit]
            more = urlencode({**request.query, "marker": found[-1]["id"]})
            href = f"{request.root}{request.path}?{more}"
            answer["networks_links"] = [{"rel": "next", "href": href}]
        return reply({"networks": found, **answer})


def _missing(kind: str, words: str) -> Reply:
    return reply({"NeutronError": {"type": kind, "message": words, "detail": ""}}, 404)

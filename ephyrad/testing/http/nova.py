# SPDX-License-Identifier: Apache-2.0
"""Nova of a simulated cloud: the servers of a node, and their end."""

from ephyrad.testing.http.versions import ApiVersions
from ephyrad.testing.http.wire import Reply, Request, Routes, html, reply
from ephyrad.testing.nova import Nova as SimulatedNova
from ephyrad.testing.nova import Server

_STATUS = {"building": "BUILD", "active": "ACTIVE", "deleting": "ACTIVE", "error": "ERROR"}


class Nova:
    """What of Nova ephyrad asks for, and DELETE of a server for who plays its owner."""

    def __init__(self, nova: SimulatedNova, versions: ApiVersions) -> None:
        self._nova = nova
        self._range = versions.nova
        self.routes = Routes()
        self.routes.add("GET", "/?", self._version)
        self.routes.add("GET", "/servers/detail", self._list)
        self.routes.add("DELETE", "/servers/{server}", self._delete)

    def lost(self, request: Request) -> Reply:
        """Return the answer to a request that has no route."""
        return html(404, "Not Found", "The resource could not be found.")

    def _version(self, request: Request) -> Reply:
        lowest, highest = (
            ".".join(map(str, version)) for version in (self._range.lowest, self._range.highest)
        )
        links = [{"rel": "self", "href": f"{request.root}/"}]
        version = {"id": "v2.1", "status": "CURRENT", "version": highest, "min_version": lowest}
        return reply({"version": {**version, "links": links}})

    def _list(self, request: Request) -> Reply:
        refusal = self._refusal(request, "detail")
        if refusal is not None:
            return refusal
        node = request.query.get("node")
        found = [each for each in self._nova.servers.values() if node in (None, each.node)]
        limit = int(request.query.get("limit") or 1000)
        return reply({"servers": [_shown(each) for each in found[:limit]]})

    def _delete(self, request: Request, server: str) -> Reply:
        refusal = self._refusal(request, "delete")
        if refusal is not None:
            return refusal
        if server not in self._nova.servers:
            words = f"Instance {server} could not be found."
            return reply({"itemNotFound": {"code": 404, "message": words}}, 404)
        self._nova.delete(server)
        return Reply(204)

    def _refusal(self, request: Request, rule: str) -> Reply | None:
        asked = request.headers.get("HTTP_OPENSTACK_API_VERSION")
        version = None if asked is None else str(asked).removeprefix("compute ")
        if self._range.chosen(version) is None:
            lowest, highest = self._range.lowest, self._range.highest
            words = (
                f"Version {version} is not supported by the API. Minimum is"
                f" {lowest[0]}.{lowest[1]} and maximum is {highest[0]}.{highest[1]}."
            )
            return reply({"computeFault": {"code": 406, "message": words}}, 406)
        if request.token is None or request.token.project is None:
            words = f"Policy doesn't allow os_compute_api:servers:{rule} to be performed."
            return reply({"forbidden": {"code": 403, "message": words}}, 403)
        return None


def _shown(server: Server) -> dict[str, str]:
    return {
        "id": server.uuid,
        "status": _STATUS[server.state],
        "OS-EXT-SRV-ATTR:hypervisor_hostname": server.node,
    }

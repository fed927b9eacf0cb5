# SPDX-License-Identifier: Apache-2.0
"""Key pairs of a simulated Nova: an administrator's, for any user."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from ephyrad.testing.http.gate import Gate
from ephyrad.testing.http.versions import Version
from ephyrad.testing.http.wire import Reply, Request, Routes, reply
from ephyrad.testing.keypairs import IMPORT_ONLY, Keypairs
from ephyrad.testing.refusals import ApiError

_PATH = "/os-keypairs"
_PAGED = (2, 35)


class KeypairRoutes:
    """The key pairs' part of Nova's API."""

    def __init__(self, keypairs: Keypairs) -> None:
        self._keypairs = keypairs

    def add_to(self, routes: Routes, gate: Gate) -> None:
        """Add the routes."""
        one = f"{_PATH}/{{name}}"
        routes.add("GET", _PATH, gate.guard("os-keypairs:index", self._list))
        routes.add("POST", _PATH, gate.guard("os-keypairs:create", self._create))
        routes.add("DELETE", one, gate.guard("os-keypairs:delete", self._delete))

    def _list(self, request: Request, version: Version) -> Reply:
        found = self._keypairs.of(_user(request))
        marker = request.query.get("marker")
        if marker is not None:
            names = [each["name"] for each in found]
            if marker not in names:
                raise ApiError(400, f"Marker {marker} could not be found.")
            found = found[names.index(marker) + 1 :]
        limit = int(request.query.get("limit") or 1000)
        page = found[:limit] if version >= _PAGED else found
        shown = [{"keypair": _listed(each)} for each in page]
        if version < _PAGED or len(page) < limit:
            return reply({"keypairs": shown})
        query = urlencode({**request.query, "marker": page[-1]["name"]})
        link = {"rel": "next", "href": f"{request.root}{_PATH}?{query}"}
        return reply({"keypairs": shown, "keypairs_links": [link]})

    def _create(self, request: Request, version: Version) -> Reply:
        asked = json.loads(request.body)["keypair"]
        if "public_key" not in asked and version >= IMPORT_ONLY:
            words = f"Value: {asked}. 'public_key' is a required property"
            raise ApiError(400, f"Invalid input for field/attribute keypair. {words}")
        made = self._keypairs.bring(
            asked.get("user_id") or _caller(request),
            asked["name"],
            asked["public_key"],
            asked.get("type", "ssh"),
            version=version,
        )
        return reply({"keypair": made}, 201)

    def _delete(self, request: Request, _version: Version, name: str) -> Reply:
        self._keypairs.delete(_user(request), name)
        return Reply(204)


def _user(request: Request) -> str:
    return request.query.get("user_id") or _caller(request)


def _caller(request: Request) -> str:
    return request.token.user if request.token else ""


def _listed(record: Mapping[str, str]) -> dict[str, str]:
    """Return a key pair as a list shows it: without the user."""
    return {name: value for name, value in record.items() if name != "user_id"}

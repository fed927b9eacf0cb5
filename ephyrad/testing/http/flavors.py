# SPDX-License-Identifier: Apache-2.0
"""Flavors of a simulated Nova, as its administrator sees and makes them."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ephyrad.testing.flavors import WITHOUT_FACTOR, Flavor, Flavors
from ephyrad.testing.http.gate import Gate
from ephyrad.testing.http.versions import Version
from ephyrad.testing.http.wire import Reply, Request, Routes, reply
from ephyrad.testing.refusals import ApiError

_NAMES = {
    "id": "id",
    "name": "name",
    "ram": "ram",
    "vcpus": "vcpus",
    "disk": "disk",
    "OS-FLV-EXT-DATA:ephemeral": "ephemeral",
    "swap": "swap",
    "rxtx_factor": "rxtx_factor",
    "os-flavor-access:is_public": "is_public",
    "description": "description",
}
_DISABLED = "OS-FLV-DISABLED:disabled"
_WITH_SPECS = (2, 61)


class FlavorRoutes:
    """The flavors' part of Nova's API."""

    def __init__(self, flavors: Flavors) -> None:
        self._flavors = flavors

    def add_to(self, routes: Routes, gate: Gate) -> None:
        """Add the routes."""
        one, manage = "/flavors/{flavor}", "os-flavor-manage"
        specs, access = f"{one}/os-extra_specs", f"{one}/os-flavor-access"
        for method, path, rule, act in (
            ("GET", "/flavors/detail", "flavors", self._list),
            ("GET", one, "flavors", self._show),
            ("POST", "/flavors", f"{manage}:create", self._create),
            ("PUT", one, f"{manage}:update", self._update),
            ("DELETE", one, f"{manage}:delete", self._delete),
            ("POST", specs, "os-flavor-extra-specs:create", self._specify),
            ("DELETE", f"{specs}/{{name}}", "os-flavor-extra-specs:delete", self._unspecify),
            ("GET", access, "os-flavor-access", self._access),
            ("POST", f"{one}/action", "os-flavor-access:add_tenant_access", self._act),
        ):
            routes.add(method, path, gate.guard(rule, act))

    def _list(self, request: Request, version: Version) -> Reply:
        found = self._flavors.all(private=request.query.get("is_public") == "None")
        marker = request.query.get("marker")
        if marker is not None:
            ids = [each.id for each in found]
            if marker not in ids:
                raise ApiError(400, f"marker [{marker}] not found")
            found = found[ids.index(marker) + 1 :]
        limit = int(request.query.get("limit") or 1000)
        page = found[:limit]
        body: dict[str, Any] = {"flavors": [_shown(each, version) for each in page]}
        if len(page) == limit:
            query = urlencode({**request.query, "marker": page[-1].id})
            link = {"rel": "next", "href": f"{request.root}/flavors/detail?{query}"}
            body["flavors_links"] = [link]
        return reply(body)

    def _show(self, request: Request, version: Version, flavor: str) -> Reply:
        return reply({"flavor": _shown(self._flavors.show(flavor), version)})

    def _create(self, request: Request, version: Version) -> Reply:
        asked = json.loads(request.body)["flavor"]
        if version >= WITHOUT_FACTOR and "rxtx_factor" in asked:
            words = "Additional properties are not allowed ('rxtx_factor' was unexpected)"
            raise ApiError(
                400, f"Invalid input for field/attribute flavor. Value: {asked}. {words}"
            )
        made = self._flavors.create(**{_NAMES[name]: value for name, value in asked.items()})
        return reply({"flavor": _shown(made, version)})

    def _update(self, request: Request, version: Version, flavor: str) -> Reply:
        description = json.loads(request.body)["flavor"]["description"]
        return reply({"flavor": _shown(self._flavors.describe(flavor, description), version)})

    def _delete(self, request: Request, _version: Version, flavor: str) -> Reply:
        self._flavors.delete(flavor)
        return Reply(202)

    def _specify(self, request: Request, version: Version, flavor: str) -> Reply:
        body = json.loads(request.body)
        self._flavors.specify(flavor, body["extra_specs"], version)
        return reply(body)

    def _unspecify(self, request: Request, _version: Version, flavor: str, name: str) -> Reply:
        self._flavors.unspecify(flavor, name)
        return Reply(200)

    def _access(self, request: Request, _version: Version, flavor: str) -> Reply:
        return self._who(flavor, self._flavors.access(flavor))

    def _act(self, request: Request, _version: Version, flavor: str) -> Reply:
        match json.loads(request.body):
            case {"addTenantAccess": {"tenant": project}}:
                self._flavors.allow(flavor, project)
            case {"removeTenantAccess": {"tenant": project}}:
                self._flavors.disallow(flavor, project)
            case other:
                raise ApiError(400, f"There is no such action: {', '.join(other)}")
        return self._who(flavor, self._flavors.show(flavor).projects)

    @staticmethod
    def _who(flavor: str, projects: list[str]) -> Reply:
        access = [{"flavor_id": flavor, "tenant_id": project} for project in projects]
        return reply({"flavor_access": access})


def _shown(flavor: Flavor, version: Version) -> Mapping[str, Any]:
    shown = {theirs: getattr(flavor, ours) for theirs, ours in _NAMES.items()}
    shown[_DISABLED] = flavor.disabled
    if version >= WITHOUT_FACTOR:
        del shown[_DISABLED], shown["rxtx_factor"]
    if version >= _WITH_SPECS:
        shown["extra_specs"] = flavor.extra_specs
    return shown

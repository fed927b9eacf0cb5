# SPDX-License-Identifier: Apache-2.0
"""placement of a simulated cloud: what a provider has, traits and resource classes."""

from collections.abc import Callable
from typing import Any

from ephyrad.environment.kinds import Kind
from ephyrad.testing.http.versions import ApiVersions
from ephyrad.testing.http.wire import Handler, Reply, Request, Routes, reply
from ephyrad.testing.nova import Nova as SimulatedNova
from ephyrad.testing.nova import Provider
from ephyrad.testing.placement_names import PlacementNames
from ephyrad.testing.records import Release
from ephyrad.testing.refusals import ApiError

_NAMES = {Kind.TRAIT: "traits", Kind.RESOURCE_CLASS: "resource_classes"}
_TITLES = {
    400: (
        "Bad Request",
        (
            "The server could not comply with the request since it is either malformed or otherwise"
            " incorrect."
        ),
    ),
    404: ("Not Found", "The resource could not be found."),
    409: ("Conflict", "There was a conflict when trying to complete your request."),
}


class Placement:
    """What of placement ephyrad asks for."""

    def __init__(self, nova: SimulatedNova, release: Release, versions: ApiVersions) -> None:
        self._nova = nova
        self._release = release
        self._range = versions.placement
        self.routes = Routes()
        self.routes.add("GET", "/?", self._version)
        self.routes.add("GET", "/resource_providers", self._providers)
        self.routes.add("GET", "/resource_providers/{uuid}/inventories", self._inventories)
        self.routes.add("GET", "/resource_providers/{uuid}/allocations", self._allocations)
        for kind, path in _NAMES.items():
            names = nova.names[kind]
            self.routes.add("GET", f"/{path}", self._guarded(path, "list", names, self._list))
            one = f"/{path}/{{name}}"
            for method, rule, answer in (
                ("GET", "show", self._show),
                ("PUT", "update", self._put),
                ("DELETE", "delete", self._delete),
            ):
                self.routes.add(method, one, self._guarded(path, rule, names, answer))

    def lost(self, request: Request) -> Reply:
        """Return the answer to a request that has no route."""
        return _error(404, "Not Found", "The resource could not be found.\n\n   ")

    def _version(self, request: Request) -> Reply:
        lowest, highest = (
            ".".join(map(str, version)) for version in (self._range.lowest, self._range.highest)
        )
        version = {"id": "v1.0", "max_version": highest, "min_version": lowest}
        links = [{"rel": "self", "href": ""}]
        return reply({"versions": [{**version, "status": "CURRENT", "links": links}]})

    def _providers(self, request: Request) -> Reply:
        refusal = self._refusal(request, "resource_providers:list")
        if refusal is not None:
            return refusal
        found = [{"uuid": uuid, "name": uuid, "generation": 1} for uuid in self._nova.providers]
        return reply({"resource_providers": found})

    def _inventories(self, request: Request, uuid: str) -> Reply:
        provider = self._provider(request, uuid, "inventories:list")
        if isinstance(provider, Reply):
            return provider
        held = {"total": provider.total, "reserved": provider.reserved, "allocation_ratio": 1.0}
        held |= {"min_unit": 1, "max_unit": 1, "step_size": 1}
        inventories = {provider.resource_class: held}
        return reply({"resource_provider_generation": 1, "inventories": inventories})

    def _allocations(self, request: Request, uuid: str) -> Reply:
        provider = self._provider(request, uuid, "allocations:list")
        if isinstance(provider, Reply):
            return provider
        used = {"resources": {provider.resource_class: 1}, "consumer_generation": 1}
        allocations = dict.fromkeys(provider.consumers, used)
        return reply({"allocations": allocations, "resource_provider_generation": 1})

    def _provider(self, request: Request, uuid: str, rule: str) -> Provider | Reply:
        """Return the provider, or the answer that there is none for this request."""
        refusal = self._refusal(request, f"resource_providers:{rule}")
        if refusal is not None:
            return refusal
        provider = self._nova.providers.get(uuid)
        if provider is None:
            words = f"No resource provider with uuid {uuid} found"
            words = f"The resource could not be found.\n\n {words} : {words}  "
            return _error(404, "Not Found", words)
        return provider

    # Traits and resource classes

    def _guarded(
        self, path: str, rule: str, names: PlacementNames, answer: Callable[..., Reply]
    ) -> Handler:
        def guarded(request: Request, **name: str) -> Reply:
            refusal = self._refusal(request, f"{path}:{rule}")
            if refusal is not None:
                return refusal
            try:
                return answer(request, names, **name)
            except ApiError as error:
                title, words = _TITLES[error.status]
                return _error(error.status, title, f"{words}\n\n {error.message}  ")

        return guarded

    def _list(self, request: Request, names: PlacementNames) -> Reply:
        if names.kind is Kind.RESOURCE_CLASS:
            found = [_class(name) for name in names.list()]
            return reply({"resource_classes": found})
        start = request.query.get("name", "").removeprefix("startswith:")
        return reply({"traits": [name for name in names.list() if name.startswith(start)]})

    def _show(self, request: Request, names: PlacementNames, name: str) -> Reply:
        names.show(name)
        return reply(_class(name)) if names.kind is Kind.RESOURCE_CLASS else Reply(204)

    def _put(self, request: Request, names: PlacementNames, name: str) -> Reply:
        made = names.put(name)
        return Reply(201 if made else 204, b"", {"Location": f"{request.root}{request.path}"})

    def _delete(self, request: Request, names: PlacementNames, name: str) -> Reply:
        names.delete(name)
        return Reply(204)

    def _refusal(self, request: Request, rule: str) -> Reply | None:
        """Return the answer to who may not, or not at that version."""
        asked = request.headers.get("HTTP_OPENSTACK_API_VERSION")
        version = None if asked is None else str(asked).removeprefix("placement ")
        if self._range.chosen(version) is None:
            words = f"Invalid microversion: Unacceptable version header: {version}"
            return _error(406, "Not Acceptable", words)
        if not self._lets_in(request):
            words = f"Access was denied to this resource.\n\n placement:{rule}  "
            return _error(403, "Forbidden", words)
        return None

    def _lets_in(self, request: Request) -> bool:
        """Say whether the scope will do: only placement of 2026.2 minds it (observed)."""
        token = request.token
        if token is None:
            return False
        return token.project is not None or not self._release.wants_system_scope


def _class(name: str) -> dict[str, Any]:
    links = [{"rel": "self", "href": f"/resource_classes/{name}"}]
    return {"name": name, "links": links}


def _error(status: int, title: str, words: str) -> Reply:
    error = {"status": status, "title": title, "detail": words, "request_id": "req-simulated"}
    return reply({"errors": [error | {"code": "placement.undefined_code"}]}, status)

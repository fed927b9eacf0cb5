# SPDX-License-Identifier: Apache-2.0
"""Ironic of a simulated cloud: its REST API, as far as ephyrad uses it."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from ephyrad.migration.effects import PartKind
from ephyrad.testing.http.asked import (
    Answer,
    json_of,
    linked,
    object_of,
    only_arguments,
    outside_the_api,
)
from ephyrad.testing.http.pages import page
from ephyrad.testing.http.patches import values_of
from ephyrad.testing.http.step_lists import StepListRoutes
from ephyrad.testing.http.versions import (
    ApiVersions,
    node_fields,
    too_new_for_node,
    too_new_for_part,
)
from ephyrad.testing.http.wire import Reply, Request, Routes, reply
from ephyrad.testing.ironic import Ironic as SimulatedIronic
from ephyrad.testing.refusals import ApiError, forbidden

COLLECTIONS = {
    PartKind.PORT: ("/v1/ports", "ports"),
    PartKind.PORTGROUP: ("/v1/portgroups", "portgroups"),
    PartKind.CONNECTOR: ("/v1/volume/connectors", "connectors"),
    PartKind.TARGET: ("/v1/volume/targets", "targets"),
}
_SUMMARY = frozenset({"instance_uuid", "maintenance", "name", "power_state", "provision_state"})
_HISTORY, _CHILDREN, _PLAIN_NAMES = 78, 83, 91
_POWER = ("power on", "power off", "rebooting", "soft power off", "soft rebooting")


class Ironic:
    """The API over a simulated Ironic."""

    def __init__(self, ironic: SimulatedIronic, versions: ApiVersions) -> None:
        self._ironic = ironic
        self._range = versions.ironic
        self.routes = Routes()
        add = self.routes.add
        add("GET", "/?", self._versions)
        add("GET", "/v1/?", self._version)
        node = "/v1/nodes/{ident}"
        for method, path, answer in (
            ("GET", "/v1/nodes", self._list),
            ("POST", "/v1/nodes", self._create),
            ("GET", "/v1/drivers", self._drivers),
            ("GET", "/v1/conductors", self._conductors),
            ("GET", node, self._show),
            ("PATCH", node, self._patch),
            ("DELETE", node, self._delete),
            ("PUT", f"{node}/states/provision", self._provision),
            ("PUT", f"{node}/states/power", self._power),
            ("PUT", f"{node}/maintenance", self._set_maintenance),
            ("DELETE", f"{node}/maintenance", self._clear_maintenance),
            ("GET", f"{node}/traits", self._traits),
            ("PUT", f"{node}/traits", self._set_traits),
            ("GET", f"{node}/history", self._history),
        ):
            add(method, path, self._guarded(answer))
        for kind, (path, _) in COLLECTIONS.items():
            add("GET", path, self._guarded(self._lister(kind)))
            add("POST", path, self._guarded(self._creator(kind)))
        for lists in ironic.step_lists.values():
            StepListRoutes(lists).add_to(self.routes, self._guarded)

    def lost(self, request: Request) -> Reply:
        """Return the answer to a request that has no route."""
        return outside_the_api(404, "Not Found", "")

    def _guarded(self, answer: Answer) -> Answer:
        """Have a route answered with the version that was asked for, and with what it raises."""

        def guarded(request: Request, **idents: str) -> Reply:
            asked = request.headers.get("HTTP_X_OPENSTACK_IRONIC_API_VERSION")
            version = self._range.chosen(asked)
            if version is None:
                low, high = self._range.lowest, self._range.highest
                return outside_the_api(
                    406,
                    "Not Acceptable",
                    f"Version {asked} was requested but the minor version is not supported by this"
                    f" service. The supported version range is: [{low[0]}.{low[1]},"
                    f" {high[0]}.{high[1]}].",
                )
            try:
                with self._as_seen_by(request):
                    return answer(request, version[1], **idents)
            except ApiError as error:
                return Reply(error.status, error.body)

        return guarded

    @contextmanager
    def _as_seen_by(self, request: Request) -> Iterator[None]:
        """Let the caller see what its token's scope allows; the simulation knows only one."""
        settings = self._ironic.settings
        usual = settings.system_scope
        system = request.token is not None and request.token.system
        settings.system_scope = usual and (system or not settings.release.wants_system_scope)
        try:
            yield
        finally:
            settings.system_scope = usual

    def _versions(self, request: Request) -> Reply:
        version = self._described(request)
        return reply({"default_version": version, "versions": [version]})

    def _version(self, request: Request) -> Reply:
        return reply(self._described(request))

    def _described(self, request: Request) -> dict[str, Any]:
        low, high = (
            ".".join(map(str, version)) for version in (self._range.lowest, self._range.highest)
        )
        links = [{"href": f"{request.root}/v1/", "rel": "self"}]
        described = {"id": "v1", "status": "CURRENT", "min_version": low, "version": high}
        return {**described, "links": links}

    # Nodes

    def _list(self, request: Request, minor: int) -> Reply:
        known = {"fields", "limit", "marker", "project", "detail"}
        if self._range.highest[1] >= _CHILDREN:
            known |= {"include_children"}
        only_arguments(request, known)
        if "include_children" in request.query and minor < _CHILDREN:
            raise ApiError(
                406, "Request not acceptable. The minimal required API version should be 1.83"
            )
        asked = request.query.get("fields")
        fields: Collection[str] = _SUMMARY
        if asked is not None:
            fields = self._asked(asked, minor)
        elif request.query.get("detail") in ("true", "True", "1"):
            fields = node_fields(self._ironic.settings.release, minor)
        return page(
            request,
            "nodes",
            lambda limit, marker: self._ironic.list_nodes(
                {*fields, "uuid"},
                project=request.query.get("project"),
                limit=limit,
                marker=marker,
            ),
            lambda node: linked(request, "nodes", node),
        )

    def _show(self, request: Request, minor: int, ident: str) -> Reply:
        only_arguments(request, {"fields"})
        asked = request.query.get("fields")
        every = node_fields(self._ironic.settings.release, minor)
        fields = every if asked is None else self._asked(asked, minor)
        try:
            shown = self._ironic.show(ident, fields)
        except ApiError:
            # What looks like a file's ending is no part of the name (observed on 2023.1).
            if minor >= _PLAIN_NAMES or not ident.endswith(".json"):
                raise
            with suppress(ApiError):
                return reply(self._ironic.show(ident.removesuffix(".json"), fields))
            raise
        return reply(linked(request, "nodes", shown))

    def _asked(self, text: str, minor: int) -> frozenset[str]:
        """Return the fields that a request names."""
        release = self._ironic.settings.release
        fields = frozenset(text.split(","))
        unknown = fields - release.shown - {"traits", "links"}
        if unknown:
            raise ApiError(500, f"type object 'Node' has no attribute '{min(unknown)}'")
        if too_new_for_node(fields, minor):
            raise ApiError(406, "Request not acceptable.")
        return fields

    def _create(self, request: Request, minor: int) -> Reply:
        body = object_of(request, "node")
        _not_too_new(too_new_for_node(self._known(body), minor))
        return reply(self._ironic.create_node(body), 201)

    def _patch(self, request: Request, minor: int, ident: str) -> Reply:
        values = values_of(json_of(request))
        _not_too_new(too_new_for_node(self._known(values), minor))
        return reply(self._ironic.patch(ident, values))

    def _known(self, values: Mapping[str, Any]) -> frozenset[str]:
        return self._ironic.settings.release.shown & values.keys()

    def _delete(self, request: Request, minor: int, ident: str) -> Reply:
        self._ironic.delete_node(ident)
        return Reply(204)

    def _provision(self, request: Request, minor: int, ident: str) -> Reply:
        self._ironic.provision(ident, str(object_of(request, "provision").get("target")))
        return Reply(202)

    def _power(self, request: Request, minor: int, ident: str) -> Reply:
        target = object_of(request, "power").get("target")
        if target not in _POWER:
            raise ApiError(400, f"Invalid state requested: {target}")
        self._ironic.power(ident, str(target))
        return Reply(202)

    def _set_maintenance(self, request: Request, minor: int, ident: str) -> Reply:
        reason = object_of(request, "maintenance").get("reason")
        self._ironic.set_maintenance(ident, None if reason is None else str(reason))
        return Reply(202)

    def _clear_maintenance(self, request: Request, minor: int, ident: str) -> Reply:
        self._ironic.clear_maintenance(ident)
        return Reply(202)

    def _traits(self, request: Request, minor: int, ident: str) -> Reply:
        return reply({"traits": self._ironic.traits(ident)})

    def _set_traits(self, request: Request, minor: int, ident: str) -> Reply:
        traits = object_of(request, "traits").get("traits")
        if not isinstance(traits, list):
            raise ApiError(400, "Missing mandatory parameter: traits")
        self._ironic.set_traits(ident, [str(trait) for trait in traits])
        return Reply(204)

    def _history(self, request: Request, minor: int, ident: str) -> Reply:
        if minor < _HISTORY:
            return self.lost(request)
        return reply({"history": self._ironic.history(ident)})

    # What belongs to nodes

    def _lister(self, kind: PartKind) -> Answer:
        _, key = COLLECTIONS[kind]

        def answer(request: Request, minor: int) -> Reply:
            only_arguments(request, {"node", "address", "fields", "detail", "limit", "marker"})
            query = request.query
            if "address" in query:
                parts = self._ironic.parts_with(kind, query["address"])
            else:
                nodes = [query["node"]] if "node" in query else list(self._ironic.nodes)
                parts = [part for node in nodes for part in self._ironic.parts(node, kind)]
            fields = query["fields"].split(",") if "fields" in query else None
            return page(request, key, parts, lambda part: _visible(kind, part, fields, minor))

        return answer

    def _creator(self, kind: PartKind) -> Answer:
        def answer(request: Request, minor: int) -> Reply:
            body = object_of(request, kind)
            known = self._ironic.settings.release.part_fields[kind] & body.keys()
            _not_too_new(too_new_for_part(kind, known, minor))
            return reply(self._ironic.create_part(kind, body), 201)

        return answer

    # Drivers and conductors

    def _drivers(self, request: Request, minor: int) -> Reply:
        only_arguments(request, {"detail", "type", "fields"})
        settings = self._ironic.settings
        if not settings.system_scope:
            raise ApiError(500, "\"baremetal:driver:get\" requires a scope of ['system']")
        shown = [
            {
                "name": name,
                "hosts": [settings.host],
                "type": "dynamic",
                **{
                    f"enabled_{kind}_interfaces": sorted(enabled.get(kind, ()))
                    for kind in settings.release.interfaces
                },
            }
            for name, enabled in settings.drivers.items()
        ]
        return reply({"drivers": shown})

    def _conductors(self, request: Request, minor: int) -> Reply:
        only_arguments(request, {"detail", "fields", "limit", "marker", "sort_key", "sort_dir"})
        settings = self._ironic.settings
        if not settings.system_scope:
            raise forbidden("baremetal:conductor:get")
        shown = [
            {"hostname": f"{settings.host}{number or ''}", "conductor_group": group, "alive": True}
            for number, group in enumerate(sorted(settings.conductor_groups))
        ]
        return page(request, "conductors", shown, name="hostname")


def _visible(
    kind: PartKind, part: dict[str, Any], fields: list[str] | None, minor: int
) -> dict[str, Any]:
    return {
        name: value
        for name, value in part.items()
        if (fields is None or name in fields) and not too_new_for_part(kind, {name}, minor)
    }


def _not_too_new(too_new: bool) -> None:
    if too_new:
        raise ApiError(406, "Request not acceptable.")

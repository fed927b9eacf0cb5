# SPDX-License-Identifier: Apache-2.0
"""Deploy templates and runbooks of a simulated Ironic: their REST API."""

from ephyrad.environment.kinds import Kind
from ephyrad.testing.http.asked import (
    Answer,
    Guard,
    json_of,
    linked,
    object_of,
    only_arguments,
    outside_the_api,
)
from ephyrad.testing.http.pages import page
from ephyrad.testing.http.patches import values_of
from ephyrad.testing.http.wire import Reply, Request, Routes, reply
from ephyrad.testing.step_lists import Record, StepLists

_PATHS = {Kind.DEPLOY_TEMPLATE: "deploy_templates", Kind.RUNBOOK: "runbooks"}
_SINCE = {Kind.DEPLOY_TEMPLATE: 55, Kind.RUNBOOK: 92}
_TRAITS = 112
_SINCE_TRAITS = frozenset({"traits", "description"})


class StepListRoutes:
    """The paths of one kind."""

    def __init__(self, lists: StepLists) -> None:
        self._lists = lists
        self._path = _PATHS[lists.kind]

    def add_to(self, routes: Routes, guarded: Guard) -> None:
        """Add them, guarded as all of Ironic's are."""
        all_of_them, one = f"/v1/{self._path}", f"/v1/{self._path}/{{ident}}"
        for method, path, answer in (
            ("GET", all_of_them, self._list),
            ("POST", all_of_them, self._create),
            ("GET", one, self._show),
            ("PATCH", one, self._patch),
            ("DELETE", one, self._delete),
        ):
            routes.add(method, path, guarded(self._since(answer)))
        if self._lists.kind is Kind.RUNBOOK:
            routes.add("PUT", f"{one}/traits", guarded(self._set_traits))

    def _since(self, answer: Answer) -> Answer:
        def known(request: Request, minor: int, **ident: str) -> Reply:
            if minor < _SINCE[self._lists.kind]:
                words = f"The API version does not allow {self._path.replace('_', ' ')}"
                return outside_the_api(404, "Not Found", words)
            return answer(request, minor, **ident)

        return known

    def _list(self, request: Request, minor: int) -> Reply:
        only_arguments(request, {"detail", "fields", "limit", "marker", "sort_key", "sort_dir"})
        found = self._lists.list()
        if "marker" in request.query:
            self._lists.show(request.query["marker"])
        if request.query.get("detail") not in ("true", "True", "1"):
            found = [{name: each[name] for name in ("uuid", "name")} for each in found]
        return page(request, self._path, found, lambda each: self._visible(request, each, minor))

    def _show(self, request: Request, minor: int, ident: str) -> Reply:
        return reply(self._visible(request, self._lists.show(ident), minor))

    def _create(self, request: Request, minor: int) -> Reply:
        body = object_of(request, "template" if self._path != "runbooks" else "runbook")
        return reply(self._visible(request, self._lists.create(body), minor), 201)

    def _patch(self, request: Request, minor: int, ident: str) -> Reply:
        values = values_of(json_of(request))
        return reply(self._visible(request, self._lists.patch(ident, values), minor))

    def _delete(self, request: Request, minor: int, ident: str) -> Reply:
        self._lists.delete(ident)
        return Reply(204)

    def _set_traits(self, request: Request, minor: int, ident: str) -> Reply:
        if minor < _TRAITS:
            words = "The API version does not allow runbook traits"
            return outside_the_api(404, "Not Found", words)
        self._lists.set_traits(ident, object_of(request, "body").get("traits", []))
        return Reply(204)

    def _visible(self, request: Request, record: Record, minor: int) -> Record:
        hidden = frozenset() if minor >= _TRAITS else _SINCE_TRAITS
        shown = {name: value for name, value in record.items() if name not in hidden}
        return linked(request, self._path, shown)

# SPDX-License-Identifier: Apache-2.0
"""Host aggregates of a simulated Nova, as its administrator sees and makes them."""

import json
from collections.abc import Mapping
from typing import Any

from ephyrad.testing.aggregates import Aggregate, Aggregates
from ephyrad.testing.http.gate import Gate
from ephyrad.testing.http.versions import Version
from ephyrad.testing.http.wire import Reply, Request, Routes, reply
from ephyrad.testing.refusals import ApiError

_PATH = "/os-aggregates"
_WITH_UUID = (2, 41)


class AggregateRoutes:
    """The aggregates' part of Nova's API."""

    def __init__(self, aggregates: Aggregates) -> None:
        self._aggregates = aggregates

    def add_to(self, routes: Routes, gate: Gate) -> None:
        """Add the routes."""
        one, rule = f"{_PATH}/{{number}}", "os-aggregates"
        for method, path, action, act in (
            ("GET", _PATH, "index", self._list),
            ("POST", _PATH, "create", self._create),
            ("GET", one, "show", self._show),
            ("PUT", one, "update", self._update),
            ("DELETE", one, "delete", self._delete),
            ("POST", f"{one}/action", "set_metadata", self._act),
        ):
            routes.add(method, path, gate.guard(f"{rule}:{action}", act))

    def _list(self, request: Request, version: Version) -> Reply:
        return reply({"aggregates": [_shown(each, version) for each in self._aggregates.all()]})

    def _show(self, request: Request, version: Version, number: str) -> Reply:
        return _one(self._aggregates.show(_integer(number)), version)

    def _create(self, request: Request, version: Version) -> Reply:
        asked = json.loads(request.body)["aggregate"]
        made = self._aggregates.create(asked["name"], asked.get("availability_zone"))
        shown = _shown(made, version)
        # What was just made is shown without these.
        del shown["hosts"], shown["metadata"]
        return reply({"aggregate": shown})

    def _update(self, request: Request, version: Version, number: str) -> Reply:
        asked = json.loads(request.body)["aggregate"]
        moved = self._aggregates.move(_integer(number), asked["availability_zone"])
        return _one(moved, version)

    def _delete(self, request: Request, _version: Version, number: str) -> Reply:
        self._aggregates.delete(_integer(number))
        return Reply(200)

    def _act(self, request: Request, version: Version, number: str) -> Reply:
        aggregates, ident = self._aggregates, _integer(number)
        match json.loads(request.body):
            case {"set_metadata": {"metadata": metadata}}:
                return _one(aggregates.describe(ident, metadata), version)
            case {"add_host": {"host": host}}:
                return _one(aggregates.put_in(ident, host), version)
            case {"remove_host": {"host": host}}:
                return _one(aggregates.take_out(ident, host), version)
            case other:
                raise ApiError(400, f"There is no such action: {', '.join(other)}")


def _integer(number: str) -> int:
    try:
        return int(number)
    except ValueError:
        raise ApiError(400, "id must be an integer") from None


def _one(aggregate: Aggregate, version: Version) -> Reply:
    return reply({"aggregate": _shown(aggregate, version)})


def _shown(aggregate: Aggregate, version: Version) -> dict[str, Any]:
    metadata: Mapping[str, str] = aggregate.metadata
    shown: dict[str, Any] = {
        "id": aggregate.number,
        "uuid": aggregate.uuid,
        "name": aggregate.name,
        "hosts": list(aggregate.hosts),
        "metadata": dict(metadata),
        "availability_zone": metadata.get("availability_zone"),
    }
    if version < _WITH_UUID:
        del shown["uuid"]
    return shown

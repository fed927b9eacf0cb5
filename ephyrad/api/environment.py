# SPDX-License-Identifier: Apache-2.0
"""The routes of the environment: images, keys, flavors and the rest of what nodes need."""

from collections.abc import Sequence
from typing import Any

import flask

from ephyrad.api import bodies
from ephyrad.api.caller import asker
from ephyrad.api.plain import plain
from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.environment_answers import EnvironmentOperations
from ephyrad.environment.kinds import Kind

Answer = dict[str, Any]


def add_routes(app: flask.Flask, operations: EnvironmentOperations) -> None:
    """Serve the environment."""

    @app.get("/v1/environment")
    def environment() -> Answer:
        answer: Answer = plain(operations.environment_status())
        return answer

    @app.get("/v1/environment/plan")
    def plan() -> Answer:
        return {"items": plain(operations.environment_plan(*_which()))}

    @app.get("/v1/environment/diff")
    def diff() -> Answer:
        return {"differences": plain(operations.environment_diff(*_which()))}

    @app.post("/v1/environment/sync")
    def sync() -> Answer:
        kinds, names = bodies.wanted_items(bodies.decode(flask.request.get_data()))
        answer: Answer = plain(operations.environment_sync(_known(kinds), list(names), by=asker()))
        return answer


def _which() -> tuple[Sequence[str], Sequence[str]]:
    """Return the kinds and names of a query such as ?kind=image&name=debian&name=..."""
    query = flask.request.args.to_dict(flat=False)
    return _known(query.get("kind", [])), query.get("name", [])


def _known(kinds: Sequence[str]) -> Sequence[str]:
    for kind in kinds:
        if kind not in set(Kind):
            *first, last = Kind
            raise OperationError(
                Complaint.INVALID, f"kind {kind!r}: it is {', '.join(first)} or {last}"
            )
    return list(kinds)

# SPDX-License-Identifier: Apache-2.0
"""The route of the report."""

from typing import Any

import flask

from ephyrad.api.plain import plain
from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.port import Operations


def add_report(app: flask.Flask, operations: Operations) -> None:
    """Serve the report."""

    @app.get("/v1/report")
    def report() -> dict[str, Any]:
        query = flask.request.args.to_dict(flat=False)
        for name in query:
            if name != "rollout":
                raise OperationError(
                    Complaint.INVALID, f"unknown query parameter {name!r}; there is rollout"
                )
        names = query.get("rollout", [])
        if len(names) > 1:
            raise OperationError(
                Complaint.INVALID, "a report is of one rollout or of all: name one, or none"
            )
        answer: dict[str, Any] = plain(operations.report(names[0] if names else None))
        return answer

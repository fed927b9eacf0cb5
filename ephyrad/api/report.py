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
        names = flask.request.args.getlist("rollout")
        if len(names) > 1:
            raise OperationError(
                Complaint.INVALID, "a report is of one rollout or of all: name one, or none"
            )
        answer: dict[str, Any] = plain(operations.report(names[0] if names else None))
        return answer

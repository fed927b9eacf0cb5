# SPDX-License-Identifier: Apache-2.0
"""The route of the preflight."""

from typing import Any

import flask

from ephyrad.api.plain import plain
from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.preflight_answers import PreflightOperations


def add_preflight(app: flask.Flask, operations: PreflightOperations) -> None:
    """Serve the preflight."""

    @app.get("/v1/preflight")
    def preflight() -> dict[str, Any]:
        query = flask.request.args.to_dict(flat=False)
        bmc = query.get("bmc", ["false"])
        if not set(bmc) <= {"true", "false"}:
            raise OperationError(Complaint.INVALID, f"bmc={bmc[0]}: it is true or false")
        nodes = query.get("node", [])
        if not all(node.strip() for node in nodes):
            raise OperationError(
                Complaint.INVALID, "a node is named by nothing: give its UUID or its name"
            )
        answer: dict[str, Any] = plain(operations.preflight(nodes, bmc="true" in bmc))
        return answer

# SPDX-License-Identifier: Apache-2.0
"""The routes for messages of CI.

Who may open the socket is not asked: a message has to prove by itself whose it is.
"""

from collections.abc import Callable
from typing import Any

import flask

from ephyrad.api.plain import plain
from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.reclaim_answers import ReclaimOperations

Answer = dict[str, Any]

SHOWN = 50
MOST_SHOWN = 1000


def add_routes(app: flask.Flask, reclaims: Callable[[], ReclaimOperations]) -> None:
    """Serve what takes messages, and what shows them."""

    @app.post("/v1/reclaim")
    def post_reclaim() -> Answer:
        headers = {name.lower(): value for name, value in flask.request.headers.items()}
        found: Answer = plain(reclaims().post(headers, flask.request.get_data()))
        return found

    @app.get("/v1/reclaim")
    def list_reclaims() -> Answer:
        asked = reclaims()
        return {"messages": plain(asked.last(_count())), "refused": plain(asked.refused())}


def _count() -> int:
    """Return how many messages ?limit=N asks for."""
    limit = flask.request.args.get("limit", str(SHOWN))
    if limit.isascii() and limit.isdigit() and len(limit) < 5 and 0 < int(limit) <= MOST_SHOWN:
        return int(limit)
    raise OperationError(
        Complaint.INVALID, f"limit={limit:.20}: it is a number from 1 to {MOST_SHOWN}"
    )

# SPDX-License-Identifier: Apache-2.0
"""The routes of whoever watches the daemon: a supervisor, and Prometheus."""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import flask

from ephyrad.api.caller import caller
from ephyrad.api.plain import plain
from ephyrad.engine.answers import HealthAnswer
from ephyrad.engine.port import Operations

Scrape = Callable[[], bytes]
"""Returns all metrics in Prometheus' text format."""

Answer = tuple[dict[str, Any], int]

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


def no_metrics() -> bytes:
    """Return nothing, for whoever serves the API of no daemon."""
    return b""


def add_routes(app: flask.Flask, operations: Operations, scrape: Scrape) -> None:
    """Serve the daemon's health and its metrics."""

    @app.get("/healthcheck/live")
    def live() -> Answer:
        found = operations.health()
        return _shown(found), _status(well=found.live)

    @app.get("/healthcheck/ready")
    def ready() -> Answer:
        found = operations.health()
        return _shown(found), _status(well=found.ready)

    @app.get("/metrics")
    def metrics() -> flask.Response:
        return flask.Response(scrape(), content_type=_TEXT)


def _shown(health: HealthAnswer) -> dict[str, Any]:
    """Return it without what only whoever is trusted may read."""
    found: dict[str, Any] = plain(health if caller().local else replace(health, because=()))
    return found


def _status(*, well: bool) -> int:
    return HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE

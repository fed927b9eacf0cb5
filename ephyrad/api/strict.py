# SPDX-License-Identifier: Apache-2.0
"""What no route takes: a query parameter that it does not know, a body that is said to be no JSON.

A parameter that is misspelt would else choose nothing, and more be done than was meant.
"""

import re

import flask
from werkzeug.exceptions import UnsupportedMediaType

from ephyrad.api.caller import route_of
from ephyrad.api.openapi.routes import ROUTES, Route
from ephyrad.engine.answers import Complaint, OperationError

_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json")


def be_strict(app: flask.Flask) -> None:
    """Look at each request to a described route before it is served."""
    app.before_request(_expect_known_parameters)
    app.before_request(_expect_json)


def _expect_known_parameters() -> None:
    route = _route()
    if route is None:
        return
    known = route.parameters
    for name in flask.request.args:
        if name not in known:
            there = f"there {'is' if len(known) < 2 else 'are'} {' and '.join(known) or 'none'}"
            raise OperationError(Complaint.INVALID, f"unknown query parameter {name!r}; {there}")


def _expect_json() -> None:
    """Who sends a body without a word of what it is, as a person with curl might, means JSON."""
    request = flask.request
    if _route() is None or not request.mimetype or not request.content_length:
        return
    if not _JSON.fullmatch(request.mimetype):
        raise UnsupportedMediaType


def _route() -> Route | None:
    """Return what is said of the route that the request is for."""
    rule = flask.request.url_rule
    if rule is None:
        return None
    method, path = route_of(flask.request.method, rule.rule)
    return ROUTES.get(f"{method} {path}") if path.startswith("/v1/") else None

# SPDX-License-Identifier: Apache-2.0
"""The routes of the HTTP API: each asks the engine one thing and answers JSON."""

import logging
from collections.abc import Callable
from typing import Any

import flask
from werkzeug.exceptions import HTTPException, LengthRequired

import ephyrad
from ephyrad.api import bodies, environment, reclaim, rollout, watching
from ephyrad.api.caller import Policy, asker, guard
from ephyrad.api.openapi.document import add_route
from ephyrad.api.origin import refuse_other_sites
from ephyrad.api.plain import plain
from ephyrad.api.preflight import add_preflight
from ephyrad.api.report import add_report
from ephyrad.api.statuses import STATUS
from ephyrad.api.strict import be_strict
from ephyrad.conf.policy import OsloPolicy
from ephyrad.engine.answers import Complaint, NodeAnswer, OperationError
from ephyrad.engine.port import Operations
from ephyrad.journal.errors import DiskError
from ephyrad.migration.states import State
from ephyrad.web.page import add_page

LOG = logging.getLogger(__name__)

Answer = dict[str, Any]
Failure = tuple[Answer, int]


def create_app(
    operations: Operations,
    *,
    max_body: int,
    names: frozenset[str] = frozenset(),
    scrape: watching.Scrape = watching.no_metrics,
    policy: Policy | None = None,
) -> flask.Flask:
    """Return the WSGI application. A request's body may have `max_body` bytes.

    Over the unix socket, `names` are those of proxies, besides this machine's.
    Without `policy`, the defaults say who may do what.
    """
    app = flask.Flask("ephyrad.api", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = max_body
    app.json.sort_keys = False  # type: ignore[attr-defined]
    # What it answers by itself would demand no rule.
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.before_request(_expect_a_length)
    refuse_other_sites(app, names)
    guard(app, policy or OsloPolicy.defaults())
    be_strict(app)
    _answer_questions(app, operations)
    _take_orders(app, operations)
    watching.add_routes(app, operations, scrape)
    add_route(app)
    add_preflight(app, operations)
    add_report(app, operations)
    environment.add_routes(app, operations)
    rollout.add_routes(app, lambda: operations.rollouts)
    reclaim.add_routes(app, lambda: operations.reclaims)
    add_page(app, operations)
    app.register_error_handler(OperationError, _refused)
    app.register_error_handler(DiskError, _unwritten)
    app.register_error_handler(HTTPException, _not_served)
    app.register_error_handler(Exception, _broken)
    return app


def _expect_a_length() -> None:
    """Refuse bodies in chunks: their size would be known too late."""
    if "Transfer-Encoding" in flask.request.headers:
        raise LengthRequired


def _answer_questions(app: flask.Flask, operations: Operations) -> None:
    @app.get("/healthcheck")
    def healthcheck() -> Answer:
        return {"version": ephyrad.__version__}

    @app.get("/v1/status")
    def status() -> Answer:
        return _object(operations.status())

    @app.get("/v1/nodes")
    def nodes() -> Answer:
        keep = _filter(flask.request.args.to_dict(flat=False))
        return {"nodes": plain([node for node in operations.nodes() if keep(node)])}

    @app.get("/v1/strays")
    def strays() -> Answer:
        return {"strays": plain(operations.strays())}

    @app.get("/v1/nodes/<node>")
    def node(node: str) -> Answer:
        return _object(operations.node(node))

    @app.get("/v1/nodes/<node>/history")
    def history(node: str) -> Answer:
        return {"history": plain(operations.history(node))}


def _take_orders(app: flask.Flask, operations: Operations) -> None:
    @app.post("/v1/migrations")
    def migrate() -> Answer:
        match bodies.wanted_nodes(bodies.decode(flask.request.get_data())):
            case "all":
                return _object(operations.migrate_all(by=asker()))
            case "strays":
                return _object(operations.migrate_strays(by=asker()))
            case nodes:
                return _object(operations.migrate(nodes, by=asker()))

    @app.post("/v1/returns")
    def return_nodes() -> Answer:
        nodes = bodies.named_nodes(bodies.decode(flask.request.get_data()))
        return _object(operations.return_nodes(nodes, by=asker()))

    @app.post("/v1/nodes/<node>/return")
    def return_node(node: str) -> Answer:
        bodies.nothing(flask.request.get_data())
        answer = operations.return_nodes([node], by=asker())
        return _object((*answer.accepted, *answer.already)[0])

    @app.post("/v1/nodes/<node>/hold")
    def hold(node: str) -> Answer:
        reason = bodies.hold_reason(bodies.decode(flask.request.get_data()))
        return _object(operations.hold(node, reason=reason, by=asker()))

    @app.post("/v1/nodes/<node>/release")
    def release(node: str) -> Answer:
        bodies.nothing(flask.request.get_data())
        return _object(operations.release(node, by=asker()))

    @app.post("/v1/nodes/<node>/abort")
    def abort(node: str) -> Answer:
        bodies.nothing(flask.request.get_data())
        return _object(operations.abort(node, by=asker()))

    @app.post("/v1/key/rotate")
    def rotate_key() -> Answer:
        bodies.nothing(flask.request.get_data())
        return _object(operations.rotate_key(by=asker()))


def _object(answer: object) -> Answer:
    found: Answer = plain(answer)
    return found


def _filter(query: dict[str, list[str]]) -> Callable[[NodeAnswer], bool]:
    """Return what keeps the nodes that a query such as ?state=cleaning&held=true asks for."""
    held = query.get("held", [])
    if not set(held) <= {"true", "false"}:
        raise OperationError(Complaint.INVALID, f"held={held[0]}: it is true or false")
    states = query.get("state", [])
    if unknown := set(states) - set(State):
        *first, last = State
        raise OperationError(
            Complaint.INVALID, f"state={unknown.pop()}: it is {', '.join(first)} or {last}"
        )

    def keep(node: NodeAnswer) -> bool:
        is_held = "true" if node.held else "false"
        return (not states or node.state in states) and (not held or is_held in held)

    return keep


def _failure(status: int, code: str, message: str) -> Failure:
    return {"error": {"code": code, "message": message}}, status


def _refused(error: OperationError) -> Failure:
    return _failure(STATUS[error.complaint], error.complaint, str(error))


def _unwritten(error: DiskError) -> Failure:
    return _failure(STATUS[Complaint.UNAVAILABLE], Complaint.UNAVAILABLE, str(error))


def _not_served(error: HTTPException) -> Failure:
    """Answer what Flask itself refuses: unknown routes, wrong methods, bodies that are too big."""
    request = flask.request
    match error.code:
        case 404:
            text = f"there is nothing at {request.path}; see the API reference"
            return _failure(404, Complaint.NOT_FOUND, text)
        case 405:
            text = f"{request.path} does not take {request.method}; see the API reference"
            return _failure(405, "method-not-allowed", text)
        case 411:
            text = "a body in chunks is not taken; send it whole, with Content-Length"
            return _failure(411, "length-required", text)
        case 413:
            limit = flask.current_app.config["MAX_CONTENT_LENGTH"]
            text = f"the body has more than {limit} bytes; send several smaller requests"
            return _failure(413, "too-large", text)
        case 415:
            text = f"a body of type {request.mimetype} is not taken; send application/json"
            return _failure(415, "not-json", text)
        case code:
            return _failure(code or 500, Complaint.INVALID, error.description or error.name)


def _broken(error: Exception) -> Failure:
    LOG.error("API: %s %s failed", flask.request.method, flask.request.path, exc_info=error)
    return _failure(500, "internal", "ephyrad made a mistake; its log has the details")

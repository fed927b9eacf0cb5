# SPDX-License-Identifier: Apache-2.0
"""The routes of the web page: each shows one view, or does one thing and shows what came of it."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

import flask
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from ephyrad.api import bodies
from ephyrad.api.caller import asker, demand, may
from ephyrad.api.statuses import STATUS
from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.port import Operations
from ephyrad.journal.errors import DiskError
from ephyrad.web.files import page_files
from ephyrad.web.forgery import Forgeries
from ephyrad.web.looks import BY_CODE
from ephyrad.web.views.fleet import node_list
from ephyrad.web.views.front import front_view
from ephyrad.web.views.node import node_view

LOG = logging.getLogger(__name__)

PREFIX = "/ui/"
_HELD_SHOWN = 50
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # With no referrer at all, a browser would not say where a form comes from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_TITLES = {
    400: "That cannot be done so",
    401: "Who asks?",
    403: "Not allowed",
    404: "There is no such page",
    409: "That cannot be done any more",
    500: "ephyrad made a mistake",
    503: "ephyrad cannot do that now",
}
_DONE = {
    "release": "The node was released.",
    "hold": "The node is held.",
    "pause": "The rollout pauses: nothing new is begun.",
    "resume": "The rollout goes on.",
    "approve": "The wave was approved.",
}
_RULES = ("node:hold", "node:release", "rollout:approve", "rollout:pause", "rollout:resume")


def utc_now() -> datetime:
    """Return the time of this machine's clock, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the routes work with."""

    operations: Operations
    forgeries: Forgeries
    clock: Callable[[], datetime]


def add_page(
    app: flask.Flask, operations: Operations, clock: Callable[[], datetime] = utc_now
) -> None:
    """Serve the web page below /ui/, and lead there from /."""
    desk = _Desk(operations, Forgeries(), clock)
    ui = flask.Blueprint(
        "ui",
        __name__,
        url_prefix=PREFIX.rstrip("/"),
        template_folder="templates",
        static_folder=None,
    )
    ui.add_app_template_filter(_moment, "moment")
    ui.after_request(_guarded)
    ui.register_error_handler(OperationError, _refused)
    ui.register_error_handler(DiskError, _unwritten)
    ui.register_error_handler(HTTPException, _not_served)
    ui.register_error_handler(Exception, _broken)
    _show(ui, desk)
    _take_orders(ui, desk)
    _serve_files(ui)
    app.register_blueprint(ui)

    @app.get("/")
    def root() -> Response:
        return flask.redirect(PREFIX)


def _moment(at: datetime) -> str:
    """Return a moment for people, UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _show(ui: flask.Blueprint, desk: _Desk) -> None:
    operations = desk.operations

    @ui.get("/")
    def front() -> Response:
        fleet = operations.fleet.marks(flask.request.args.get("by") or None)
        name = operations.fleet.rollout() if may("ephyrad:rollout:get") else None
        view = front_view(
            operations.status() if may("ephyrad:status:get") else None,
            fleet,
            None if name is None else operations.rollouts.one(name),
            None if name is None else operations.fleet.burn_up(name),
            desk.clock(),
        )
        return _page(desk, "front", view)

    @ui.get("/nodes")
    def nodes() -> Response:
        asked = flask.request.args
        look = asked.get("look") or None
        if look is not None and look not in BY_CODE:
            known = ", ".join(BY_CODE)
            raise OperationError(Complaint.INVALID, f"look={look!r:.80}: it is one of {known}")
        fleet = operations.fleet.marks(asked.get("by") or None)
        return _page(desk, "list", node_list(fleet, look=look, group=asked.get("group")))

    @ui.get("/nodes/<node>")
    def node(node: str) -> Response:
        demand("ephyrad:node:get")
        found = operations.node(node)
        return _page(desk, "node", node_view(found, operations.history(found.node)))


def _take_orders(ui: flask.Blueprint, desk: _Desk) -> None:
    operations = desk.operations

    @ui.post("/nodes/<node>/release")
    def release(node: str) -> Response:
        by = _own_form(desk)
        operations.release(node, by=by)
        return _back("release", node)

    @ui.post("/nodes/<node>/hold")
    def hold(node: str) -> Response:
        by = _own_form(desk)
        operations.hold(node, reason=_reason(), by=by)
        return _back("hold", node)

    @ui.post("/rollouts/<name>/pause")
    def pause(name: str) -> Response:
        by = _own_form(desk)
        operations.rollouts.pause(name, reason=_reason(), by=by)
        return _back("pause")

    @ui.post("/rollouts/<name>/resume")
    def resume(name: str) -> Response:
        by = _own_form(desk)
        operations.rollouts.resume(name, by=by)
        return _back("resume")

    @ui.post("/rollouts/<name>/approve")
    def approve(name: str) -> Response:
        by = _own_form(desk)
        operations.rollouts.approve(name, by=by)
        return _back("approve")


def _serve_files(ui: flask.Blueprint) -> None:
    files = page_files()

    @ui.get("/static/<name>")
    def static(name: str) -> Response:
        file = files.get(name)
        if file is None:
            flask.abort(HTTPStatus.NOT_FOUND)
        answer = flask.Response(file.content, mimetype=file.kind)
        answer.add_etag()
        answer.cache_control.no_cache = True
        return answer.make_conditional(flask.request)

    @ui.get("/<path:anything>")
    def nowhere(anything: str) -> Response:
        flask.abort(HTTPStatus.NOT_FOUND, f"There is nothing at {PREFIX}{anything}.")


def _own_form(desk: _Desk) -> str:
    """Return who sent a form, which has to be of a page that was given to them.

    :raises OperationError: it may be somebody else's.
    """
    by = asker()
    complaint = desk.forgeries.complaint(
        by, flask.request.form.get("token", ""), dict(flask.request.headers)
    )
    if complaint is not None:
        flask.abort(HTTPStatus.FORBIDDEN, complaint)
    return by


def _reason() -> str:
    return bodies.reason(flask.request.form.get("reason"))


def _back(done: str, node: str | None = None) -> Response:
    """Lead back to where the form was."""
    if node is not None and flask.request.form.get("from") == "node":
        return flask.redirect(flask.url_for("ui.node", node=node, done=done), HTTPStatus.SEE_OTHER)
    return flask.redirect(flask.url_for("ui.front", done=done), HTTPStatus.SEE_OTHER)


def _page(desk: _Desk, name: str, view: object) -> Response:
    """Draw a view, unless the caller has just that already."""
    by = asker()
    allowed = frozenset(rule for rule in _RULES if may(f"ephyrad:{rule}"))
    token = desk.forgeries.token(by)
    done = _DONE.get(flask.request.args.get("done", ""), "")
    # The token changes with the process, and with it what the forms have in them.
    shown = repr((name, by, sorted(allowed), token, done, view))
    tag = hashlib.sha256(shown.encode()).hexdigest()[:32]
    answer = flask.Response(status=HTTPStatus.OK)
    answer.set_etag(tag)
    answer.cache_control.no_cache = True
    answer.cache_control.private = True
    if flask.request.if_none_match.contains(tag):
        answer.status_code = HTTPStatus.NOT_MODIFIED
        return answer
    answer.data = flask.render_template(
        f"{name}.html",
        view=view,
        tag=f'"{tag}"',
        token=token,
        done=done,
        may=lambda rule: rule.removeprefix("ephyrad:") in allowed,
        held_shown=_HELD_SHOWN,
        **_frame(name),
    )
    answer.mimetype = "text/html"
    return answer


def _frame(here: str) -> dict[str, object]:
    """Return what every page shows."""
    return {
        "here": here,
        "root": PREFIX,
        "nodes": f"{PREFIX}nodes/",
        "who": asker(),
        "static": lambda name: f"{PREFIX}static/{name}",
    }


def _guarded(answer: flask.Response) -> flask.Response:
    for name, value in _HEADERS.items():
        answer.headers[name] = value
    return answer


def _trouble(status: int, words: str) -> tuple[str, int]:
    title = _TITLES.get(status, HTTPStatus(status).phrase)
    page = flask.render_template(
        "trouble.html", title=title, words=words, tag="", **_frame("trouble")
    )
    return page, status


def _refused(error: OperationError) -> tuple[str, int]:
    return _trouble(STATUS[error.complaint], str(error))


def _unwritten(error: DiskError) -> tuple[str, int]:
    return _trouble(HTTPStatus.SERVICE_UNAVAILABLE, str(error))


def _not_served(error: HTTPException) -> tuple[str, int]:
    return _trouble(error.code or 500, error.description or error.name)


def _broken(error: Exception) -> tuple[str, int]:
    LOG.error("page: %s %s failed", flask.request.method, flask.request.path, exc_info=error)
    return _trouble(500, "Its log has the details.")

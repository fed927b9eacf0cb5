# SPDX-License-Identifier: Apache-2.0
"""The routes of rollouts."""

from collections.abc import Callable
from typing import Any

import flask

from ephyrad.api import bodies
from ephyrad.api.caller import asker
from ephyrad.api.plain import plain
from ephyrad.conf import rollout_file
from ephyrad.conf.errors import ConfigurationError
from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.rollout_answers import RolloutOperations
from ephyrad.rollout.declaration import Declaration

Answer = dict[str, Any]


def add_routes(app: flask.Flask, rollouts: Callable[[], RolloutOperations]) -> None:
    """Serve rollouts."""
    _answer_questions(app, rollouts)
    _take_orders(app, rollouts)


def _answer_questions(app: flask.Flask, rollouts: Callable[[], RolloutOperations]) -> None:
    @app.get("/v1/rollouts")
    def list_rollouts() -> Answer:
        return {"rollouts": plain(rollouts().all())}

    @app.get("/v1/rollouts/<name>")
    def show_rollout(name: str) -> Answer:
        return _object(rollouts().one(name))

    @app.get("/v1/rollouts/<name>/history")
    def rollout_history(name: str) -> Answer:
        return {"history": plain(rollouts().history(name))}

    @app.post("/v1/rollouts/plan")
    def plan_rollout() -> Answer:
        return _object(rollouts().plan(_declared()))

    @app.post("/v1/rollouts/changes")
    def rollout_changes() -> Answer:
        return {"changes": plain(rollouts().changes(_declared()))}


def _take_orders(app: flask.Flask, rollouts: Callable[[], RolloutOperations]) -> None:
    @app.post("/v1/rollouts")
    def start_rollout() -> Answer:
        return _object(rollouts().start(_declared(), by=asker()))

    @app.post("/v1/rollouts/apply")
    def apply_rollout() -> Answer:
        return _object(rollouts().apply(_declared(), by=asker()))

    @app.post("/v1/rollouts/<name>/pause")
    def pause_rollout(name: str) -> Answer:
        reason = bodies.hold_reason(bodies.decode(flask.request.get_data()))
        return _object(rollouts().pause(name, reason=reason, by=asker()))

    @app.post("/v1/rollouts/<name>/resume")
    def resume_rollout(name: str) -> Answer:
        bodies.nothing(flask.request.get_data())
        return _object(rollouts().resume(name, by=asker()))

    @app.post("/v1/rollouts/<name>/stop")
    def stop_rollout(name: str) -> Answer:
        bodies.nothing(flask.request.get_data())
        return _object(rollouts().stop(name, by=asker()))

    @app.post("/v1/rollouts/<name>/reverse")
    def reverse_rollout(name: str) -> Answer:
        bodies.nothing(flask.request.get_data())
        return _object(rollouts().reverse(name, by=asker()))

    @app.post("/v1/rollouts/<name>/approve")
    def approve_rollout(name: str) -> Answer:
        bodies.nothing(flask.request.get_data())
        return _object(rollouts().approve(name, by=asker()))


def _declared() -> Declaration:
    """Return the declaration that a body has: a file's name, for messages, and its text."""
    name, text = bodies.file(bodies.decode(flask.request.get_data()))
    try:
        return rollout_file.read(text, name)
    except ConfigurationError as error:
        raise OperationError(Complaint.INVALID, str(error)) from error


def _object(answer: object) -> Answer:
    found: Answer = plain(answer)
    return found

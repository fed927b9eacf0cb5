# SPDX-License-Identifier: Apache-2.0
"""What each route of the HTTP API takes, answers and refuses: the one table of them."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ephyrad.api.openapi import requests
from ephyrad.api.openapi.schemas import Schema
from ephyrad.engine import answers, environment_answers, reclaim_answers
from ephyrad.engine.answers import HealthAnswer, HistoryAnswer, NodeAnswer, StrayAnswer
from ephyrad.engine.environment.standing import Todo
from ephyrad.engine.preflight_answers import FindingAnswer, PreflightAnswer
from ephyrad.engine.report_answers import ReportAnswer
from ephyrad.engine.rollout_answers import (
    ChangeAnswer,
    GateAnswer,
    PlanAnswer,
    RolloutAnswer,
    RolloutEntryAnswer,
)
from ephyrad.environment import problems
from ephyrad.environment.kinds import Kind
from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import CloudName
from ephyrad.migration.findings import Weight, Where
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause
from ephyrad.reclaim import fate
from ephyrad.rollout.entries import PauseCause
from ephyrad.rollout.rollout import Status
from ephyrad.rollout.verdict import Result

WORDS: Mapping[tuple[type, str], type[enum.StrEnum]] = {
    (NodeAnswer, "direction"): Direction,
    (NodeAnswer, "state"): State,
    (NodeAnswer, "cause"): Cause,
    (answers.CloudAnswer, "cloud"): CloudName,
    (environment_answers.ItemAnswer, "kind"): Kind,
    (environment_answers.ItemAnswer, "todo"): Todo,
    (environment_answers.ItemAnswer, "cause"): problems.Cause,
    (environment_answers.KindAnswer, "kind"): Kind,
    (environment_answers.ProblemAnswer, "kind"): Kind,
    (environment_answers.ProblemAnswer, "cause"): problems.Cause,
    (environment_answers.DifferenceAnswer, "kind"): Kind,
    (FindingAnswer, "weight"): Weight,
    (FindingAnswer, "where"): Where,
    (reclaim_answers.NamedAnswer, "kind"): fate.Kind,
    (reclaim_answers.NamedAnswer, "fate"): fate.Fate,
    (RolloutAnswer, "status"): Status,
    (RolloutAnswer, "cause"): PauseCause,
    (RolloutAnswer, "direction"): Direction,
    (GateAnswer, "result"): Result,
}
"""What can stand in a field that is a text."""


@dataclass(frozen=True, slots=True)
class Route:
    """What a route does, in one sentence; what it answers: a type, or names with their types.

    `also` has other statuses that are answered the same way. `body` is None where there is none,
    `query` has parameters beside those of the path. `refuses` has the statuses of its own refusals,
    beside those of any route.
    """

    says: str
    answers: Any
    body: Schema | None = None
    query: tuple[Schema, ...] = ()
    refuses: tuple[int, ...] = ()
    also: tuple[int, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the query's parameters."""
        return tuple(each["name"] for each in self.query if each["in"] == "query")


_LOST = (404,)
_ORDERS = (404, 409)
_ITEMS = (requests.KINDS, requests.NAMES)


def _order(says: str, body: Schema = requests.NOTHING, answer: Any = NodeAnswer) -> Route:
    return Route(says, answer, body, refuses=_ORDERS)


_DOCUMENT = {
    "openapi": str,
    "info": Mapping[str, Any],
    "servers": Sequence[Mapping[str, Any]],
    "security": Sequence[Mapping[str, Any]],
    "paths": Mapping[str, Any],
    "components": Mapping[str, Any],
}
_WATCHING = {
    "GET /healthcheck": Route("Tells that requests are served.", {"version": str}),
    "GET /healthcheck/live": Route(
        "Tells whether all of the daemon's threads go on.", HealthAnswer, also=(503,)
    ),
    "GET /healthcheck/ready": Route(
        "Tells whether the daemon can do its work.", HealthAnswer, also=(503,)
    ),
    "GET /metrics": Route("Gives all metrics in Prometheus' text format.", bytes),
    "GET /v1/openapi.json": Route("Gives this document.", _DOCUMENT),
    "GET /v1/status": Route("Tells counts, and how the clouds are heard.", answers.StatusAnswer),
}
_NODES = {
    "GET /v1/nodes": Route(
        "Lists the nodes that were asked for, by name.",
        {"nodes": Sequence[NodeAnswer]},
        query=(requests.STATES, requests.HELD),
    ),
    "GET /v1/nodes/{node}": Route("Shows a node, by UUID or by name.", NodeAnswer, refuses=_LOST),
    "GET /v1/nodes/{node}/history": Route(
        "Lists a node's entries in the journal, oldest first.",
        {"history": Sequence[HistoryAnswer]},
        refuses=_LOST,
    ),
    "GET /v1/strays": Route(
        "Lists nodes that bear ephyrad's mark and are not in its journal.",
        {"strays": Sequence[StrayAnswer]},
    ),
    "GET /v1/preflight": Route(
        "Looks at all that may stand in the way, and changes nothing.",
        PreflightAnswer,
        query=(requests.CHOSEN, requests.BMC),
        refuses=_ORDERS,
    ),
    "POST /v1/migrations": _order(
        "Asks for nodes to be carried to the new cloud.", requests.WANTED, answers.MigrateAnswer
    ),
    "POST /v1/returns": _order(
        "Asks for nodes to be carried back.", requests.NODES, answers.MigrateAnswer
    ),
    "POST /v1/nodes/{node}/return": _order("Asks for a node to be carried back."),
    "POST /v1/nodes/{node}/hold": _order(
        "Stops the work on a node until it is released.", requests.REASON
    ),
    "POST /v1/nodes/{node}/release": _order("Lifts the hold of a node."),
    "POST /v1/nodes/{node}/abort": _order("Has a node go back to the old cloud as it was."),
    "POST /v1/key/rotate": _order(
        "Encrypts every document in the journal with a new key.", answer=answers.KeyAnswer
    ),
}
_ENVIRONMENT = {
    "GET /v1/environment": Route(
        "Tells how the clouds' environments stand.", environment_answers.EnvironmentAnswer
    ),
    "GET /v1/environment/plan": Route(
        "Compares both clouds, and tells what would be done.",
        {"items": Sequence[environment_answers.ItemAnswer]},
        query=_ITEMS,
        refuses=_LOST,
    ),
    "GET /v1/environment/diff": Route(
        "Compares both clouds, and tells what differs.",
        {"differences": Sequence[environment_answers.DifferenceAnswer]},
        query=_ITEMS,
        refuses=_LOST,
    ),
    "POST /v1/environment/sync": _order(
        "Compares both clouds, and has done what is to be done.",
        requests.ITEMS,
        environment_answers.SyncAnswer,
    ),
}
_ROLLOUTS = {
    "GET /v1/rollouts": Route(
        "Lists all rollouts, the newest first.", {"rollouts": Sequence[RolloutAnswer]}
    ),
    "GET /v1/rollouts/{name}": Route("Shows a rollout.", RolloutAnswer, refuses=_LOST),
    "GET /v1/rollouts/{name}/history": Route(
        "Lists what happened to a rollout, oldest first.",
        {"history": Sequence[RolloutEntryAnswer]},
        refuses=_LOST,
    ),
    "POST /v1/rollouts/plan": _order(
        "Tells what would become of a rollout.", requests.FILE, PlanAnswer
    ),
    "POST /v1/rollouts": _order("Starts a rollout.", requests.FILE, RolloutAnswer),
    "POST /v1/rollouts/changes": _order(
        "Tells what a changed file changes.", requests.FILE, {"changes": Sequence[ChangeAnswer]}
    ),
    "POST /v1/rollouts/apply": _order("Changes a rollout.", requests.FILE, RolloutAnswer),
    "POST /v1/rollouts/{name}/pause": _order(
        "Has it begin nothing new.", requests.REASON, RolloutAnswer
    ),
    "POST /v1/rollouts/{name}/resume": _order("Lets it go on.", answer=RolloutAnswer),
    "POST /v1/rollouts/{name}/stop": _order(
        "Has it finish what is in flight, and begin nothing any more.", answer=RolloutAnswer
    ),
    "POST /v1/rollouts/{name}/reverse": _order(
        "Starts a rollout by which its nodes go back.", answer=RolloutAnswer
    ),
    "POST /v1/rollouts/{name}/approve": _order(
        "Lets it go on after the wave that is over.", answer=RolloutAnswer
    ),
    "GET /v1/report": Route(
        "Tells a campaign in figures, and what is left.",
        ReportAnswer,
        query=(requests.ROLLOUT,),
        refuses=_LOST,
    ),
}
_RECLAIM = {
    "POST /v1/reclaim": Route(
        "Takes a message of CI.",
        reclaim_answers.ReclaimAnswer | reclaim_answers.IgnoredAnswer,
        {"anyOf": [requests.PLAIN, requests.CLOUD_EVENT, requests.JENKINS]},
        query=(requests.SIGNED,),
        refuses=(401,),
    ),
    "GET /v1/reclaim": Route(
        "Lists the messages that were taken last.",
        {
            "messages": Sequence[reclaim_answers.ReclaimAnswer],
            "refused": reclaim_answers.RefusedAnswer,
        },
        query=(requests.LIMIT,),
    ),
}

ROUTES: Mapping[str, Route] = {**_WATCHING, **_NODES, **_ENVIRONMENT, **_ROLLOUTS, **_RECLAIM}
"""By method and path, as OpenAPI writes it."""

# SPDX-License-Identifier: Apache-2.0
"""Who asks, and what they may do."""

import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, cast

import flask

from ephyrad.api.policies import OPEN, ROLES, Route, rules_by_route
from ephyrad.engine.answers import Complaint, OperationError

ENVIRON = "ephyrad.caller"
"""Where a server that knows who asks puts the caller. No header of HTTP can get there."""

_EXTENSION = "ephyrad.policy"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: a name for the journal, and roles.

    `local`: the user at the other end of the unix socket, who may do everything. `claims` are what
    else Keystone said (`user_id`, `project_id`, `system_scope` ...), for the rules of a policy.
    """

    name: str
    roles: frozenset[str]
    local: bool = False
    claims: Mapping[str, str] = field(default_factory=dict)


class Policy(Protocol):
    """Decides by rules; see :class:`ephyrad.conf.policy.OsloPolicy`."""

    def allows(self, rule: str, caller: Caller) -> bool: ...

    def takes(self, rule: str) -> str:
        """Return in words what somebody needs for the rule: "the role operator"."""
        ...


def guard(app: flask.Flask, policy: Policy) -> None:
    """Have each route of `app` demand its rule before anything of the request is read."""
    app.extensions[_EXTENSION] = policy
    rules = rules_by_route()

    def demand_the_rule() -> None:
        request = flask.request
        # What is nowhere, or has other methods, is told so.
        if request.url_rule is None:
            return
        route = route_of(request.method, request.url_rule.rule)
        if route not in OPEN:
            demand(rules.get(route, "ephyrad:unknown"))

    app.before_request(demand_the_rule)


def route_of(method: str, rule: str) -> Route:
    """Return Flask's rule "/v1/nodes/<node>" as the policy has it; HEAD is a GET."""
    path = rule.replace("<path:", "{").replace("<", "{").replace(">", "}")
    return "GET" if method == "HEAD" else method, path


def caller() -> Caller:
    """Return who sent the request that is being served."""
    environ = flask.request.environ
    if ENVIRON in environ:
        return cast("Caller", environ[ENVIRON])
    return Caller(_local_user(int(environ["X_REMOTE_UID"])), frozenset(ROLES), local=True)


def may(rule: str) -> bool:
    """Return whether the caller may do what a rule is for, as `ephyrad:node:hold`."""
    policy: Policy = flask.current_app.extensions[_EXTENSION]
    asks = caller()
    return asks.local or policy.allows(rule, asks)


def demand(rule: str) -> None:
    """Expect that the caller may do what the rule is for.

    :raises OperationError: they may not.
    """
    if not may(rule):
        policy: Policy = flask.current_app.extensions[_EXTENSION]
        raise OperationError(
            Complaint.FORBIDDEN,
            f"{caller().name} may not do this: {rule} takes {policy.takes(rule)}; ask an"
            " administrator of the cloud for it",
        )


def asker() -> str:
    """Return the caller's name, for the journal."""
    return caller().name


def _local_user(uid: int) -> str:
    """Return the user at the other end of the socket, as the kernel knows it."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"

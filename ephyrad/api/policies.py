# SPDX-License-Identifier: Apache-2.0
"""Who may do what over the API: every route and the rule that it demands, as oslo.policy has them.

Three roles, each with what the one before may do: a reader sees everything; an operator steers the
work that was decided on; an admin decides on it, and on what cannot be taken back. A route that
stands neither here nor in `OPEN` is refused to everybody.
"""

from collections.abc import Mapping

from oslo_policy import policy

READER, OPERATOR, ADMIN = ROLES = ("reader", "operator", "admin")

Route = tuple[str, str]
"""A method, and a path as oslo.policy and the reference write it: "/v1/nodes/{node}"."""

OPEN: frozenset[Route] = frozenset(
    {
        ("GET", "/healthcheck/live"),
        ("GET", "/healthcheck/ready"),
        # A message of CI proves by itself whose it is.
        ("POST", "/v1/reclaim"),
        # Where the page is, and what is the same for everybody: its styles, its script.
        ("GET", "/"),
        ("GET", "/ui/static/{name}"),
        ("GET", "/ui/{anything}"),
    }
)
"""What demands no rule."""

_BASE = (
    (
        ADMIN,
        "role:admin",
        "Who decides on rollouts, and on what cannot be taken back: whoever administers the cloud.",
    ),
    (
        OPERATOR,
        "rule:admin or ((role:operator or role:member) and system_scope:all)",
        "Who steers the work: a member of the system, as in Ironic.",
    ),
    (
        READER,
        "rule:operator or (role:reader and system_scope:all)",
        "Who sees everything: a reader of the system, as in Ironic.",
    ),
)

# The rule after "ephyrad:", the role that it takes, what it lets one do, the routes.
_RULES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("version:get", READER, "See the daemon's version", ("GET /healthcheck",)),
    ("api:describe", READER, "Read what the API has", ("GET /v1/openapi.json",)),
    ("metrics:get", READER, "Read the metrics", ("GET /metrics",)),
    ("status:get", READER, "See the counts", ("GET /v1/status",)),
    ("node:list", READER, "List nodes", ("GET /v1/nodes", "GET /ui/", "GET /ui/nodes")),
    ("node:get", READER, "Show a node", ("GET /v1/nodes/{node}",)),
    (
        "node:history",
        READER,
        "Show a node's history",
        ("GET /v1/nodes/{node}/history", "GET /ui/nodes/{node}"),
    ),
    ("stray:list", READER, "List strays", ("GET /v1/strays",)),
    ("report:get", READER, "Make the report", ("GET /v1/report",)),
    (
        "environment:get",
        READER,
        "See the clouds' environments, and how they differ",
        ("GET /v1/environment", "GET /v1/environment/plan", "GET /v1/environment/diff"),
    ),
    ("rollout:list", READER, "List rollouts", ("GET /v1/rollouts",)),
    ("rollout:get", READER, "Show a rollout", ("GET /v1/rollouts/{name}",)),
    ("rollout:history", READER, "Show its history", ("GET /v1/rollouts/{name}/history",)),
    (
        "rollout:plan",
        READER,
        "See what would become of a rollout, or of changes to it",
        ("POST /v1/rollouts/plan", "POST /v1/rollouts/changes"),
    ),
    ("reclaim:list", READER, "List messages of CI", ("GET /v1/reclaim",)),
    ("preflight:run", OPERATOR, "Make a preflight, which may try BMCs", ("GET /v1/preflight",)),
    ("node:migrate", OPERATOR, "Ask for nodes to be carried", ("POST /v1/migrations",)),
    (
        "node:hold",
        OPERATOR,
        "Hold a node",
        ("POST /v1/nodes/{node}/hold", "POST /ui/nodes/{node}/hold"),
    ),
    (
        "node:release",
        OPERATOR,
        "Release a held node",
        ("POST /v1/nodes/{node}/release", "POST /ui/nodes/{node}/release"),
    ),
    ("environment:sync", OPERATOR, "Carry items now", ("POST /v1/environment/sync",)),
    (
        "rollout:pause",
        OPERATOR,
        "Pause a rollout",
        ("POST /v1/rollouts/{name}/pause", "POST /ui/rollouts/{name}/pause"),
    ),
    (
        "rollout:resume",
        OPERATOR,
        "Resume a rollout",
        ("POST /v1/rollouts/{name}/resume", "POST /ui/rollouts/{name}/resume"),
    ),
    (
        "rollout:approve",
        OPERATOR,
        "Approve a wave",
        ("POST /v1/rollouts/{name}/approve", "POST /ui/rollouts/{name}/approve"),
    ),
    (
        "rollout:start",
        ADMIN,
        "Start a rollout, which may give notice to instances",
        ("POST /v1/rollouts",),
    ),
    (
        "rollout:apply",
        ADMIN,
        "Change a rollout, which may give notice to instances",
        ("POST /v1/rollouts/apply",),
    ),
    ("rollout:stop", ADMIN, "Stop a rollout for good", ("POST /v1/rollouts/{name}/stop",)),
    ("rollout:reverse", ADMIN, "Reverse a rollout", ("POST /v1/rollouts/{name}/reverse",)),
    ("node:abort", ADMIN, "Have a node go back", ("POST /v1/nodes/{node}/abort",)),
    (
        "node:return",
        ADMIN,
        "Have carried nodes go back",
        ("POST /v1/returns", "POST /v1/nodes/{node}/return"),
    ),
    ("key:rotate", ADMIN, "Encrypt the journal anew", ("POST /v1/key/rotate",)),
)


def list_rules() -> list[policy.RuleDefault]:
    """Return the defaults, as the entry point `oslo.policy.policies` wants them."""
    base = [policy.RuleDefault(name, check, description) for name, check, description in _BASE]
    rules = [
        policy.DocumentedRuleDefault(
            f"ephyrad:{name}",
            f"rule:{role}",
            f"{words}.",
            [{"method": method, "path": path} for method, path in map(_route, routes)],
        )
        for name, role, words, routes in _RULES
    ]
    return [*base, *rules]


def rules_by_route() -> Mapping[Route, str]:
    """Return the rule that each route demands."""
    return {_route(route): f"ephyrad:{name}" for name, _, _, routes in _RULES for route in routes}


def _route(text: str) -> Route:
    method, _, path = text.partition(" ")
    return method, path

# SPDX-License-Identifier: Apache-2.0
"""Who may do what: three roles, each with what the one before may do."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from ephyrad.api.app import create_app
from ephyrad.api.caller import ENVIRON, Caller
from tests.fakes.operations import FakeOperations
from tests.unit.api.asking import error

SYSTEM = {"system_scope": "all"}
READS = ["GET /v1/nodes", "GET /v1/rollouts/r", "POST /v1/rollouts/plan", "GET /metrics"]
STEERS = ["POST /v1/nodes/rack1/hold", "GET /v1/preflight", "POST /v1/rollouts/r/approve"]
DECIDES = ["POST /v1/rollouts", "POST /v1/nodes/rack1/abort", "POST /v1/key/rotate"]


@pytest.fixture
def client() -> FlaskClient:
    operations = FakeOperations(rack1="0a1b", rack2="0c2d")
    operations.migrate(["rack1"], by="ci")
    return create_app(operations, max_body=1000).test_client()


def asked(client: FlaskClient, caller: Caller, request_line: str, body: Any = None) -> int:
    method, target = request_line.split()
    answer = client.open(target, method=method, json=body, environ_overrides={ENVIRON: caller})
    return answer.status_code


@pytest.mark.parametrize(
    ("caller", "may"),
    [
        (Caller("nobody", frozenset(), claims=SYSTEM), []),
        (Caller("tenant", frozenset({"reader", "member", "manager"})), []),
        (Caller("r", frozenset({"reader"}), claims=SYSTEM), READS),
        (Caller("o", frozenset({"operator"}), claims=SYSTEM), READS + STEERS),
        (Caller("m", frozenset({"member", "reader"}), claims=SYSTEM), READS + STEERS),
        (Caller("a", frozenset({"admin"}), claims=SYSTEM), READS + STEERS + DECIDES),
        (Caller("project's", frozenset({"admin"})), READS + STEERS + DECIDES),
        (Caller("local", frozenset(), local=True), READS + STEERS + DECIDES),
    ],
    ids=lambda value: value.name if isinstance(value, Caller) else "",
)
def test_each_role_may_what_it_is_for(client: FlaskClient, caller: Caller, may: list[str]) -> None:
    every = READS + STEERS + DECIDES

    assert [line for line in every if asked(client, caller, line) != 403] == may


def test_a_refusal_names_user_rule_and_role_and_changes_nothing(client: FlaskClient) -> None:
    reader = Caller("ann@demo", frozenset({"reader"}), claims=SYSTEM)

    answer = client.post(
        "/v1/nodes/rack1/hold", json={"reason": "fan"}, environ_overrides={ENVIRON: reader}
    )

    assert answer.json == error(
        "forbidden",
        "ann@demo may not do this: ephyrad:node:hold takes the role operator; ask an administrator"
        " of the cloud for it",
    )
    shown = client.get("/v1/nodes/rack1", environ_overrides={ENVIRON: reader})
    assert shown.json
    assert shown.json["held"] is False


def test_what_is_asked_is_journaled_with_the_callers_name(client: FlaskClient) -> None:
    ops = {ENVIRON: Caller("bob@ops", frozenset({"operator"}), claims=SYSTEM)}

    client.post("/v1/migrations", json={"nodes": ["rack2"]}, environ_overrides=ops)

    shown = client.get("/v1/nodes/rack2", environ_overrides=ops)
    assert shown.json
    assert shown.json["asked_by"] == "bob@ops"


def test_a_head_is_a_get_and_nothing_answers_options(client: FlaskClient) -> None:
    nobody = Caller("nobody", frozenset())

    assert asked(client, nobody, "HEAD /v1/nodes") == 403
    assert asked(client, nobody, "OPTIONS /v1/nodes") == 405

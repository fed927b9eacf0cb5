# SPDX-License-Identifier: Apache-2.0
import os
import pwd
from dataclasses import replace
from pathlib import Path

import pytest

import ephyrad
from tests.fakes.operations import FakeOperations
from tests.unit.api.asking import Answer, ask

ME = pwd.getpwuid(os.getuid()).pw_name

RACK1 = {
    "node": "0a1b",
    "name": "rack1",
    "direction": "forward",
    "state": "active",
    "since": "2026-01-02T03:04:05.678Z",
    "in_flight": False,
    "held": False,
    "cause": None,
    "doing": "waits for its instance to be deleted",
    "deadline": "2026-01-16T03:04:05.678Z",
    "asked_at": "2026-01-02T03:04:05.678Z",
    "asked_by": ME,
    "rewritten": [],
    "notice": None,
    "aborted": False,
}


def test_nodes_are_taken_on_in_the_name_of_who_asks(path: Path) -> None:
    first = ask(path, "POST", "/v1/migrations", '{"nodes": ["rack1"]}')
    second = ask(path, "POST", "/v1/migrations", '{"nodes": ["0c2d", "rack1"]}')

    assert first == Answer(200, {"accepted": [RACK1], "already": []})
    assert [node["name"] for node in second.body["accepted"]] == ["rack2"]
    assert second.body["already"] == [RACK1]


def test_all_nodes_are_taken_on_where_that_is_said(path: Path) -> None:
    answer = ask(path, "POST", "/v1/migrations", '{"all": true}')

    assert [node["name"] for node in answer.body["accepted"]] == ["rack1", "rack2"]


def test_nodes_are_returned_one_or_several(path: Path, operations: FakeOperations) -> None:
    operations.migrate(["rack1", "rack2"], by="ci")
    for uuid in ("0a1b", "0c2d"):
        operations.put(replace(operations.node(uuid), state="compute-ready"))

    one = ask(path, "POST", "/v1/nodes/rack1/return")
    both = ask(path, "POST", "/v1/returns", '{"nodes": ["rack1", "rack2"]}')

    assert (one.status, one.body["direction"], one.body["asked_by"]) == (200, "back", ME)
    assert [node["name"] for node in both.body["accepted"]] == ["rack2"]
    assert [node["name"] for node in both.body["already"]] == ["rack1"]


@pytest.mark.parametrize("body", ["{}", '{"all": true}', '{"nodes": []}', '{"nodes": [7]}'])
def test_what_is_to_be_returned_is_named(path: Path, body: str) -> None:
    answer = ask(path, "POST", "/v1/returns", body)

    assert (answer.status, answer.body["error"]["code"]) == (400, "invalid")


def test_a_node_is_found_by_uuid_and_by_name(path: Path, operations: FakeOperations) -> None:
    operations.migrate(["rack1"], by=ME)

    assert ask(path, "GET", "/v1/nodes/rack1") == Answer(200, RACK1)
    assert ask(path, "GET", "/v1/nodes/0a1b") == Answer(200, RACK1)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["rack1", "rack2"]),
        ("?held=true", ["rack2"]),
        ("?held=false", ["rack1"]),
        ("?state=active", ["rack1", "rack2"]),
        ("?state=drained", []),
        ("?state=drained&state=active&held=true", ["rack2"]),
    ],
)
def test_nodes_are_listed_and_chosen(
    path: Path, operations: FakeOperations, query: str, names: list[str]
) -> None:
    operations.migrate_all(by=ME)
    operations.hold("rack2", reason="fan", by=ME)

    answer = ask(path, "GET", f"/v1/nodes{query}")

    assert [node["name"] for node in answer.body["nodes"]] == names


def test_a_node_is_held_and_released(path: Path, operations: FakeOperations) -> None:
    operations.migrate(["rack1"], by=ME)
    operations.pass_time(minutes=1)

    held = ask(path, "POST", "/v1/nodes/rack1/hold", '{"reason": "the fan  is\\n\\u001bbroken"}')
    released = ask(path, "POST", "/v1/nodes/rack1/release", "{}")
    history = ask(path, "GET", "/v1/nodes/rack1/history")

    assert (held.body["held"], held.body["doing"]) == (True, "the fan is broken")
    assert not released.body["held"]
    assert [entry["kind"] for entry in history.body["history"]] == ["asked", "hold", "lifted"]
    assert history.body["history"][1] == {
        "seq": 2,
        "at": "2026-01-02T03:05:05.678Z",
        "kind": "hold",
        "summary": f"the fan is broken (held by {ME})",
        "body": {"reason": "the fan is broken", "by": ME},
    }


def test_a_node_is_aborted(path: Path, operations: FakeOperations) -> None:
    operations.migrate(["rack1"], by="ci")

    aborted = ask(path, "POST", "/v1/nodes/rack1/abort", "{}")

    assert (aborted.status, aborted.body["doing"]) == (200, "is on its way back")
    assert operations.history("rack1")[-1].summary == f"aborted by {ME}"


def test_a_release_needs_no_body(path: Path, operations: FakeOperations) -> None:
    operations.migrate(["rack1"], by=ME)
    operations.hold("rack1", reason="fan", by=ME)

    assert ask(path, "POST", "/v1/nodes/rack1/release").status == 200


def test_the_status_tells_counts_and_how_the_clouds_are_heard(path: Path) -> None:
    answer = ask(path, "GET", "/v1/status")

    assert answer.status == 200
    assert list(answer.body["states"]) == [
        "active",
        "drained",
        "cleaning",
        "transferred",
        "registered",
        "compute-ready",
    ]
    assert answer.body["clouds"][0] == {
        "cloud": "old",
        "bus": "listening",
        "last_notification": "2026-01-02T03:04:05.678Z",
        "notifications": 1234,
        "last_sweep": "2026-01-02T03:04:05.678Z",
        "sweep_error": None,
        "quarantine": [
            {
                "kind": "no-json",
                "reason": "it is no JSON",
                "count": 3,
                "first_at": "2026-01-02T03:04:05.678Z",
                "last_at": "2026-01-02T03:04:05.678Z",
                "message_id": None,
                "event_type": None,
                "size": 7,
                "sha256": "ab",
            }
        ],
    }


def test_the_health_check_answers_without_the_engine(
    path: Path, operations: FakeOperations
) -> None:
    operations.broken = True

    assert ask(path, "GET", "/healthcheck") == Answer(200, {"version": ephyrad.__version__})


def test_a_key_is_rotated(path: Path, operations: FakeOperations) -> None:
    operations.migrate(["rack1"], by=ME)

    assert ask(path, "POST", "/v1/key/rotate", "{}") == Answer(200, {"documents": 1})

# SPDX-License-Identifier: Apache-2.0
"""The routes for messages of CI, over the real server."""

import json
from contextlib import suppress
from pathlib import Path

import pytest

from tests.unit.api import described
from tests.unit.api.asking import Answer, UnixConnection, ask, error
from tests.unit.api.conftest import MAX_BODY
from tests.unit.reclaim.samples import AS_JSON, cd_event, in_binary_mode, jenkins

TOKEN = {"Authorization": "Bearer t"}
SAID = {"source": "ci", "id": "7", "nodes": ["rack1"]}
TAKEN = {
    "source": "ci",
    "id": "7",
    "label": "",
    "result": "",
    "taken_at": "2026-01-02T03:04:00.000Z",
    "named": [
        {
            "kind": "node",
            "name": "rack1",
            "node": None,
            "instance": None,
            "fate": "waits",
            "words": "its turn has not come",
            "since": "2026-01-02T03:04:00.000Z",
        }
    ],
    "again": False,
}


def post(path: Path, content: object, headers: dict[str, str]) -> Answer:
    connection = UnixConnection(path)
    try:
        body = content if isinstance(content, bytes) else json.dumps(content)
        # Who refuses a long body answers before it has read all of it.
        with suppress(BrokenPipeError):
            connection.request("POST", "/v1/reclaim", body, headers)
        response = connection.getresponse()
        answer = Answer(response.status, json.loads(response.read()))
    finally:
        connection.close()
    described.check("POST", "/v1/reclaim", answer.status, answer.body)
    return answer


def test_a_message_is_taken_and_shown(path: Path) -> None:
    assert post(path, SAID, TOKEN) == Answer(200, TAKEN)
    assert post(path, SAID, TOKEN) == Answer(200, TAKEN | {"again": True})
    refused = {"count": 0, "last_at": None, "last": ""}
    assert ask(path, "GET", "/v1/reclaim") == Answer(200, {"messages": [TAKEN], "refused": refused})


def test_headers_reach_the_reader_whatever_their_case(path: Path) -> None:
    headers, content = in_binary_mode(cd_event(nodes=["rack1"]))

    answer = post(path, content, {name.title(): each for name, each in headers.items()} | TOKEN)

    assert (answer.status, answer.body["label"]) == (200, "gpu-nightly")


def test_what_is_of_no_use_is_said(path: Path) -> None:
    answer = post(path, jenkins("STARTED"), AS_JSON | TOKEN)

    words = "the build is STARTED: nodes are empty when it is FINALIZED"
    assert answer == Answer(200, {"ignored": words})


def test_who_is_not_believed_is_told_so_and_shown(path: Path) -> None:
    assert post(path, SAID, {}) == Answer(
        401, error("unauthorized", "it has no token; nothing was done")
    )
    shown = ask(path, "GET", "/v1/reclaim").body
    assert shown["messages"] == []
    assert (shown["refused"]["count"], shown["refused"]["last"]) == (1, "it has no token")


def test_what_is_wrong_or_huge_is_refused(path: Path) -> None:
    assert post(path, b"{", TOKEN).status == 400
    assert post(path, b" " * (MAX_BODY + 1), TOKEN).status == 413


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "x", "", "99999999999999999999"])
def test_a_wrong_limit(path: Path, limit: str) -> None:
    answer = ask(path, "GET", f"/v1/reclaim?limit={limit}")

    words = f"limit={limit}: it is a number from 1 to 1000"
    assert answer == Answer(400, error("invalid", words))

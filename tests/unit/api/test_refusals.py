# SPDX-License-Identifier: Apache-2.0
"""What is asked wrongly or cannot be done: the status, the code, and the one line that says so."""

import logging
import socket
from pathlib import Path

import pytest

from tests.fakes.operations import FakeOperations
from tests.unit.api.asking import Answer, ask, error
from tests.unit.api.conftest import MAX_BODY

MIGRATE = "POST /v1/migrations"
HOLD = "POST /v1/nodes/rack1/hold"
RELEASE = "POST /v1/nodes/rack1/release"

IDENT = "must be a UUID or a name of 1 to 255 characters"
LIST = '"nodes" must be a list of one or more UUIDs or names'
ONE_OF = 'the body needs "nodes", "all" or "strays": one of them'
REASON = '"reason" must be a text of 1 to 1000 characters'
UNKNOWN = "the body has an unknown field"

INVALID = [
    (MIGRATE, "", "the body is no JSON: Expecting value: line 1 column 1 (char 0)"),
    (MIGRATE, "[" * 150_000, "the body is nested too deeply"),
    (MIGRATE, "[]", "the body must be a JSON object"),
    (MIGRATE, "{}", ONE_OF),
    (MIGRATE, '{"nodes": ["rack1"], "all": true}', ONE_OF),
    (MIGRATE, '{"all": false}', '"all" can only be true; to name nodes use "nodes"'),
    (MIGRATE, '{"nodes": []}', LIST),
    (MIGRATE, '{"nodes": "rack1"}', LIST),
    (MIGRATE, '{"nodes": ["rack1", 7]}', f'"nodes"[1] {IDENT}'),
    (MIGRATE, '{"nodes": [" "]}', f'"nodes"[0] {IDENT}'),
    (MIGRATE, f'{{"nodes": ["{"x" * 256}"]}}', f'"nodes"[0] {IDENT}'),
    (MIGRATE, '{"node": ["a"]}', f'{UNKNOWN} "node"; it may have "nodes" or "all" or "strays"'),
    (HOLD, "{}", REASON),
    (HOLD, '{"reason": ""}', REASON),
    (HOLD, '{"reason": 5}', REASON),
    (HOLD, f'{{"reason": "{"x" * 1001}"}}', REASON),
    (HOLD, '{"reason": "fan", "why": "x"}', f'{UNKNOWN} "why"; it may have "reason"'),
    (RELEASE, '{"force": true}', f'{UNKNOWN} "force"; it may have nothing'),
    (
        "GET /v1/nodes?color=red",
        None,
        "unknown query parameter 'color'; there are state and held",
    ),
    ("GET /v1/nodes?held=maybe", None, "held=maybe: it is true or false"),
    (
        "GET /v1/nodes?state=gone",
        None,
        ("state=gone: it is active, drained, cleaning, transferred, registered or compute-ready"),
    ),
]

IMPOSSIBLE = [
    (
        f'{MIGRATE} {{"nodes":["rack9"]}}',
        Answer(404, error("not-found", "the old cloud shows no node rack9: check the name")),
    ),
    (
        RELEASE,
        Answer(409, error("conflict", "node rack1 is not held")),
    ),
    (
        "GET /v1/nodes/rack9",
        Answer(404, error("not-found", "nobody asked to migrate node rack9")),
    ),
    (
        "GET /v1/nodes/rack9/history",
        Answer(404, error("not-found", "nobody asked to migrate node rack9")),
    ),
    (
        "GET /v2/status",
        Answer(404, error("not-found", "there is nothing at /v2/status; see the API reference")),
    ),
    (
        "DELETE /v1/nodes/rack1",
        Answer(
            405,
            error(
                "method-not-allowed",
                "/v1/nodes/rack1 does not take DELETE; see the API reference",
            ),
        ),
    ),
    (
        f"{MIGRATE} {'x' * (MAX_BODY + 1)}",
        Answer(
            413,
            error(
                "too-large",
                f"the body has more than {MAX_BODY} bytes; send several smaller requests",
            ),
        ),
    ),
]


@pytest.mark.parametrize(("request_line", "content", "message"), INVALID)
def test_what_is_not_understood_is_named_and_changes_nothing(
    path: Path, operations: FakeOperations, request_line: str, content: str | None, message: str
) -> None:
    operations.migrate(["rack1"], by="somebody")
    before = operations.nodes()
    method, target = request_line.split()

    answer = ask(path, method, target, content)

    assert answer == Answer(400, error("invalid", message))
    assert operations.nodes() == before


@pytest.mark.parametrize(("words", "expected"), IMPOSSIBLE)
def test_what_cannot_be_done_is_named_and_changes_nothing(
    path: Path, operations: FakeOperations, words: str, expected: Answer
) -> None:
    operations.migrate(["rack1"], by="somebody")
    before = operations.nodes()

    answer = ask(path, *words.split())

    assert answer == expected
    assert operations.nodes() == before


def test_a_cloud_that_cannot_be_asked_is_told(path: Path, operations: FakeOperations) -> None:
    operations.down = True

    answer = ask(path, "POST", "/v1/migrations", '{"all": true}')

    assert answer.status == 503
    assert answer.body["error"]["code"] == "unavailable"


def test_a_mistake_of_ours_is_logged_and_not_shown(
    path: Path, operations: FakeOperations, caplog: pytest.LogCaptureFixture
) -> None:
    operations.broken = True

    answer = ask(path, "GET", "/v1/status")

    assert answer.status == 500
    assert answer.body == error("internal", "ephyrad made a mistake; its log has the details")
    assert [(r.levelno, r.getMessage()) for r in caplog.records if r.exc_info] == [
        (logging.ERROR, "API: GET /v1/status failed")
    ]


def test_a_body_in_chunks_is_no_way_round_the_limit(path: Path) -> None:
    head = b"POST /v1/migrations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        line.connect(str(path))
        # At once: it answers and hangs up without having read the body.
        line.sendall(head + b"2\r\n{}\r\n2\r\n{}\r\n0\r\n\r\n")

        answer = line.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 411 ")
    assert b"send it whole" in answer


def test_headers_without_an_end_are_refused(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        line.connect(str(path))
        line.sendall(b"GET /v1/status HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n")

        assert b" 413 " in line.recv(1000)


def test_what_is_no_http_does_no_harm(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        line.connect(str(path))
        line.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        line.recv(1000)

    assert ask(path, "GET", "/healthcheck").status == 200

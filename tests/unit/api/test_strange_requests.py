# SPDX-License-Identifier: Apache-2.0
"""What no well-meaning client sends: each is refused in one line, and nothing breaks."""

from contextlib import suppress
from pathlib import Path

import pytest

from tests.fakes.operations import FakeOperations
from tests.unit.api.asking import Answer, UnixConnection, ask, error

MIGRATE = "/v1/migrations"
DIGITS = "9" * 5000
NAMES = '"nodes"[0] must be a UUID or a name of 1 to 255 characters'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"nodes": ["\xff"]}', "the body is no JSON: 'utf-8' codec can't decode byte 0xff"),
        (b"\x00", "the body is no JSON: "),
        (b"\xff\xfe\x00", "the body is no JSON: "),
        (f'{{"nodes": [{DIGITS}]}}', "the body is no JSON: Exceeds the limit"),
        (f'{{"nodes": [{DIGITS[:4000]}]}}', NAMES),
        ('{"nodes": [1e400]}', NAMES),
        ('{"nodes": [NaN]}', NAMES),
        ('{"nodes": ["rack1"], "nodes": ["rack2"]}', 'the body has the field "nodes" twice'),
        ('{"nodes": [{"a": 1, "b": 2, "a": 3}]}', 'the body has the field "a" twice'),
        ('{"all":' * 20_000, "the body is nested too deeply"),
        ('{"nodes": ' + "[" * 150_000, "the body is nested too deeply"),
        ('{"a\\u0000\\ud800": 1}', 'the body has an unknown field "a\\u0000\\ud800"; '),
    ],
)
def test_a_body_is_refused(
    path: Path, operations: FakeOperations, content: str | bytes, words: str
) -> None:
    answer = ask(path, "POST", MIGRATE, content)

    assert (answer.status, answer.body["error"]["code"]) == (400, "invalid")
    assert answer.body["error"]["message"].startswith(words)
    assert operations.nodes() == []


@pytest.mark.parametrize("name", ["\\u0000", "\\ud800", "rack1\\u0000", "../rack1", "\\u202erack1"])
def test_a_name_that_is_no_nodes_is_found_nowhere(path: Path, name: str) -> None:
    assert ask(path, "POST", MIGRATE, f'{{"nodes": ["{name}"]}}').status == 404


@pytest.mark.parametrize("name", ["%00", "%ff", "%ed%a0%80", "%", "%2e%2e", "x" * 5000])
def test_a_path_that_is_no_nodes_is_found_nowhere(path: Path, name: str) -> None:
    assert ask(path, "GET", f"/v1/nodes/{name}").status == 404


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/v1/status?x=1", "unknown query parameter 'x'; there is none"),
        ("/v1/reclaim?limit=1&lim=2", "unknown query parameter 'lim'; there is limit"),
        ("/v1/nodes?State=held", "unknown query parameter 'State'; there are state and held"),
        ("/v1/nodes?%ff%00=1", "unknown query parameter '%FF\\x00'; there"),
        ("/v1/nodes?state=%00", "state=\x00: it is "),
    ],
)
def test_a_query_is_refused(path: Path, target: str, words: str) -> None:
    answer = ask(path, "GET", target)

    assert (answer.status, answer.body["error"]["code"]) == (400, "invalid")
    assert answer.body["error"]["message"].startswith(words)


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "x"]
)
def test_a_body_that_is_said_to_be_something_else_is_not_read(
    path: Path, operations: FakeOperations, media: str
) -> None:
    answer = _typed(path, media)

    words = f"a body of type {media} is not taken; send application/json"
    assert answer == Answer(415, error("not-json", words))
    assert operations.nodes() == []


@pytest.mark.parametrize(
    "media", ["application/json", "Application/JSON; charset=UTF-8", "application/x+json", ""]
)
def test_a_body_of_json_is_read(path: Path, media: str) -> None:
    assert _typed(path, media).status == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "BREW"])
@pytest.mark.parametrize("target", ["/healthcheck", "/v1/status", "/v1/nodes/rack1/hold"])
def test_a_method_that_a_route_does_not_have_is_refused(
    path: Path, method: str, target: str
) -> None:
    answer = ask(path, method, target)

    words = f"{target} does not take {method}; see the API reference"
    assert answer == Answer(405, error("method-not-allowed", words))


@pytest.mark.parametrize("target", ["/healthcheck", "/v1/nodes", "/v1/nodes/unknown"])
def test_a_head_is_the_answer_without_its_body(path: Path, target: str) -> None:
    whole, head = _raw(path, "GET", target), _raw(path, "HEAD", target)

    assert head == (whole[0], b"")


def test_options_break_nothing(path: Path) -> None:
    status, _ = _raw(path, "OPTIONS", "/v1/nodes")

    assert status in {200, 405}
    assert ask(path, "GET", "/healthcheck").status == 200


def _typed(path: Path, media: str) -> Answer:
    headers = {"Content-Type": media} if media else {}
    return ask(path, "POST", MIGRATE, '{"nodes": ["rack1"]}', headers=headers)


def _raw(path: Path, method: str, target: str) -> tuple[int, bytes]:
    connection = UnixConnection(path)
    with suppress(BrokenPipeError):
        connection.request(method, target)
    response = connection.getresponse()
    found = response.status, response.read()
    connection.close()
    return found

# SPDX-License-Identifier: Apache-2.0
"""A page of another site changes nothing by way of somebody's browser, least of all locally."""

from pathlib import Path

import pytest

from ephyrad.api.server import ApiServer
from ephyrad.api.settings import ApiSettings
from tests.fakes.operations import FakeOperations
from tests.unit.api.asking import ask, error

REFUSED = error("forbidden", "a page of another site may not ask this: open ephyrad's own address")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "null"},
    ],
)
def test_a_page_of_another_site_has_nothing_done_over_the_socket(
    path: Path, operations: FakeOperations, headers: dict[str, str]
) -> None:
    """As `ssh -L` opens it to a browser, a body without a type takes no leave to be sent."""
    for target, body in [("/v1/migrations", b'{"all": true}'), ("/v1/key/rotate", b"")]:
        answer = ask(path, "POST", target, body, headers=headers)

        assert (answer.status, answer.body) == (403, REFUSED)
    assert operations.nodes() == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://proxy.example"},
        {"Origin": "http://localhost"},
    ],
)
def test_a_command_and_a_page_of_ours_are_served(path: Path, headers: dict[str, str]) -> None:
    answer = ask(path, "POST", "/v1/migrations", b'{"all": true}', headers=headers)

    assert answer.status == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *[(host, 200) for host in ("localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080")],
        *[(host, 200) for host in ("ephyrad", "x.localhost", "ephyrad.example", "")],
        *[(host, 403) for host in ("evil.example:8080", "127.0.0.1.evil.example", "192.0.2.1")],
        *[(host, 403) for host in ("localhost.", "[::", "[2001:db8::1]", "a@evil.example")],
    ],
)
def test_over_the_socket_only_this_machine_is_asked_for(
    tmp_path: Path, operations: FakeOperations, host: str, status: int
) -> None:
    """A site whose name has this machine's address by now would be of one origin with our page."""
    path = tmp_path / "named"
    server = ApiServer(ApiSettings(path, names=frozenset({"ephyrad.example"})), operations)
    server.start()

    answer = ask(path, "GET", "/v1/nodes", headers={"Host": host})

    server.stop()
    assert answer.status == status
    if status == 403:
        assert answer.body["error"]["message"] == (
            f"Host is {host!r}, and the socket answers for localhost: name the proxy in"
            " socket_names of [api], or ask http://localhost"
        )


def test_to_look_is_harmless(path: Path) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}

    assert ask(path, "GET", "/v1/nodes", headers=headers).status == 200

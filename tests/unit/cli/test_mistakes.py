# SPDX-License-Identifier: Apache-2.0
"""What is typed wrongly or cannot be done: the one line that says so, and the exit status."""

import json
import socket
import threading
from pathlib import Path

import pytest

from ephyrad.cli.command import Show
from ephyrad.cli.errors import ExitStatus
from ephyrad.cli.node import ShowNode
from ephyrad.cli.status import Status
from ephyrad.cli.steer import Abort, Hold, Release
from tests.fakes.operations import FakeOperations
from tests.unit.cli.conftest import Result, Run

CHOOSE = "ephyra migrate: name one or more nodes, or say --all or --strays: one of them"
NODE = "the following arguments are required: NODE"

USAGE = [
    ("", "ephyra: a command is missing; see `ephyra --help`"),
    ("statsu", "ephyra: there is no command 'statsu'; see `ephyra --help`"),
    ("node", "ephyra: there is no command 'node'; see `ephyra --help`"),
    ("node lst x", "ephyra: there is no command 'node lst x'; see `ephyra --help`"),
    ("--socket", "ephyra: argument --socket: expected one argument; see `ephyra --help`"),
    (
        "migrate",
        f"{CHOOSE}; see `ephyra migrate --help`",
    ),
    (
        "migrate rack1 --all",
        f"{CHOOSE}; see `ephyra migrate --help`",
    ),
    ("hold", f"ephyra hold: {NODE}, --reason; see `ephyra hold --help`"),
    (
        "hold rack1",
        ("ephyra hold: the following arguments are required: --reason; see `ephyra hold --help`"),
    ),
    ("release", f"ephyra release: {NODE}; see `ephyra release --help`"),
    ("node abort", f"ephyra node abort: {NODE}; see `ephyra node abort --help`"),
    ("node show", f"ephyra node show: {NODE}; see `ephyra node show --help`"),
    ("node history", f"ephyra node history: {NODE}; see `ephyra node history --help`"),
    (
        "status now",
        "ephyra status: unrecognized arguments: now; see `ephyra status --help`",
    ),
]

REFUSED = [
    ("migrate rack9", "ephyra: the old cloud shows no node rack9: check the name"),
    ("node show rack9", "ephyra: nobody asked to migrate node rack9"),
    ("node history rack9", "ephyra: nobody asked to migrate node rack9"),
    ("release rack1", "ephyra: node rack1 is not held"),
    ("node abort rack9", "ephyra: nobody asked to migrate node rack9"),
    ("hold rack9 --reason fan", "ephyra: nobody asked to migrate node rack9"),
    ("hold rack1 --reason=", 'ephyra: "reason" must be a text of 1 to 1000 characters'),
]


@pytest.mark.parametrize(("words", "line"), USAGE)
def test_a_command_that_is_not_understood(ephyra: Run, words: str, line: str) -> None:
    assert ephyra(*words.split()) == Result(ExitStatus.USAGE, "", f"{line}\n")


def test_a_state_that_there_is_not(ephyra: Run) -> None:
    result = ephyra("node", "list", "--state", "gone")

    assert result.status == ExitStatus.USAGE
    assert result.err.startswith("ephyra node list: argument --state: invalid choice: 'gone'")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("option", ["-c", "--sort-column"])
def test_a_column_that_there_is_not_is_refused_before_anything_is_done(
    ephyra: Run, operations: FakeOperations, option: str
) -> None:
    result = ephyra("migrate", "rack1", option, "nam")

    assert result.status == ExitStatus.USAGE
    assert "there is no column 'nam': name one of name, node, direction" in result.err
    assert (result.err.count("\n"), operations.nodes()) == (1, [])


@pytest.mark.parametrize("command", [ShowNode, Hold, Release, Abort])
def test_each_column_of_a_held_node_can_be_named(
    ephyra: Run, operations: FakeOperations, command: type[Show]
) -> None:
    operations.migrate(["rack1"], by="ci")
    operations.hold("rack1", reason="fan", by="ci")

    shown = json.loads(ephyra("node", "show", "rack1", "-f", "json").out)

    assert list(shown) == list(command.columns)


def test_each_column_of_the_status_can_be_named(ephyra: Run) -> None:
    shown = json.loads(ephyra("status", "-f", "json").out)

    assert list(shown) == list(Status.columns)


@pytest.mark.parametrize(("words", "line"), REFUSED)
def test_what_the_daemon_refuses(
    ephyra: Run, operations: FakeOperations, words: str, line: str
) -> None:
    operations.migrate(["rack1"], by="ci")

    assert ephyra(*words.split()) == Result(ExitStatus.REFUSED, "", f"{line}\n")


def test_no_daemon(ephyra: Run, tmp_path: Path) -> None:
    path = tmp_path / "missing"

    assert ephyra("--socket", str(path), "status") == Result(
        ExitStatus.NO_DAEMON,
        "",
        f"ephyra: ephyrad is not running: nothing serves {path}; start it with"
        " `systemctl start ephyrad`, or name its socket with --socket\n",
    )


def test_a_dead_daemon(ephyra: Run, tmp_path: Path) -> None:
    path = tmp_path / "dead"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))

    result = ephyra("--socket", str(path), "status")

    assert result.status == ExitStatus.NO_DAEMON
    assert result.err.startswith(f"ephyra: ephyrad is not running: nothing serves {path};")


def answering(path: Path, content: bytes) -> threading.Thread:
    """Something else that serves the socket, once."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(10_000)
            connection.sendall(content)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


@pytest.mark.parametrize(
    "content",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n[]",
        b'HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\n\r\n{"error": 1}',
    ],
)
def test_something_else_serves_the_socket(ephyra: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    thread = answering(path, content)

    result = ephyra("--socket", str(path), "status")

    assert result.status == ExitStatus.NO_DAEMON
    assert "is not ephyrad: name its socket with --socket" in result.err
    assert result.err.count("\n") == 1
    thread.join()


@pytest.mark.parametrize("content", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\n\r\n{"])
def test_an_answer_that_breaks_off(ephyra: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    thread = answering(path, content)

    result = ephyra("--socket", str(path), "status")

    assert result.status == ExitStatus.NO_DAEMON
    assert result.err.count("\n") == 1
    thread.join()


def test_more_nodes_than_one_request_may_name(ephyra: Run) -> None:
    names = [f"rack{n}-{'x' * 200}" for n in range(6000)]

    result = ephyra("migrate", *names)

    assert result.status == ExitStatus.REFUSED
    assert result.err == (
        "ephyra: the body has more than 1048576 bytes; send several smaller requests\n"
    )

# SPDX-License-Identifier: Apache-2.0
import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from ephyrad.api.server import ApiServer, SocketTakenError
from ephyrad.api.settings import ApiSettings
from ephyrad.engine.answers import StatusAnswer
from tests.fakes.operations import FakeOperations
from tests.unit.api.asking import UnixConnection, ask


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_its_own_user_may_use_the_socket(path: Path) -> None:
    assert mode(path) == 0o600


def test_a_group_may_be_let_in(tmp_path: Path) -> None:
    path = tmp_path / "sock"
    server = ApiServer(ApiSettings(path, group=os.getgid()), FakeOperations())

    server.start()

    assert mode(path) == 0o660
    assert path.stat().st_gid == os.getgid()
    server.stop()


def test_it_starts_and_stops_and_starts_again(tmp_path: Path) -> None:
    path = tmp_path / "sock"
    for _ in range(2):
        server = ApiServer(ApiSettings(path), FakeOperations())
        server.start()
        assert ask(path, "GET", "/healthcheck").status == 200
        server.stop()
        assert not path.exists()


def test_the_socket_of_a_dead_daemon_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    server = ApiServer(ApiSettings(path), FakeOperations())

    server.start()

    assert ask(path, "GET", "/healthcheck").status == 200
    server.stop()


def test_the_socket_of_a_living_daemon_is_left_alone(path: Path) -> None:
    second = ApiServer(ApiSettings(path), FakeOperations())

    with pytest.raises(SocketTakenError) as caught:
        second.start()

    assert str(caught.value) == (
        f"another process serves {path}: stop that ephyrad, or give this one a state_dir of its own"
    )
    second.stop()
    assert ask(path, "GET", "/healthcheck").status == 200


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "sock"
    path.write_text("dear to somebody")

    with pytest.raises(SocketTakenError, match="is there and is no socket"):
        ApiServer(ApiSettings(path), FakeOperations()).start()

    assert path.read_text() == "dear to somebody"


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "sock"

    with pytest.raises(SocketTakenError, match=f"^the socket {path} cannot be made: "):
        ApiServer(ApiSettings(path), FakeOperations()).start()


def test_somebody_elses_socket_survives_our_end(tmp_path: Path) -> None:
    path = tmp_path / "sock"
    server = ApiServer(ApiSettings(path), FakeOperations())
    server.start()
    path.rename(tmp_path / "moved")
    path.write_text("")

    server.stop()

    assert path.exists()


class SlowOperations(FakeOperations):
    """Answers the status only when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.go = threading.Event()

    def status(self) -> StatusAnswer:
        self.begun.set()
        assert self.go.wait(10)
        return super().status()


def test_a_slow_answer_does_not_keep_others_waiting(tmp_path: Path) -> None:
    path = tmp_path / "sock"
    operations = SlowOperations()
    server = ApiServer(ApiSettings(path), operations)
    server.start()
    slow = UnixConnection(path)
    slow.request("GET", "/v1/status")
    assert operations.begun.wait(10)

    assert ask(path, "GET", "/v1/nodes").status == 200

    operations.go.set()
    assert slow.getresponse().status == 200
    slow.close()
    server.stop()


def test_what_was_asked_is_answered_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "sock"
    operations = SlowOperations()
    server = ApiServer(ApiSettings(path), operations)
    server.start()
    slow = UnixConnection(path)
    slow.request("GET", "/v1/status")
    assert operations.begun.wait(10)
    threading.Timer(0.2, operations.go.set).start()

    server.stop()

    assert slow.getresponse().status == 200
    slow.close()

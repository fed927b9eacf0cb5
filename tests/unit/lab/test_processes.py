# SPDX-License-Identifier: Apache-2.0
"""Real processes, as short-lived as they can be."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import procfs
from tests.lab.errors import Cancelled, LabError
from tests.lab.processes import Processes
from tests.lab.service import Service
from tests.lab.settings import Settings

SLEEPER = Service("sleeper", ("sleep", "60"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(directory=tmp_path)
    for directory in (made.run, made.log):
        directory.mkdir()
    return made


@pytest.fixture
def processes(settings: Settings) -> Iterator[Processes]:
    made = Processes(settings)
    yield made
    for name in made.names():
        made.stop(name, 0)


def _recorded(processes: Processes, name: str) -> procfs.Stat:
    found = processes.recorded(name)
    assert found is not None
    return found


def test_a_started_process_runs_until_it_is_stopped(processes: Processes) -> None:
    assert processes.start(SLEEPER)
    assert processes.running("sleeper")
    assert not processes.start(SLEEPER)

    processes.stop("sleeper")

    assert not processes.running("sleeper")
    assert processes.names() == []


def test_another_command_knows_what_this_one_started(
    settings: Settings, processes: Processes
) -> None:
    processes.start(SLEEPER)

    other = Processes(settings)

    assert other.names() == ["sleeper"]
    assert other.running("sleeper")


def test_what_a_dead_leader_left_in_its_session_is_ended(processes: Processes) -> None:
    processes.start(Service("parent", ("sh", "-c", "sleep 60 & sleep 60 & wait")))
    recorded = _recorded(processes, "parent")
    while len(processes.members("parent")) < 3:
        pass
    os.kill(recorded.pid, signal.SIGKILL)
    while processes.running("parent"):
        pass
    assert len(processes.members("parent")) == 2

    processes.stop("parent")

    assert [one for one in procfs.processes() if one.session == recorded.pid] == []


def test_a_stranger_with_a_recorded_id_is_left_alone(
    settings: Settings, processes: Processes
) -> None:
    processes.start(SLEEPER)
    pid = _recorded(processes, "sleeper").pid
    line = Path(f"/proc/{pid}/stat").read_text().split()
    line[21] = str(int(line[21]) - 1)
    (settings.run / "older.pid").write_text(" ".join(line))

    processes.stop("older", 0)

    assert processes.running("sleeper")
    assert processes.names() == ["sleeper"]


def test_one_that_ignores_term_is_killed(processes: Processes) -> None:
    processes.start(Service("deaf", ("sh", "-c", "trap '' TERM; echo ready; sleep 60; sleep 60")))
    while "ready" not in processes.log_file("deaf").read_text():
        pass

    processes.stop("deaf", 0.2)

    assert not processes.running("deaf")


def test_a_taken_port_is_named_with_its_holder(processes: Processes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        with pytest.raises(LabError, match=rf"sleeper: port {port} is taken by process"):
            processes.start(Service("sleeper", ("sleep", "60"), port=port))

    assert processes.names() == []


def test_a_service_that_ends_is_not_waited_for(processes: Processes) -> None:
    service = Service("short", ("false",), port=1)
    processes.start(service)

    with pytest.raises(LabError, match=r"short ended by itself: see .*short\.log"):
        processes.wait_ready(service)


def test_a_service_that_listens_is_ready(processes: Processes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    code = (
        "import socket, time\n"
        f"server = socket.create_server(('127.0.0.1', {port}))\n"
        "while True: server.accept()\n"
    )
    service = Service("listener", (sys.executable, "-c", code), port=port)
    processes.start(service)

    processes.wait_ready(service)

    assert procfs.listener(port) is not None


def test_a_task_that_fails_names_its_log(processes: Processes) -> None:
    with pytest.raises(LabError, match=r"broken failed \(3\): see .*broken\.log"):
        processes.task("broken", ("sh", "-c", "echo why; exit 3"))

    assert processes.log_file("broken").read_text() == "why\n"
    assert processes.names() == []


def test_a_cancelled_task_is_ended(processes: Processes) -> None:
    processes.cancelled.set()

    with pytest.raises(Cancelled):
        processes.task("long", ("sleep", "60"))

    assert processes.names() == []

# SPDX-License-Identifier: Apache-2.0
"""The real daemon as a process, with clouds that are out of reach: signals, systemd, refusals."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

LONG = 60.0

# Nothing listens on the discard port of the loopback address.
CONFIGURATION = """
[DEFAULT]
state_dir = {state}
sweep_interval = 1
[migration]
max_in_flight = {slots}
[old_cloud]
auth_type = password
auth_url = http://127.0.0.1:9/old
username = ephyrad
password = secret-canary
user_domain_name = Default
system_scope = all
transport_url = rabbit://ephyrad:secret-canary@127.0.0.1:9/
[new_cloud]
auth_type = password
auth_url = http://127.0.0.1:9/new
username = ephyrad
password = secret-canary
user_domain_name = Default
system_scope = all
"""


class Daemon:
    """An ephyrad under a service manager that listens to what it is told."""

    def __init__(self, directory: Path) -> None:
        self.state = directory / "state"
        self.configuration = directory / "ephyrad.conf"
        self.configure()
        self.told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.told.bind(str(directory / "notify"))
        self.told.settimeout(LONG)
        self.log = directory / "log"
        self.processes: list[subprocess.Popen[bytes]] = []

    def configure(self, slots: object = 3) -> None:
        text = CONFIGURATION.format(state=self.state, slots=slots)
        self.configuration.write_text(text)

    def start(self) -> subprocess.Popen[bytes]:
        program = Path(sys.executable).parent / "ephyrad"
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [str(program), "--config-file", str(self.configuration)],
                stdout=log,
                stderr=log,
                env={"NOTIFY_SOCKET": str(self.told.getsockname()), "PATH": "/usr/bin:/bin"},
            )
        self.processes.append(process)
        return process

    def hear(self, wanted: str) -> None:
        """Return when systemd was told this; what comes before it is passed by."""
        while wanted not in self.told.recv(4096).decode():
            pass


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    made = Daemon(tmp_path)
    yield made
    for process in made.processes:
        process.kill()
        process.wait()
    made.told.close()


def test_systemd_is_told_and_signals_are_heeded(daemon: Daemon) -> None:
    process = daemon.start()
    daemon.hear("READY=1")
    daemon.hear("WATCHDOG=1")

    daemon.configure(slots=7)
    process.send_signal(signal.SIGHUP)
    daemon.hear("RELOADING=1")
    daemon.hear("READY=1")
    daemon.configure(slots="many")
    process.send_signal(signal.SIGHUP)
    daemon.hear("RELOADING=1")
    daemon.hear("READY=1")
    daemon.hear("WATCHDOG=1")

    process.send_signal(signal.SIGTERM)
    daemon.hear("STOPPING=1")
    assert process.wait(LONG) == 0
    log = daemon.log.read_text()
    assert "configuration read again" in log
    assert "max_in_flight" in log
    assert "the configuration stays as it was" in log
    assert "the journal is clean" in log
    assert "Eventlet" not in log


def test_clouds_out_of_reach_are_named_once_each_and_without_secrets(daemon: Daemon) -> None:
    process = daemon.start()
    daemon.hear("READY=1")
    for _ in range(4):
        daemon.hear("WATCHDOG=1")
    process.send_signal(signal.SIGTERM)
    process.wait(LONG)

    log = daemon.log.read_text()
    for cloud in ("old", "new"):
        assert log.count(f"the {cloud} cloud cannot be read") == 1
    assert log.count("The bus of the old cloud is down") == 1
    assert "secret-canary" not in log


def test_a_second_daemon_on_one_state_directory_is_refused(daemon: Daemon) -> None:
    first = daemon.start()
    daemon.hear("READY=1")
    second = daemon.start()

    assert second.wait(LONG) == 1
    assert first.poll() is None
    (line,) = [line for line in daemon.log.read_text().splitlines() if line.startswith("ephyrad:")]
    assert str(first.pid) in line


def test_a_configuration_that_cannot_work_is_refused_in_one_line(daemon: Daemon) -> None:
    daemon.configure(slots="many")
    process = daemon.start()

    assert process.wait(LONG) == 2
    (line,) = [line for line in daemon.log.read_text().splitlines() if line.startswith("ephyrad:")]
    assert "max_in_flight" in line
    assert str(daemon.configuration) in line

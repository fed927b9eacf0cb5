# SPDX-License-Identifier: Apache-2.0
"""The real daemon as a process, with clouds that are out of reach: signals, systemd, refusals."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

import tests.unit.api.asking
from ephyrad.journal.journal import Journal
from ephyrad.secrets.keys import KeyRing
from tests.functional.bus.until import until
from tests.unit.journal.samples import ASKED, KEPT, NODE, document

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


# It is told to stop at the worst moment: while the main thread has the lock of what it waits by.
WATCHED = """
import os, signal, sys, threading
from types import SimpleNamespace as Fake
from ephyrad.service import Service

def trace(frame, event, _):
    lock = getattr(getattr(frame.f_locals.get("self"), "_cond", None), "_lock", None)
    if event == "line" and lock is not None and lock.locked():
        sys.settrace(None)
        os.kill(os.getpid(), signal.SIGTERM)
    return trace

journal = Fake(can_write=lambda: True, trouble=None, failed=False)
engine = Fake(unfinished=list, journal=journal, alive=lambda: True)
service = Service(None, None, None)
service._catch(signal.SIGTERM)
threading.Timer(2.0, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
sys.settrace(trace)
service._watch(engine, None)
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
                env={
                    "NOTIFY_SOCKET": str(self.told.getsockname()),
                    "PATH": "/usr/bin:/bin",
                    "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
                },
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


def test_it_can_be_stopped_while_a_cloud_keeps_its_start_waiting(daemon: Daemon) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        text = daemon.configuration.read_text()
        daemon.configuration.write_text(text.replace("http://127.0.0.1:9/", there))
        silent.settimeout(LONG)
        process = daemon.start()
        asked, _ = silent.accept()
        with asked:
            process.send_signal(signal.SIGTERM)
            assert process.wait(LONG / 4) == 0

    assert not (daemon.state / "journal.sqlite").exists()


def test_no_signal_comes_at_a_wrong_moment() -> None:
    done = subprocess.run([sys.executable, "-c", WATCHED], check=False, timeout=LONG)

    assert done.returncode == 0


def test_no_file_that_is_wrong_ends_it_on_a_reload(daemon: Daemon) -> None:
    process = daemon.start()
    daemon.hear("READY=1")
    good = daemon.configuration.read_text()

    for wrong in (good.encode() + b"# f\xfcr\n", b"[DEFAULT]\nlog_config_append = /nowhere\n"):
        daemon.configuration.write_bytes(wrong + good.encode())
        process.send_signal(signal.SIGHUP)
        daemon.hear("RELOADING=1")
        daemon.hear("READY=1")

    process.send_signal(signal.SIGTERM)
    assert process.wait(LONG) == 0
    log = daemon.log.read_text()
    assert "this is not UTF-8" in log
    assert "log_config_append = /nowhere: it cannot be used" in log
    assert log.count("the configuration stays as it was") == 2


def test_logging_that_cannot_be_set_up_is_refused_in_one_line(daemon: Daemon) -> None:
    text = daemon.configuration.read_text()
    daemon.configuration.write_text(f"[DEFAULT]\nlog_config_append = /nowhere\n{text}")

    assert daemon.start().wait(LONG) == 2
    (line,) = daemon.log.read_text().splitlines()
    assert line.startswith("ephyrad: log_config_append = /nowhere: it cannot be used")


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
    assert log.count("Failed to discover available identity versions") == 1
    assert "secret-canary" not in log


def test_watchers_are_answered_and_the_log_can_be_json(daemon: Daemon) -> None:
    daemon.configure()
    text = daemon.configuration.read_text()
    daemon.configuration.write_text(text.replace("[DEFAULT]", "[DEFAULT]\nuse_json = true"))
    process = daemon.start()
    daemon.hear("READY=1")
    daemon.hear("WATCHDOG=1")

    live, ready = (ask(daemon, "GET", f"/healthcheck/{word}") for word in ("live", "ready"))
    metrics = scraped(daemon)
    process.send_signal(signal.SIGTERM)

    assert (live[0], ready[0]) == (200, 503)
    assert "ephyrad_ready 0.0" in metrics
    assert "ephyrad_slots_limit 3.0" in metrics
    assert 'ephyrad_bus_condition{cloud="old"' in metrics
    assert process.wait(LONG) == 0
    lines = [json.loads(line) for line in daemon.log.read_text().splitlines()]
    assert "stopped; the journal is clean" in [line["message"] for line in lines]
    assert "secret-canary" not in metrics + daemon.log.read_text()


def scraped(daemon: Daemon) -> str:
    connection = tests.unit.api.asking.UnixConnection(daemon.state / "ephyrad.sock")
    with closing(connection):
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()


def ask(daemon: Daemon, method: str, target: str, body: str | None = None) -> tuple[int, str]:
    answer = tests.unit.api.asking.ask(daemon.state / "ephyrad.sock", method, target, body)
    return answer.status, json.dumps(answer.body)


def asked_for(daemon: Daemon) -> None:
    """Let somebody have asked for a node, before the daemon starts."""
    daemon.state.mkdir(mode=0o700, exist_ok=True)
    with closing(Journal.open(daemon.state, KeyRing.open(daemon.state / "journal.key"))) as journal:
        journal.begin(NODE, ASKED)


HOLD = ("POST", f"/v1/nodes/{NODE}/hold", '{"reason": "wait"}')


def test_a_bus_that_takes_no_notification_keeps_nobody_waiting(daemon: Daemon) -> None:
    asked_for(daemon)
    bus = "transport_url = rabbit://ephyrad:secret-canary@127.0.0.1:9/"
    with daemon.configuration.open("a") as configuration:
        configuration.write(f"{bus}\n[notifications]\nenabled = true\n")
    process = daemon.start()
    daemon.hear("READY=1")

    status, _ = ask(daemon, *HOLD)
    until("it is told", lambda: "notifications wait in the journal" in daemon.log.read_text(), LONG)
    metrics = scraped(daemon)
    process.send_signal(signal.SIGTERM)

    assert status == 200
    assert "ephyrad_notifications_waiting 1.0" in metrics
    assert process.wait(LONG) == 0
    assert "secret-canary" not in daemon.log.read_text()


def test_a_disk_that_fails_ends_it_in_one_line_and_a_new_start_goes_on(daemon: Daemon) -> None:
    asked_for(daemon)
    process = daemon.start()
    daemon.hear("READY=1")
    # Too little for a commit, which SQLite takes for an I/O error, and enough for the log.
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))

    status, told = ask(daemon, *HOLD)

    assert status == 503
    assert "the disk fails to read or write it: check the disk" in told
    assert process.wait(LONG) == 1
    lines = [line for line in daemon.log.read_text().splitlines() if line.startswith("ephyrad:")]
    assert len(lines) == 1
    assert "the disk fails to read or write it" in lines[0]
    daemon.start()
    daemon.hear("READY=1")
    assert ask(daemon, *HOLD)[0] == 200


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("journal.sqlite", b"ruins" * 1000, "it is no SQLite database: restore it from a backup"),
        ("journal.key", Fernet.generate_key(), "was encrypted with other keys: put back the key"),
        ("journal.key", b"", "it holds no key: restore it from a backup"),
    ],
    ids=["journal", "other key", "empty key"],
)
def test_what_it_cannot_use_ends_its_start_in_one_line_and_stays_as_it_is(
    daemon: Daemon, name: str, content: bytes, says: str
) -> None:
    daemon.state.mkdir(mode=0o700)
    with closing(Journal.open(daemon.state, KeyRing.open(daemon.state / "journal.key"))) as journal:
        journal.append(journal.begin(NODE, ASKED), [KEPT], document=document())
    (daemon.state / name).write_bytes(content)

    assert daemon.start().wait(LONG) == 1

    (line,) = [line for line in daemon.log.read_text().splitlines() if line.startswith("ephyrad:")]
    assert says in line
    assert str(daemon.state) in line
    assert (daemon.state / name).read_bytes() == content


def test_a_lost_journal_is_told(daemon: Daemon) -> None:
    daemon.state.mkdir(mode=0o700)
    KeyRing.open(daemon.state / "journal.key")

    daemon.start()
    daemon.hear("READY=1")

    (line,) = [line for line in daemon.log.read_text().splitlines() if "no journal" in line]
    assert "if it was lost, stop ephyrad and `ephyra restore` a backup" in line


@pytest.fixture
def small_disk(daemon: Daemon) -> Iterator[Path]:
    """The state directory on a file system of 2 MiB."""
    daemon.state.mkdir(mode=0o700)
    command = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "none", str(daemon.state)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small file system")
    yield daemon.state
    for process in daemon.processes:
        process.kill()
        process.wait()
    subprocess.run(["umount", str(daemon.state)], check=True)


def test_on_a_full_disk_it_waits_and_says_so_until_there_is_room(
    daemon: Daemon, small_disk: Path
) -> None:
    asked_for(daemon)
    process = daemon.start()
    daemon.hear("READY=1")
    ballast = small_disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass

    status, told = ask(daemon, *HOLD)

    assert status == 503
    assert "the disk is full: make room on its file system" in told
    daemon.hear("STATUS=journal")
    assert "the disk is full" in ask(daemon, "GET", "/v1/status")[1]
    ballast.unlink()
    daemon.hear("STATUS=the journal can be written again")
    assert '"journal_error": null' in ask(daemon, "GET", "/v1/status")[1]
    assert ask(daemon, *HOLD)[0] == 200
    assert process.poll() is None


def test_a_second_daemon_on_one_state_directory_is_refused(daemon: Daemon) -> None:
    first = daemon.start()
    daemon.hear("READY=1")
    second = daemon.start()

    assert second.wait(LONG) == 1
    assert first.poll() is None
    (line,) = [line for line in daemon.log.read_text().splitlines() if line.startswith("ephyrad:")]
    assert str(first.pid) in line

    first.kill()
    first.wait(LONG)
    third = daemon.start()
    daemon.hear("READY=1")
    assert third.poll() is None


def test_a_configuration_that_cannot_work_is_refused_in_one_line(daemon: Daemon) -> None:
    daemon.configure(slots="many")
    process = daemon.start()

    assert process.wait(LONG) == 2
    (line,) = [line for line in daemon.log.read_text().splitlines() if line.startswith("ephyrad:")]
    assert "max_in_flight" in line
    assert str(daemon.configuration) in line

# SPDX-License-Identifier: Apache-2.0
"""Starting, watching and stopping the lab's processes, and no others.

Each process leads a session of its own. Before it becomes the service it writes its line of
/proc/PID/stat to run/NAME.pid, so that there is no instant at which it runs unrecorded: id and
start time together name it for good.
"""

import contextlib
import os
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.lab import environment, procfs
from tests.lab.errors import Cancelled, LabError
from tests.lab.service import Service
from tests.lab.settings import ADDRESS, Settings

_RECORD_AND_EXEC = (
    'cd "$0" && read -r line </proc/$$/stat && printf "%s\\n" "$line" >"$1.part" '
    '&& mv "$1.part" "$1" && shift && exec "$@"'
)
_TASK = "task-"
_POLL = 0.1
# loopback only, whatever proxy the environment names
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Processes:
    """The lab's processes, as the files in its run directory know them."""

    def __init__(self, settings: Settings) -> None:
        self._run = settings.run
        self._log = settings.log
        self._environment = environment.services(settings)
        self.cancelled = threading.Event()

    def names(self) -> list[str]:
        """Every process that was started and not stopped, running or not."""
        return sorted(path.stem for path in self._run.glob("*.pid"))

    def recorded(self, name: str) -> procfs.Stat | None:
        try:
            return procfs.parse_stat(self._pid_file(name).read_text())
        except (OSError, ValueError):
            return None

    def running(self, name: str) -> bool:
        """Whether the very process that was started under this name is still alive."""
        recorded = self.recorded(name)
        return recorded is not None and _lives(recorded)

    def members(self, name: str) -> list[int]:
        """The process started under this name and all that it left in its session."""
        recorded = self.recorded(name)
        if recorded is None:
            return []
        leader = procfs.stat(recorded.pid)
        if leader is not None and leader.start != recorded.start:
            return []  # its id was given to a stranger, so nothing of its session is left
        return [one.pid for one in procfs.processes() if one.session == recorded.pid]

    def log_file(self, name: str) -> Path:
        return self._log / f"{name}.log"

    def start(self, service: Service) -> bool:
        """Starts a service unless it runs; says whether it had to.

        Raises LabError when its port is taken by somebody else.
        """
        if self.running(service.name):
            return False
        self.stop(service.name)  # what a leader that died has left behind
        if service.port is not None and (holder := procfs.listener(service.port)):
            raise LabError(
                f"{service.name}: port {service.port} is taken by {holder}: end it, or set "
                "EPHYRA_LAB_PORT_BASE to a free range"
            )
        self._launch(service.name, service.command, service.environment)
        return True

    def wait_ready(self, service: Service) -> None:
        """Returns when the service answers.

        Raises LabError when it died or its time is over.
        """
        limit = time.monotonic() + service.ready_seconds
        while not _answers(service):
            self._pause(_POLL)
            self._check_running(service.name)
            if time.monotonic() > limit:
                raise LabError(
                    f"{service.name} does not answer after {service.ready_seconds:.0f} s: "
                    f"see {self.log_file(service.name)}"
                )

    def task(
        self,
        name: str,
        command: Iterable[str],
        variables: Mapping[str, str] | None = None,
        cure: str = "",
        watched: Iterable[str] = (),
    ) -> None:
        """Runs a command to its end, its output in log/NAME.log.

        Raises LabError when it fails, or when one of the watched processes ends meanwhile. A task
        that outlives a killed `up` is ended by the next.
        """
        own = _TASK + name
        self.stop(own)
        pid = self._launch(own, tuple(command), variables or {}, self.log_file(name))
        try:
            while (code := _exit_code(pid)) is None:
                self._pause(_POLL)
                for other in watched:
                    self._check_running(other)
        finally:
            self.stop(own)
        if code != 0:
            hint = f" {cure}:" if cure else ""
            raise LabError(f"{name} failed ({code}):{hint} see {self.log_file(name)}")

    def stop_tasks(self) -> None:
        for name in self.names():
            if name.startswith(_TASK):
                self.stop(name, 0)

    def stop(self, name: str, seconds: float = 20) -> None:
        """TERM to the process, after `seconds` KILL to what is left of its session."""
        recorded = self.recorded(name)
        if recorded is not None and _lives(recorded):
            _signal(recorded.pid, signal.SIGTERM)
            limit = time.monotonic() + seconds
            while _lives(recorded) and time.monotonic() < limit:
                time.sleep(_POLL)
        while left := self.members(name):
            for pid in left:
                _signal(pid, signal.SIGKILL)
            time.sleep(_POLL)
        if recorded is not None:
            _exit_code(recorded.pid)
        self._pid_file(name).unlink(missing_ok=True)

    def _check_running(self, name: str) -> None:
        if not self.running(name):
            raise LabError(f"{name} ended by itself: see {self.log_file(name)}, then up again")

    def _pid_file(self, name: str) -> Path:
        return self._run / f"{name}.pid"

    def _launch(
        self,
        name: str,
        command: tuple[str, ...],
        variables: Mapping[str, str],
        log_file: Path | None = None,
    ) -> int:
        """Gives the id, as soon as it is recorded; the process stays when this one ends."""
        record = self._pid_file(name)
        log = str(log_file or self.log_file(name))
        pid = os.posix_spawn(
            "/bin/sh",
            ("sh", "-c", _RECORD_AND_EXEC, str(self._run), str(record), *command),
            self._environment | dict(variables),
            file_actions=(
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ),
            setsid=True,
            setsigmask=(),
            setsigdef=(signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE),
        )
        while not record.exists() and _alive(pid):
            time.sleep(0.005)
        return pid

    def _pause(self, seconds: float) -> None:
        if self.cancelled.wait(seconds):
            raise Cancelled


def _lives(recorded: procfs.Stat) -> bool:
    now = procfs.stat(recorded.pid)
    return now is not None and now.alive and now.start == recorded.start


def _alive(pid: int) -> bool:
    found = procfs.stat(pid)
    return found is not None and found.alive


def _exit_code(pid: int) -> int | None:
    """Of a child of this very process that has ended, which lets the kernel forget it; None while
    it runs, and for the child of another.
    """
    try:
        done, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return None
    return os.waitstatus_to_exitcode(status) if done else None


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _answers(service: Service) -> bool:
    if service.url is not None:
        try:
            _OPENER.open(service.url, timeout=5).close()
        except urllib.error.HTTPError:
            return True  # it refuses, so it is there
        except OSError:
            return False
        return True
    if service.port is not None:
        try:
            socket.create_connection((ADDRESS, service.port), timeout=5).close()
        except OSError:
            return False
    return True

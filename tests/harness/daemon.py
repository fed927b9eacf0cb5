# SPDX-License-Identifier: Apache-2.0
"""The real ephyrad as a process: configured for the lab, started, asked, stopped, killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.lab.ports import CLOUDS
from tests.lab.settings import Settings

# The lab's fake nodes have a login that no driver reads.
_MAPPING = """\
projects:
  match: name
driver_info:
  carry: [username, password]
"""
_READY_SECONDS = 60.0
_STOP_SECONDS = 90.0


class DaemonError(Exception):
    """The daemon or the command did not do what it was told; the message has their own words."""


class Daemon:
    """One ephyrad with its configuration, state and log in `directory`."""

    def __init__(
        self,
        lab: Settings,
        directory: Path,
        *,
        options: Mapping[str, Mapping[str, str]] | None = None,
        buses: bool = True,
        clouds_yaml: Path | None = None,
    ) -> None:
        """`options` (group -> option -> value) go over those that the lab needs.

        `clouds_yaml` is another one than the lab's.
        """
        self.lab = lab
        self.clouds_yaml = clouds_yaml or lab.clouds_yaml
        self.directory = directory
        self.configuration = directory / "ephyrad.conf"
        self.mapping = directory / "mapping.yaml"
        self.state = directory / "state"
        self.socket = self.state / "ephyrad.sock"
        self.log = directory / "ephyrad.log"
        self._process: subprocess.Popen[bytes] | None = None
        directory.mkdir(parents=True, exist_ok=True)
        self.configure(options or {}, buses=buses)

    def configure(self, options: Mapping[str, Mapping[str, str]], *, buses: bool = True) -> None:
        """Write the configuration file."""
        self.mapping.write_text(_MAPPING)
        groups: dict[str, dict[str, str]] = {
            "DEFAULT": {"state_dir": str(self.state), "sweep_interval": "15"},
            "migration": {"mapping_file": str(self.mapping)},
        }
        for cloud in CLOUDS:
            groups[f"{cloud}_cloud"] = {
                "cloud": f"{cloud}-ephyra-system",
                "project_cloud": f"{cloud}-ephyra",
            }
            if buses:
                groups[f"{cloud}_cloud"] |= {
                    "transport_url": self.lab.transport_url(cloud),
                    "ironic_topics": "ephyra",
                    "nova_topics": "ephyra",
                    "glance_topics": "ephyra",
                    "look_seconds": "1",
                }
        for group, values in options.items():
            groups.setdefault(group, {}).update(values)
        text = "\n".join(
            f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())
            for group, values in groups.items()
        )
        self.configuration.write_text(text)
        self.configuration.chmod(0o600)

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def begin(self) -> None:
        """Start it, and do not wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [_program("ephyrad"), "--config-file", str(self.configuration)],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=self._environment(),
            )

    def start(self) -> None:
        """Start it and return when it answers.

        :raises DaemonError: it ended or took too long; the message has the end of its log.
        """
        self.begin()
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            if not self.running:
                raise DaemonError(f"ephyrad ended at its start: {self.last_words()}")
            if self.socket.exists() and self._asked("status").returncode == 0:
                return
            time.sleep(0.2)
        raise DaemonError(f"ephyrad was not ready in {_READY_SECONDS} s: {self.last_words()}")

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; return the exit status once it has ended."""
        return self._end(signal.SIGTERM)

    def peak_mib(self) -> float:
        """Return the most memory that it has had, in MiB (VmHWM)."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024

    def reload(self) -> None:
        """SIGHUP."""
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def ephyra(self, *arguments: str) -> Any:
        """Run the operator's command and return what it printed as JSON.

        :raises DaemonError: it ended with a non-zero status; the message has its words.
        """
        done = self._asked(*arguments, "-f", "json")
        if done.returncode != 0:
            raise DaemonError(done.stderr.strip())
        return json.loads(done.stdout)

    def answered(self, *arguments: str) -> tuple[int, Any]:
        """Run the operator's command; return its exit status and what it printed as JSON."""
        done = self._asked(*arguments, "-f", "json")
        return done.returncode, json.loads(done.stdout)

    def said(self, *arguments: str) -> str:
        """Run the operator's command; return all that a person sees of it, and its exit status."""
        done = self._asked(*arguments)
        status = f"exit status {done.returncode}\n" if done.returncode else ""
        return f"$ ephyra {' '.join(arguments)}\n{done.stderr}{done.stdout}{status}"

    def last_words(self, lines: int = 15) -> str:
        """Return the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _asked(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [_program("ephyra"), "--socket", str(self.socket), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )

    def _end(self, number: int) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(number)
        return self._process.wait(_STOP_SECONDS)

    def _environment(self) -> dict[str, str]:
        return os.environ | {"OS_CLIENT_CONFIG_FILE": str(self.clouds_yaml)}


def _program(name: str) -> str:
    """Return the installed program of this environment."""
    return str(Path(sys.executable).parent / name)

# SPDX-License-Identifier: Apache-2.0
"""What /proc tells about processes and listening ports (proc(5))."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_LISTEN = "0A"


@dataclass(frozen=True)
class Stat:
    """A process. `start` is in clock ticks since boot; id and start name the process for good."""

    pid: int
    state: str
    session: int
    start: int

    @property
    def alive(self) -> bool:
        return self.state not in "ZX"


def parse_stat(text: str) -> Stat:
    """Reads a line of /proc/PID/stat.

    Raises ValueError when it is not one.
    """
    head, bracket, tail = text.rpartition(")")
    fields = tail.split()
    if not bracket or len(fields) < 20:
        raise ValueError(f"not a line of /proc/PID/stat: {text!r}")
    return Stat(int(head.split(" ", 1)[0]), fields[0], int(fields[3]), int(fields[19]))


def stat(pid: int) -> Stat | None:
    """The process with this id, or None when there is none."""
    try:
        return parse_stat((PROC / str(pid) / "stat").read_text(errors="replace"))
    except (OSError, ValueError):
        return None


def processes() -> Iterator[Stat]:
    """Every process of the machine that is not a zombie."""
    for entry in PROC.iterdir():
        if entry.name.isdecimal() and (found := stat(int(entry.name))) and found.alive:
            yield found


def resident_kib(pid: int) -> int:
    """Memory of one process, its share of what it shares included; 0 when it is gone."""
    try:
        text = (PROC / str(pid) / "smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line[:4] == "Pss:"), 0)


def memory_available_mib(text: str) -> int:
    """MemAvailable of /proc/meminfo's text, in MiB; 0 when it is not there."""
    for line in text.splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) // 1024
    return 0


def listening_inode(table: str, port: int) -> int | None:
    """The socket that listens on a port, by the text of /proc/net/tcp or tcp6."""
    for line in table.splitlines()[1:]:
        fields = line.split()
        if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
            return int(fields[9])
    return None


def listener(port: int) -> str | None:
    """Who listens on a port, in words; None when nobody does."""
    for name in ("tcp", "tcp6"):
        try:
            inode = listening_inode((PROC / "net" / name).read_text(), port)
        except OSError:
            continue
        if inode is not None:
            return _holder(inode) or "a process that can't be seen from here"
    return None


def _holder(inode: int) -> str | None:
    for process in processes():
        if f"socket:[{inode}]" in _open_files(process.pid):
            return f"process {process.pid} ({_command(process.pid)[:60]})"
    return None


def _open_files(pid: int) -> list[str]:
    found = []
    with contextlib.suppress(OSError):  # another user's, or gone
        for file in (PROC / str(pid) / "fd").iterdir():
            with contextlib.suppress(OSError):  # closed meanwhile
                found.append(str(file.readlink()))
    return found


def _command(pid: int) -> str:
    try:
        text = (PROC / str(pid) / "cmdline").read_text(errors="replace")
    except OSError:
        return "gone"
    return text.replace("\0", " ").strip()

# SPDX-License-Identifier: Apache-2.0
"""Whether the machine is big enough, asked before anything is started."""

import os
import shutil
from pathlib import Path

from tests.lab import procfs
from tests.lab.errors import LabError
from tests.lab.ports import CLOUDS, Cloud
from tests.lab.processes import Processes
from tests.lab.settings import Settings

# measured, with a little room: see docs/lab.rst
MIB_PER_CLOUD = 2_500
DISK_MIB = 4_000
DISK_MIB_INSTALLED = 1_000


def check_memory(processes: Processes, clouds: tuple[Cloud, ...]) -> None:
    """Raises LabError when the clouds that do not run yet would not fit into memory."""
    waiting = [cloud for cloud in clouds if not processes.running(f"{cloud}-nova-compute")]
    needed = MIB_PER_CLOUD * len(waiting)
    available = procfs.memory_available_mib((procfs.PROC / "meminfo").read_text())
    if available < needed:
        one = f" or start one cloud only (up {CLOUDS[0]})" if len(waiting) > 1 else ""
        raise LabError(
            f"memory: {available} MiB available on this machine, {needed} MiB needed: end other "
            f"programs{one}"
        )


def check_disk(settings: Settings) -> None:
    """Raises LabError when the lab's directory would not fit on its disk."""
    installed = (settings.venv / "tools" / ".complete").exists()
    needed = DISK_MIB_INSTALLED if installed else DISK_MIB
    free = shutil.disk_usage(_existing(settings.directory)).free // 2**20
    if free < needed:
        raise LabError(
            f"disk: {free} MiB free at {settings.directory}, {needed} MiB needed: make room, or "
            "set EPHYRA_LAB_DIR to another place"
        )


def check_shared_memory(directory: Path = Path("/dev/shm")) -> None:
    """Raises LabError where Python's semaphores, which the new Ironic needs, can't be made."""
    if not os.access(directory, os.W_OK | os.X_OK):
        raise LabError(
            f"{directory} can't be written: mount a tmpfs there with mode 1777, as Debian does"
        )


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)

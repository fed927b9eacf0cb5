# SPDX-License-Identifier: Apache-2.0
"""Stops what `up` started, by recorded process id and start time."""

import shutil
from concurrent.futures import ThreadPoolExecutor

from tests.lab.errors import LabError
from tests.lab.processes import Processes
from tests.lab.service import Service
from tests.lab.settings import Settings
from tests.lab.up import services

# what the others need, in the order of its end
_LAST = ("bmc", "agent", "rabbit-old", "rabbit-new", "epmd", "mariadb")
_FIRST_SECONDS = 15


def down(processes: Processes) -> None:
    """Stops everything: the services side by side, then what they stand on."""
    names = [name for name in processes.names() if name not in _LAST]
    with ThreadPoolExecutor(max(len(names), 1)) as pool:
        list(pool.map(lambda name: processes.stop(name, _FIRST_SECONDS), names))
    for name in _LAST:
        processes.stop(name, 30)


def stop(settings: Settings, processes: Processes, names: list[str]) -> list[Service]:
    """Stops only these, and gives them.

    Raises LabError for a name the lab does not know, before anything is stopped.
    """
    known = {service.name: service for service in services(settings)}
    for name in names:
        if name not in known:
            raise LabError(f"no process {name!r} in the lab: one of {', '.join(known)}")
    for name in names:
        processes.stop(name, known[name].stop_seconds)
    return [known[name] for name in names]


def wipe(settings: Settings) -> None:
    """Removes data, logs and configuration; the virtual environments stay."""
    for directory in (settings.data, settings.log, settings.etc, settings.run):
        shutil.rmtree(directory, ignore_errors=True)

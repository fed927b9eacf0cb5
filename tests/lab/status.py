# SPDX-License-Identifier: Apache-2.0
"""What runs, with its memory, and whether both clouds work."""

from tests.lab import procfs, tools
from tests.lab.ports import CLOUDS
from tests.lab.processes import Processes
from tests.lab.settings import Settings
from tests.lab.up import services


def status(settings: Settings, processes: Processes) -> bool:
    """Prints a table; says whether everything runs and is healthy."""
    total, well = 0, True
    for service in services(settings):
        runs = processes.running(service.name)
        well = well and runs
        kib = sum(procfs.resident_kib(pid) for pid in processes.members(service.name))
        total += kib
        recorded = processes.recorded(service.name)
        pid = str(recorded.pid) if recorded and runs else "-"
        port = str(service.port or "-")
        state = "running" if runs else "stopped"
        print(f"{service.name:22} {state:8} {pid:>8} {port:>6} {kib // 1024:6} MiB")
    print(f"{'all':22} {'':8} {'':8} {'':6} {total // 1024:6} MiB", flush=True)
    asked = [cloud for cloud in CLOUDS if processes.running(f"{cloud}-keystone")]
    health = [tools.run(settings, "health", cloud) == 0 for cloud in asked]
    return well and all(health)

# SPDX-License-Identifier: Apache-2.0
"""The operator's command: the real program, asking a real server over its socket."""

import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest

from ephyrad.api.server import ApiServer
from ephyrad.api.settings import ApiSettings
from tests.bench.laps import alternate
from tests.bench.table import Table
from tests.fakes.operations import FakeOperations
from tests.lab.settings import from_environment

EPHYRA = str(Path(sys.executable).with_name("ephyra"))
COMMANDS = ("--version", "baremetal node show --help")
WHAT = "ephyra status, the whole process"
UNIT = "ms of CPU"

pytestmark = pytest.mark.bench


def test_status(tmp_path: Path, table: Table) -> None:
    openstack = from_environment().bin("tools", "openstack")
    operations = FakeOperations(**{f"rack{number}": f"{number:08x}" for number in range(100)})
    operations.migrate_all(by="bench")
    path = tmp_path / "sock"
    server = ApiServer(ApiSettings(path), operations)
    server.start()
    ours = partial(_run, [EPHYRA, "status"], {"EPHYRA_SOCKET": str(path)})
    try:
        if not Path(openstack).exists():
            mine, _ = alternate(ours, lambda: 0.0, laps=5)
            table.add(WHAT, mine, None, UNIT, "not measured: no lab")
            return
        for words in COMMANDS:
            mine, theirs = alternate(ours, partial(_run, [openstack, *words.split()], {}), laps=5)
            table.add(WHAT, mine, theirs, UNIT, f"openstack {words}")
    finally:
        server.stop()


def _run(command: Sequence[str], more: Mapping[str, str]) -> float:
    """Return the milliseconds of CPU that a program needs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    before = _spent()
    subprocess.run(command, check=True, capture_output=True, env={**kept, **more}, timeout=60)
    return (_spent() - before) * 1000


def _spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime

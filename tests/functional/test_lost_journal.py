# SPDX-License-Identifier: Apache-2.0
"""The journal is lost in the middle of a carry, and rebuilt from what real clouds show."""

import shutil
import time
from contextlib import suppress

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness.daemon import Daemon, DaemonError
from tests.harness.fleet import Fleet
from tests.lab.nodes import Kind

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1500)]

_PATIENCE = 300.0


def test_a_lost_journal_is_rebuilt(fleet: Fleet, new_daemon: NewDaemon) -> None:
    nodes = fleet.enrol({Kind.FAKE: 3, Kind.REDFISH: 3})
    daemon = new_daemon()
    daemon.start()
    daemon.ephyra("migrate", *(node.name for node in nodes))
    _until_some_are_between_the_clouds(daemon)

    daemon.kill()
    shutil.rmtree(daemon.state)
    daemon.start()
    strays = {row["node"] for row in daemon.ephyra("node", "strays")}
    assert strays
    assert daemon.ephyra("node", "list") == []

    daemon.ephyra("migrate", "--strays")
    for node in nodes:
        # One that was not marked yet is asked for anew; one that had arrived is no more to be had.
        with suppress(DaemonError):
            daemon.ephyra("migrate", node.name)
    known = [row["name"] for row in daemon.ephyra("node", "list")]
    fleet.wait_for(daemon, known, "compute-ready", 600)

    assert fleet.complaints() == []
    assert daemon.ephyra("node", "strays") == []


def _until_some_are_between_the_clouds(daemon: Daemon) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        states = [row["state"] for row in daemon.ephyra("node", "list")]
        if "transferred" in states:
            return
        time.sleep(0.2)
    pytest.fail(f"no node was transferred in {_PATIENCE} s")

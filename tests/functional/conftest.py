# SPDX-License-Identifier: Apache-2.0
"""The lab, up for as long as the tests need it, and an ephyrad of each test's own."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.harness.daemon import Daemon
from tests.harness.fleet import Fleet
from tests.lab.settings import CHECKOUT, Settings, from_environment

NewDaemon = Callable[..., Daemon]


@pytest.fixture(scope="session")
def lab() -> Settings:
    """The lab's settings, once both clouds are healthy. It is left running for the next run."""
    subprocess.run([sys.executable, "-m", "tests.lab", "up"], cwd=CHECKOUT, check=True)
    return from_environment()


@pytest.fixture
def fleet(lab: Settings, request: pytest.FixtureRequest) -> Iterator[Fleet]:
    """Nodes of this test's own, removed from both clouds at its end."""
    name = request.node.name.removeprefix("test_").partition("[")[0].replace("_", "-")
    mine = Fleet(lab, f"t-{name}"[:40])
    mine.discard()
    yield mine
    mine.discard()


@pytest.fixture
def new_daemon(lab: Settings, tmp_path: Path) -> Iterator[NewDaemon]:
    """Make ephyrads with a state of their own; those that run at the end are stopped."""
    made: list[Daemon] = []

    def make(
        options: Mapping[str, Mapping[str, str]] | None = None, *, buses: bool = True
    ) -> Daemon:
        daemon = Daemon(lab, tmp_path / f"ephyrad-{len(made)}", options=options, buses=buses)
        made.append(daemon)
        return daemon

    yield make
    for daemon in made:
        if daemon.running:
            daemon.stop()

# SPDX-License-Identifier: Apache-2.0
"""Nodes and an ephyrad of each test's own, in the lab."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.harness.daemon import Daemon
from tests.harness.fleet import Fleet
from tests.lab.settings import Settings

NewDaemon = Callable[..., Daemon]


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

    def make(options: Mapping[str, Mapping[str, str]] | None = None, **more: Any) -> Daemon:
        daemon = Daemon(lab, tmp_path / f"ephyrad-{len(made)}", options=options, **more)
        made.append(daemon)
        return daemon

    yield make
    for daemon in made:
        if daemon.running:
            daemon.stop()

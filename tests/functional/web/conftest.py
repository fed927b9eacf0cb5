# SPDX-License-Identifier: Apache-2.0
"""The real ephyrad over two simulated clouds, and a browser before its page."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.harness.chromium import Browser, browsing
from tests.harness.daemon import Daemon
from tests.harness.relay import Relay
from tests.lab.settings import ADDRESS, from_environment

NODES, IN_USE = 8, 4
NAME = "autumn"
_SPEED = 40
_FILE = f"""\
name: {NAME}
nodes: {{name: "node-*"}}
waves:
  - {{name: canary, size: 2}}
  - {{name: rest}}
limits: {{in_flight: 4}}
"""


@dataclass
class Site:
    """What the tests of this module share: a rollout that goes on, in a browser's window."""

    daemon: Daemon
    browser: Browser

    def held(self, node: str) -> bool:
        held: bool = self.daemon.ephyra("node", "show", node)["held"]
        return held

    def arrived(self) -> int | None:
        """How many nodes did, None where that are fewer than the first wave has."""
        arrived: int = self.daemon.ephyra("rollout", "show", NAME)["nodes"]["arrived"]
        return arrived if arrived >= 2 else None


@pytest.fixture(scope="module")
def clouds_yaml(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    file = tmp_path_factory.mktemp("clouds") / "clouds.yaml"
    command = [sys.executable, "-m", "ephyrad.testing.http", f"--nodes={NODES}"]
    command += [f"--in-use={IN_USE}", f"--speed={_SPEED}", f"--clouds-yaml={file}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "clouds:\n"
        yield file
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0


@pytest.fixture(scope="module")
def daemon(clouds_yaml: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    options = {
        "DEFAULT": {"sweep_interval": "2"},
        "old_cloud": {"cloud": "old-system", "project_cloud": "old"},
        "new_cloud": {"cloud": "new-system", "project_cloud": "new"},
    }
    directory = tmp_path_factory.mktemp("ephyrad")
    daemon = Daemon(
        from_environment(), directory, options=options, buses=False, clouds_yaml=clouds_yaml
    )
    daemon.start()
    yield daemon
    assert daemon.stop() == 0


@pytest.fixture(scope="module")
def site(daemon: Daemon, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    file = daemon.directory / "autumn.yaml"
    file.write_text(_FILE)
    # Those in use wait for their owners, so that nothing but the tests moves them.
    daemon.ephyra("migrate", *(f"node-{number}" for number in range(IN_USE)))
    daemon.ephyra("rollout", "start", str(file))
    log = tmp_path_factory.mktemp("chromium") / "driver.log"
    with (
        Relay(daemon.socket) as relay,
        browsing(daemon.lab, f"http://{ADDRESS}:{relay.port}", log) as browser,
    ):
        yield Site(daemon, browser)


@pytest.fixture
def browser(site: Site) -> Iterator[Browser]:
    """The window as it is at first, which must not have complained at the end."""
    site.browser.scripts(run=True)
    site.browser.prefer("light")
    site.browser.resize(1280)
    site.browser.complaints()
    yield site.browser
    assert site.browser.complaints() == []

# SPDX-License-Identifier: Apache-2.0
"""Two simulated clouds in a process of their own, for whoever wants to try something on them."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ephyrad.clouds.gateway import OpenStackCloud
from ephyrad.clouds.settings import CloudSettings
from ephyrad.migration.facts import CloudName, Provision


@pytest.fixture
def clouds_yaml(tmp_path: Path) -> Iterator[Path]:
    """What a server of three nodes, one of them in use, says how to reach it."""
    file = tmp_path / "clouds.yaml"
    command = [sys.executable, "-m", "ephyrad.testing.http", "--nodes=3", "--in-use=1"]
    command += ["--speed=100", f"--clouds-yaml={file}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "clouds:\n"
        yield file
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0


def test_both_clouds_are_reached_by_their_names(
    clouds_yaml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(clouds_yaml))
    assert set(yaml.safe_load(clouds_yaml.read_text())["clouds"]) == {
        *("old", "old-system", "new", "new-system")
    }
    old, new = (
        OpenStackCloud(CloudSettings(name=name, cloud=f"{name}-system", project_cloud=str(name)))
        for name in CloudName
    )

    old.check()
    new.check()

    states = sorted(node.provision_state.value for node in old.nodes())
    assert states == [Provision.ACTIVE.value, *[Provision.AVAILABLE.value] * 2]
    assert new.nodes() == []


def test_a_server_that_nobody_stops_keeps_no_program_from_its_end() -> None:
    program = "from ephyrad.testing.http.server import SimulatedServer as S; S([]).start(); 1 / 0"

    ended = subprocess.run(
        [sys.executable, "-c", program], stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )

    assert "ZeroDivisionError" in ended.stderr

# SPDX-License-Identifier: Apache-2.0
"""A whole migration through the real gateway and a real RabbitMQ: what ephyrad's process costs.

The clouds and the broker are processes of their own, whose CPU time is not counted.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.table import Table
from tests.functional.bus.rabbit import Rabbit, scripts
from tests.functional.bus.until import until

SPEED = 10.0
"""Seconds that pass in the clouds in a real one; ephyrad's own intervals are as much shorter."""

MB = 1e6

pytestmark = [pytest.mark.bench, pytest.mark.rabbit, pytest.mark.timeout(7200)]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Rabbit]:
    if scripts() is None:
        pytest.skip("the package rabbitmq-server is not installed")
    rabbit = Rabbit(tmp_path / "rabbit")
    try:
        rabbit.start()
        yield rabbit
    finally:
        rabbit.close()


def test_carrying_over_http(carried: int, broker: Rabbit, tmp_path: Path, table: Table) -> None:
    credentials, directory = tmp_path / "clouds.yaml", tmp_path / "state"
    directory.mkdir(mode=0o700)
    far = _python("tests.bench.far", str(carried), str(SPEED), broker.url(), str(credentials))
    with subprocess.Popen(far, stdin=subprocess.PIPE) as clouds:
        until("the clouds answer", lambda: credentials.exists() or clouds.poll(), 900)
        assert clouds.poll() is None
        near = _python("tests.bench.near", str(SPEED), broker.url(), str(directory))
        env = os.environ | {"OS_CLIENT_CONFIG_FILE": str(credentials)}
        try:
            done = subprocess.run(near, env=env, check=True, stdout=subprocess.PIPE, text=True)
        finally:
            clouds.kill()
    took = json.loads(done.stdout.splitlines()[-1])
    assert took["arrived"] == carried

    calls, told = took["calls"] / carried, took["notifications"] / carried
    what = f"a whole migration of {carried:,} nodes over HTTP and RabbitMQ"
    for words, seconds in (
        (f"({calls:.0f} calls, {told:.0f} notifications)", took["cpu"]),
        ("without sweeps", took["cpu"] - took["sweeps"]),
    ):
        table.add(f"{what} {words}", seconds / carried * 1000, None, "ms of CPU per node", "-")
    table.add("peak memory of that", took["peak"] / MB, None, "MB", "-")
    table.add("rejected cleans of that", took["rejected"], None, "calls", "-")


def _python(module: str, *words: str) -> list[str]:
    return [sys.executable, "-m", module, *words]

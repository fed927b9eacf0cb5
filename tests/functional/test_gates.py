# SPDX-License-Identifier: Apache-2.0
"""Gates that boot an instance, over the real new cloud."""

import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from ephyrad.rollout.boot_verdict import is_free
from ephyrad.rollout.verdict import Result
from tests.harness.gates import BOOT, Gates
from tests.lab import fleet, instances, patience
from tests.lab.nodes import Kind
from tests.lab.settings import CHECKOUT, Settings

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1200)]

PREFIX = "t-gates"


@pytest.fixture
def gates(lab: Settings) -> Iterator[Gates]:
    gates = Gates(lab, f"tests-{uuid.uuid4().hex}")
    yield gates
    gates.runner.stop()
    for server in gates.left():
        instances.delete(lab, "new", server)
    fleet.discard(lab, PREFIX)


def node(lab: Settings, kind: Kind) -> str:
    fleet.discard(lab, PREFIX)
    return fleet.enrol(lab, {kind: 1}, cloud="new", prefix=PREFIX)[0].uuid


def test_an_instance_is_deployed_by_an_agent_and_its_node_given_back(
    lab: Settings, gates: Gates
) -> None:
    carried = node(lab, Kind.AGENT)

    verdict = gates.verdict(BOOT, "run-1", carried)

    print(verdict.words, verdict.output, sep="\n")
    assert verdict.passed, verdict
    assert f"booted on node {carried}" in verdict.words
    assert gates.left() == []
    resources = {"CUSTOM_BAREMETAL_GOLD"}
    patience.until(
        "the node to be offered again",
        lambda: is_free(gates.clouds.new.compute(carried), resources) or None,
        300,
    )


def test_a_node_that_is_in_use_is_not_booted_on(lab: Settings, gates: Gates) -> None:
    used = node(lab, Kind.FAKE)
    server = instances.boot(lab, "new", used)

    verdict = gates.verdict(replace(BOOT, within=timedelta(seconds=10)), "run-1", used)
    instances.delete(lab, "new", server)

    assert verdict.result is Result.UNCLEAR
    assert "for a free node with CUSTOM_BAREMETAL_GOLD among the 1 of the wave" in verdict.words


def test_what_a_killed_process_left_is_deleted_by_the_next(lab: Settings, gates: Gates) -> None:
    carried = node(lab, Kind.FAKE)
    command = [sys.executable, "-m", "tests.harness.gates", gates.owner, "run of the killed"]
    environment = {**lab.environment(), "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen([*command, carried], cwd=CHECKOUT, env=environment)
    patience.until("the instance to be there", lambda: gates.left() or None, 300)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = gates.left()

    gates.runner.start()
    patience.until("it to be gone", lambda: not gates.left() or None, 120)
    verdict = gates.verdict(BOOT, "run-2", carried)

    assert len(left) == 1
    assert verdict.passed, verdict
    assert left[0] not in verdict.words

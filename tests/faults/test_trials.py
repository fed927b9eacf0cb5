# SPDX-License-Identifier: Apache-2.0
"""Each call that a gate's boot makes of Nova, and each thing that may go wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from ephyrad.clouds.connect import connect
from ephyrad.clouds.trials import Trials
from ephyrad.engine.rollout.boot_gate import BootRuns
from ephyrad.migration.facts import CloudName
from ephyrad.rollout.declaration import BootGate
from ephyrad.rollout.gate_run import GateRun
from ephyrad.rollout.verdict import Result
from tests.contract.http_stage import HttpStage
from tests.contract.stage import Nodes
from tests.contract.trial_stage import TrialStage, simulated_trials
from tests.faults.expectations import expect_nothing_told, expect_readable
from tests.faults.troubles import Elsewhere, Trouble, fault_of
from tests.unit.engine.rollout.passing import FlyingTime

CALLS = (
    "compute GET /flavors/detail",
    "compute POST /servers",
    "compute GET /servers/detail",
    "compute GET /servers/{server}",
    "compute DELETE /servers/{server}",
)
OWNER = "tests"


@dataclass
class Scene:
    """A cloud behind HTTP with a free node, and gates of one that soon loses its patience."""

    at: TrialStage
    stage: HttpStage
    gates: BootRuns
    node: str
    elsewhere: Elsewhere
    runs: int = 0

    def time(self) -> FlyingTime:
        return FlyingTime(resting=self.pass_by)

    def pass_by(self, seconds: float) -> None:
        with self.stage.server.lock:
            self.stage.clock.advance(seconds)

    @property
    def servers(self) -> int:
        nova = self.stage.simulated.nova
        assert nova is not None
        with self.stage.server.lock:
            return len(nova.servers)


@pytest.fixture(scope="module")
def shared() -> Iterator[Scene]:
    stage = HttpStage(CloudName.NEW)
    settings = stage.settings(read_timeout=0.3)
    nova = connect(settings).nova
    assert nova is not None
    trials = Trials(nova)
    at = simulated_trials(stage, stage.simulated, trials)
    name = CloudName.NEW
    with Elsewhere() as elsewhere:
        gates = BootRuns({name: stage.gateway(read_timeout=0.3)}, {name: trials}, OWNER)
        yield Scene(at, stage, gates, at.free_node(Nodes(stage)), elsewhere)
    stage.close()


@pytest.fixture
def scene(shared: Scene) -> Iterator[Scene]:
    yield shared
    shared.stage.server.faults.clear()


@pytest.mark.parametrize("trouble", list(Trouble))
@pytest.mark.parametrize("call", CALLS)
def test_the_boot_passes_or_says_why_and_nothing_is_left(
    scene: Scene, caplog: pytest.LogCaptureFixture, call: str, trouble: Trouble
) -> None:
    scene.pass_by(600)
    scene.runs += 1
    gate = BootGate(scene.at.image, scene.at.flavor, timedelta(minutes=20))
    run = GateRun(f"run {scene.runs}", gate, (scene.node,), "summer", "canary")
    fault = fault_of(trouble, scene.node, scene.elsewhere.url, "")
    scene.stage.server.faults.plan(lambda each: str(each) == call, fault, trouble.times)

    verdict = scene.gates(run, scene.time())
    scene.stage.server.faults.clear()

    assert verdict is not None
    expect_readable(verdict.words)
    expect_nothing_told(caplog)
    assert verdict.result is not Result.FAIL
    if scene.servers:
        assert verdict.result is Result.UNCLEAR
        assert "by hand, or ephyrad does before the gate's next run" in verdict.words
        scene.gates.tidy(scene.time())
        scene.pass_by(60)
    assert scene.servers == 0

# SPDX-License-Identifier: Apache-2.0
"""A simulated new cloud with available nodes, and gates that boot instances on them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ephyrad.engine.rollout.boot_gate import BootRuns
from ephyrad.migration.facts import CloudName
from ephyrad.rollout.declaration import BootGate
from ephyrad.rollout.trial import TrialOrder, marks_of, name_of
from ephyrad.rollout.verdict import Verdict
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.trials import SimulatedTrials
from tests.contract.stage import Nodes
from tests.contract.test_simulated_cloud import SimulatedStage
from tests.contract.trial_stage import TrialStage, simulated_trials
from tests.unit.engine.rollout.passing import FlyingTime, a_run

OWNER = "this-host:/var/lib/ephyrad"


@dataclass
class World:
    """The cloud, and the runs that are tried in it. `knocks` are what a port answers, in turn."""

    stage: SimulatedStage = field(default_factory=lambda: SimulatedStage(CloudName.NEW))
    knocks: list[bool] = field(default_factory=list)
    knocked: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.trials = SimulatedTrials(self.cloud)
        self.at: TrialStage = simulated_trials(self.stage, self.cloud, self.trials)
        self.nodes = Nodes(self.stage)

    @property
    def cloud(self) -> SimulatedCloud:
        return self.stage.simulated

    @property
    def servers(self) -> list[str]:
        """The names of all servers that there are."""
        assert self.cloud.nova is not None
        return [server.name for server in self.cloud.nova.servers.values()]

    def node(self) -> str:
        """Return a new node that is free."""
        return self.at.free_node(self.nodes)

    def gates(self, owner: str = OWNER) -> BootRuns:
        """Return the runs of an ephyrad that was started just now."""
        name = CloudName.NEW
        return BootRuns({name: self.cloud}, {name: self.trials}, owner, self._knock)

    def gate(self, minutes: float = 30, **parts: Any) -> BootGate:
        given = {"image": self.at.image, "flavor": self.at.flavor} | parts
        return BootGate(within=timedelta(minutes=minutes), **given)

    def time(
        self,
        ends_after: int | None = None,
        resting: Callable[[], object] = lambda: None,
    ) -> FlyingTime:
        """Return time that passes in the cloud too; `resting` is called after each rest."""

        def pass_by(seconds: float) -> None:
            self.stage.clock.advance(seconds)
            resting()

        return FlyingTime(ends_after, pass_by)

    def run(self, gate: BootGate, *nodes: str, time: FlyingTime | None = None) -> Verdict | None:
        return self.gates()(a_run(gate, "run-1", *nodes), time or self.time())

    def verdict(self, gate: BootGate, *nodes: str, time: FlyingTime | None = None) -> Verdict:
        verdict = self.run(gate, *nodes, time=time)
        assert verdict is not None
        return verdict

    def left_behind(self, node: str, run: str, owner: str = OWNER) -> str:
        """Have a trial that a process made that was killed then; return its name."""
        marks = marks_of(owner, run)
        order = TrialOrder(name_of(run), node, self.at.image, self.at.flavor, None, marks)
        self.trials.create(order)
        return order.name

    def _knock(self, address: str, port: int, _seconds: float) -> bool:
        self.knocked.append((address, port))
        return self.knocks.pop(0) if self.knocks else False

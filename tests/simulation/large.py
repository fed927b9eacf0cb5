# SPDX-License-Identifier: Apache-2.0
"""A world of thousands of nodes: only their rollout is audited, and nothing is done for each node.

What the auditor checks of each node by itself costs too much where there are thousands of them, and
the smaller worlds have it.
"""

from math import ceil
from pathlib import Path
from typing import Any

from ephyrad.migration.facts import CloudName
from ephyrad.rollout.declaration import Amount, Declaration, Floor, Limits, Selection, WaveRule
from tests.simulation.auditor import Auditor
from tests.simulation.boundary import BoundedCloud
from tests.simulation.fleet import Kind
from tests.simulation.world import Plan, World

_ALONE = 10
"""Nodes carried one after the other, to learn how long one takes when nothing is in its way."""


class _Bookkeeper(Auditor):
    """Keeps the ledgers, and objects to nothing by itself."""

    def _check(self, uuid: str) -> None:
        pass

    def _compute_changed(self) -> None:
        pass

    def _busy(self) -> int:
        return 0


_WORKERS = 16
"""How many calls of ephyrad's are under way at once, as by its default."""


class LargeWorld(World):
    """`arrived`: how many of its nodes have.

    Its one thread makes one call after the other, of which each takes the time that is its share
    where as many are made side by side.
    """

    auditor_class = _Bookkeeper
    arrived = 0

    def carry(self) -> float:
        """Carry the fleet; return the virtual seconds from the start of the rollout."""
        self.ask()
        began = self.clock.monotonic()
        while self.arrived < len(self.fleet):
            assert self.clock.monotonic() < began + 10 * 86400.0, "the nodes do not arrive"
            self.step(60.0)
        return self.clock.monotonic() - began

    def _cloud(self, name: CloudName) -> BoundedCloud:
        cloud = super()._cloud(name)
        # All of them are enrolled at once.
        cloud.settings.max_concurrent_clean = len(self.plan.kinds)
        return cloud

    def _begin(self) -> None:
        super()._begin()
        for cloud in (self.old, self.new):
            cloud.latency = self._share

    def _share(self) -> tuple[float, float]:
        before, after = self.weather.latency()
        return before / _WORKERS, after / _WORKERS

    def _written(self, node: str, kind: str, body: dict[str, Any]) -> None:
        super()._written(node, kind, body)
        self.arrived += kind == "transition" and body["dest"] == "compute-ready"


def share_of_the_ideal(nodes: int, slots: int, directory: Path) -> float:
    """Carry idle nodes by a rollout; return the ideal makespan over the one that it took.

    The ideal has every slot take the next node in the instant in which it is free, wave by wave.
    """
    one = Declaration("one", (Selection(),), limits=Limits(in_flight=1))
    declared = Declaration(
        "large",
        (Selection(),),
        waves=(WaveRule("canary", Amount(percent=2.0)), WaveRule("rest")),
        limits=Limits(in_flight=slots, by_value={"extra.rack": ceil(slots / 3)}),
        floors=(Floor(CloudName.OLD, "*", Amount(percent=5.0)),),
    )
    alone = _took(one, _ALONE, 1, directory / "one") / _ALONE
    canary = ceil(nodes * 0.02)
    ideal = (ceil(canary / slots) + ceil((nodes - canary) / slots)) * alone
    return ideal / _took(declared, nodes, slots, directory / "large")


def _took(declared: Declaration, nodes: int, slots: int, directory: Path) -> float:
    directory.mkdir(mode=0o700)
    kinds = (Kind.IDLE,) * nodes
    plan = Plan(seed=1, kinds=kinds, limit=slots, booting=False, rollout=declared)
    world = LargeWorld(plan, directory)
    try:
        return world.carry()
    finally:
        world.close()

# SPDX-License-Identifier: Apache-2.0
"""A world of thousands of nodes: only their rollout is audited, and nothing is done for each node.

What the auditor checks of each node by itself costs too much where there are thousands of them, and
the smaller worlds have it.
"""

from typing import Any

from ephyrad.migration.facts import CloudName
from tests.simulation.auditor import Auditor
from tests.simulation.boundary import BoundedCloud
from tests.simulation.world import World


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

# SPDX-License-Identifier: Apache-2.0
"""Nodes of one test: enrolled on the old cloud, watched on their way, judged at the end."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from tests.harness import belongings
from tests.harness.belongings import Belongings, without_targets
from tests.harness.daemon import Daemon
from tests.harness.verdict import Judge, Verdict
from tests.lab import fleet, instances, patience
from tests.lab.fleet import Node
from tests.lab.nodes import Kind
from tests.lab.ports import Cloud
from tests.lab.settings import Settings

_ARRIVED = "compute-ready"
_AT_ONCE = 4


class Fleet:
    """The nodes whose names begin with `prefix`."""

    def __init__(self, lab: Settings, prefix: str) -> None:
        self.lab = lab
        self.prefix = prefix
        self.nodes: list[Node] = []
        self.before: dict[str, Belongings] = {}

    def enrol(self, wanted: Mapping[Kind, int]) -> list[Node]:
        """Have nodes of these kinds available on the old cloud, and remember all they have."""
        self.nodes = fleet.enrol(self.lab, wanted, prefix=self.prefix)
        for node in self.nodes:
            self.before[node.name] = belongings.read(self.lab, "old", node.uuid)
        return self.nodes

    def boot(self, nodes: Iterable[Node], cloud: Cloud = "old") -> dict[str, str]:
        """Boot an instance on each of the nodes; return node name -> instance."""
        chosen = list(nodes)
        for node in chosen:
            # Nova's ironic driver takes a node's volume targets away with its instance, unless
            # Ironic says that the node is still powered on: then it only warns, and they stay
            # (observed on 2023.1: nova/virt/ironic/driver.py).
            self.before[node.name] = without_targets(self.before[node.name])
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            booted = pool.map(lambda node: instances.boot(self.lab, cloud, node.uuid), chosen)
            return dict(zip((node.name for node in chosen), booted, strict=True))

    def delete(self, servers: Iterable[str], cloud: Cloud = "old") -> None:
        """Delete instances, as CI would."""
        for server in servers:
            instances.delete(self.lab, cloud, server, wait=False)

    def wait_for(self, daemon: Daemon, names: Iterable[str], state: str, seconds: float) -> None:
        """Return when the nodes are in this state; a held node ends the wait.

        :raises LabError: it took too long, or a node is held; the message says which and why.
        """
        wanted = set(names)

        def look() -> bool | None:
            rows = {row["name"]: row for row in daemon.ephyra("node", "list")}
            held = [f"{name}: {rows[name]['doing']}" for name in wanted if rows[name]["held"]]
            assert not held, held
            return True if {rows[name]["state"] for name in wanted} == {state} else None

        patience.until(f"{', '.join(sorted(wanted))} to be {state}", look, seconds, pause=1)

    def wait_for_release(self, daemon: Daemon, name: str, seconds: float) -> None:
        """Return when a held node is released; its hold must go by itself.

        :raises LabError: it took too long.
        """

        def look() -> bool | None:
            return None if daemon.ephyra("node", "show", name)["held"] else True

        patience.until(f"{name} to be released", look, seconds)

    def wait_arrived(self, daemon: Daemon, seconds: float = 600) -> None:
        """Return when all nodes are compute-ready."""
        self.wait_for(daemon, [node.name for node in self.nodes], _ARRIVED, seconds)

    def verdicts(self, arrived: Cloud = "new") -> list[Verdict]:
        """Judge all nodes, by what they were before; `arrived` is the cloud they are to be in."""
        judge = Judge(self.lab, arrived)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(
                pool.map(lambda node: judge.judge(node, self.before[node.name]), self.nodes)
            )

    def complaints(self, arrived: Cloud = "new") -> list[str]:
        """Return everything that is not as it must be with nodes that arrived: empty is right."""
        return [f"{one.node}: {line}" for one in self.verdicts(arrived) for line in one.complaints]

    def discard(self) -> None:
        """Remove the nodes from both clouds."""
        fleet.discard(self.lab, self.prefix)

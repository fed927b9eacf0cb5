# SPDX-License-Identifier: Apache-2.0
"""The nodes of one rollout in the lab: of a resource class of their own, in racks."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.harness import belongings
from tests.harness.belongings import Belongings, without_targets
from tests.harness.verdict import Judge
from tests.lab import fleet, instances, offer, patience
from tests.lab.fleet import Node
from tests.lab.nodes import Kind
from tests.lab.openstack_api import Api
from tests.lab.ports import CLOUDS, Cloud
from tests.lab.settings import Settings

_AT_ONCE = 4


class Campaign:
    """Nodes whose names begin with `prefix`, with a flavor in both clouds that nobody else needs.

    `before` is what the old cloud had of each node, by its name.
    """

    def __init__(self, lab: Settings, prefix: str, racks: int) -> None:
        self.lab = lab
        self.prefix = prefix
        self.racks = racks
        self.nodes: list[Node] = []
        self.before: dict[str, Belongings] = {}
        self.rack: dict[str, str] = {}
        self.old, self.new = (Api(lab, cloud, "baremetal") for cloud in ("old", "new"))

    @property
    def resource_class(self) -> str:
        """The resource class of the nodes."""
        return self.prefix

    @property
    def flavor(self) -> str:
        """The id and name of the flavor that takes one of the nodes."""
        return self.prefix

    def enrol(self, *kinds: Kind) -> list[Node]:
        """Have nodes of these kinds available on the old cloud, the first one in slot 0."""
        resources = f"CUSTOM_{self.resource_class.upper().replace('-', '_')}"
        for cloud in CLOUDS:
            nova = Api(self.lab, cloud, "compute")
            offer.ensure_flavor(nova, self.flavor, self.flavor, resources)
        wanted = {kind: kinds.count(kind) for kind in Kind}
        # A class is given before a cloud's Nova sees the node with another one.
        found = fleet.enrol(self.lab, wanted, prefix=self.prefix, stop_at="enroll")
        self.nodes = [
            found.pop(next(at for at, node in enumerate(found) if node.kind is kind))
            for kind in kinds
        ]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._place, range(len(self.nodes))))
            fleet.enrol(self.lab, wanted, prefix=self.prefix)
            had = pool.map(lambda node: belongings.read(self.lab, "old", node.uuid), self.nodes)
            names = (node.name for node in self.nodes)
            self.before.update(zip(names, had, strict=True))
        return self.nodes

    def boot(self, node: Node) -> str:
        """Boot an instance on a node of the old cloud; return it."""
        # Nova takes a node's volume targets away with its instance: see Fleet.boot.
        self.before[node.name] = without_targets(self.before[node.name])
        return instances.boot(self.lab, "old", node.uuid, flavor=self.flavor)

    def set_password(self, cloud: Cloud, node: Node, password: str) -> None:
        """Give a node's record another password of its BMC."""
        api = self.old if cloud == "old" else self.new
        patch = {"op": "replace", "path": "/driver_info/redfish_password", "value": password}
        patience.unless_locked(lambda: api.call("PATCH", f"/v1/nodes/{node.uuid}", [patch]))

    def complaints(self, nodes: Iterable[Node], cloud: Cloud) -> list[str]:
        """Return all that is not as it must be of nodes that are to be in a cloud."""
        judge = Judge(self.lab, cloud)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            verdicts = pool.map(lambda node: judge.judge(node, self.before[node.name]), nodes)
            return [f"{one.node}: {line}" for one in verdicts for line in one.complaints]

    def discard(self) -> None:
        """Remove the nodes and the flavor from both clouds."""
        fleet.discard(self.lab, self.prefix)
        for cloud in CLOUDS:
            nova = Api(self.lab, cloud, "compute")
            if nova.find(f"/flavors/{self.flavor}") is not None:
                nova.delete(f"/flavors/{self.flavor}")

    def _place(self, slot: int) -> None:
        node = self.nodes[slot]
        self.rack[node.name] = f"{self.prefix}-r{slot % self.racks}"
        values: Mapping[str, Any] = {
            "/resource_class": self.resource_class,
            "/extra/rack": self.rack[node.name],
            "/extra/slot": slot,
        }
        patch = [{"op": "add", "path": path, "value": value} for path, value in values.items()]
        patience.unless_locked(lambda: self.old.call("PATCH", f"/v1/nodes/{node.uuid}", patch))

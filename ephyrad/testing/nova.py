# SPDX-License-Identifier: Apache-2.0
"""A simulated Nova with the ironic driver, and its placement: servers, providers, allocations.

What placement says of a node is as old as nova-compute's last `update_available_resource`.
"""

import random
import uuid as uuids
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import ComputeFacts, ProviderFacts
from ephyrad.testing.bus import Bus, nova_object
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.ironic import Ironic
from ephyrad.testing.placement_names import PlacementNames
from ephyrad.testing.records import Node
from ephyrad.testing.refusals import ApiError

PROJECT = "project-1"
"""The id of the project that every server belongs to."""

_STANDS = {
    "scheduling": ("building", "scheduling"),
    "building": ("building", "spawning"),
    "active": ("active", None),
    "deleting": ("active", "deleting"),
    "error": ("error", None),
}
_STATUS = {
    "scheduling": "BUILD",
    "building": "BUILD",
    "active": "ACTIVE",
    "deleting": "ACTIVE",
    "error": "ERROR",
}
_BUSY = (409, 503)
_GIVEN_BACK = frozenset({"cleaning", "clean wait", "clean failed", "available", "manageable"})


@dataclass(slots=True)
class Server:
    """An instance on a node. `state` is scheduling, building, active, deleting or error.

    `node` is "" while it is on none. `locked`: its owner locked it, which keeps no administrator
    from deleting it. `fault`: what Nova says of an error. `failing`: it is taken off its node, and
    will be in error.
    """

    uuid: str
    node: str
    state: str = "building"
    locked: bool = False
    name: str = ""
    project: str = PROJECT
    metadata: dict[str, str] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    fault: str = ""
    failing: bool = False


@dataclass(slots=True)
class Provider:
    """A node's resource provider: the inventory, and who has an allocation on it.

    `orphan`: its node vanished while somebody had an allocation, so that it could not be deleted;
    it stays for ever, and free as it seems (observed on 2023.1).
    """

    resource_class: str
    total: int = 1
    reserved: int = 1
    consumers: list[str] = field(default_factory=list)
    orphan: bool = False

    @property
    def free(self) -> bool:
        """Whether the scheduler would choose it."""
        return self.total - self.reserved - len(self.consumers) > 0


class Nova:
    """Servers on the nodes of one Ironic. `interval` is nova-compute's, in seconds.

    While `stalled`, nova-compute's periodic work stands still. `names` are placement's traits and
    resource classes. `changed` is called after servers or
    providers changed.
    """

    def __init__(
        self,
        clock: VirtualClock,
        ironic: Ironic,
        bus: Bus,
        rng: random.Random,
        interval: float = 60.0,
    ) -> None:
        self.servers: dict[str, Server] = {}
        self._booted_on: dict[str, list[str]] = {}
        self.providers: dict[str, Provider] = {}
        self.interval = interval
        self.stalled = False
        self.names = {
            Kind.TRAIT: PlacementNames(Kind.TRAIT, self._traits),
            Kind.RESOURCE_CLASS: PlacementNames(Kind.RESOURCE_CLASS, self._resource_classes),
        }
        self.changed: list[Callable[[], None]] = []
        self._clock = clock
        self._ironic = ironic
        self._bus = bus
        self._rng = rng
        clock.call_later(rng.uniform(0.0, interval), self._periodic)

    def facts(self, node: str) -> ComputeFacts:
        """Return what Nova and placement say of a node."""
        provider = self.providers.get(node)
        return ComputeFacts(
            instances=tuple(uuid for uuid in self._booted_on.get(node, ()) if uuid in self.servers),
            provider=None
            if provider is None
            else ProviderFacts(
                inventory={provider.resource_class: (provider.total, provider.reserved)},
                consumers=tuple(provider.consumers),
            ),
        )

    def show(self, uuid: str) -> dict[str, Any]:
        """Return what of a server ephyrad reads, as Nova writes it.

        :raises ApiError: there is none.
        """
        server = self._found(uuid)
        state = "building" if server.failing else server.state
        status, (state, task) = _STATUS[state], _STANDS[state]
        shown = {"fault": {"code": 500, "message": server.fault}} if server.fault else {}
        return shown | {
            "id": server.uuid,
            "name": server.name,
            "status": status,
            "tenant_id": server.project,
            "metadata": server.metadata,
            "addresses": {"a network": [{"addr": each} for each in server.addresses]},
            "locked": server.locked,
            "OS-EXT-STS:vm_state": state,
            "OS-EXT-STS:task_state": task,
            "OS-EXT-SRV-ATTR:hypervisor_hostname": server.node or None,
        }

    def delete_as_admin(self, uuid: str) -> None:
        """Delete a server as `DELETE /servers/ID` does.

        :raises ApiError: there is none.
        """
        self._found(uuid)
        self.delete(uuid)

    def free(self) -> list[str]:
        """Return the nodes that placement offers: allocation candidates."""
        return [node for node, provider in self.providers.items() if provider.free]

    def boot(self, node: str | None = None) -> str | None:
        """Boot a server on any free node, or this one if it is free; None: no valid host."""
        candidates = [each for each in self.free() if node in (None, each)]
        if not candidates:
            return None
        chosen = self._rng.choice(candidates)
        uuid = str(uuids.UUID(int=self._rng.getrandbits(128), version=4))
        self.put(Server(uuid, chosen))
        self.providers[chosen].consumers.append(uuid)
        self._tell()
        self._publish(uuid, "create.start")
        self._later(1.0, 4.0, lambda: self._spawn(uuid))
        return uuid

    def request(
        self, node: str, name: str, project: str, metadata: Mapping[str, str], *addresses: str
    ) -> str:
        """Take on a server that is to boot on this node, whether it can or not; return its UUID.

        Whether the node is free is seen when it is scheduled. One that cannot be built is in error.

        :raises ApiError: Nova has no such hypervisor.
        """
        if node not in self.providers:
            raise ApiError(400, f"Compute host {node} could not be found.")
        uuid = str(uuids.UUID(int=self._rng.getrandbits(128), version=4))
        self.servers[uuid] = Server(
            uuid,
            "",
            "scheduling",
            name=name,
            project=project,
            metadata=dict(metadata),
            addresses=addresses,
        )
        self._publish(uuid, "create.start")
        self._later(0.1, 1.5, lambda: self._schedule(uuid, node))
        return uuid

    def put(self, server: Server) -> Server:
        """Have a server, whoever made it and however."""
        self.servers[server.uuid] = server
        self._booted_on.setdefault(server.node, []).append(server.uuid)
        return server

    def delete(self, uuid: str) -> None:
        """Delete a server: undeploy its node, then forget it."""
        server = self.servers.get(uuid)
        if server is None or (server.state == "deleting" and not server.failing):
            return
        server.state, server.failing = "deleting", False
        self._tell()
        self._publish(uuid, "delete.start")
        self._later(0.1, 2.0, lambda: self._unprovision(uuid))

    def _found(self, uuid: str) -> Server:
        if uuid not in self.servers:
            raise ApiError(404, f"Instance {uuid} could not be found.")
        return self.servers[uuid]

    def _periodic(self) -> None:
        """`update_available_resource`: the only thing that brings nodes and providers together."""
        if not self.stalled:
            for node in list(self._ironic.nodes.values()):
                self._report(node)
            for uuid in [uuid for uuid in self.providers if uuid not in self._ironic.nodes]:
                provider = self.providers[uuid]
                if provider.consumers:
                    provider.orphan, provider.reserved = True, 0
                elif not provider.orphan:
                    del self.providers[uuid]
        self._tell()
        self._clock.call_later(self.interval, self._periodic)

    def _traits(self) -> set[str]:
        nodes = (self._ironic.nodes.get(uuid) for uuid in self.providers)
        return {trait for node in nodes if node is not None for trait in node.traits}

    def _resource_classes(self) -> set[str]:
        return {provider.resource_class for provider in self.providers.values()}

    def _tell(self) -> None:
        for watch in self.changed:
            watch()

    def _report(self, node: Node) -> None:
        instance = node.body["instance_uuid"]
        if not node.body["resource_class"]:
            return
        if instance and instance not in self.servers:
            self.providers.pop(node.uuid, None)
            return
        name = "CUSTOM_" + str(node.body["resource_class"]).upper().replace(".", "_")
        provider = self.providers.setdefault(node.uuid, Provider(name))
        self.names[Kind.RESOURCE_CLASS].put(name)
        for trait in node.traits:
            if trait.startswith("CUSTOM_"):
                self.names[Kind.TRAIT].put(trait)
        usable = (
            node.state == "available"
            and not node.body["maintenance"]
            and node.body["power_state"] is not None
            and not instance
        )
        provider.resource_class, provider.orphan = name, False
        provider.reserved = 0 if usable else 1

    def _schedule(self, uuid: str, node: str) -> None:
        server = self.servers.get(uuid)
        if server is None or server.state != "scheduling":
            return
        if node not in self.free():
            server.state, server.fault = "error", "No valid host was found. "
            return
        server.node, server.state = node, "building"
        self._booted_on.setdefault(node, []).append(uuid)
        self.providers[node].consumers.append(uuid)
        self._tell()
        self._later(1.0, 4.0, lambda: self._spawn(uuid))

    def _spawn(self, uuid: str) -> None:
        server = self.servers.get(uuid)
        if server is None or server.state == "deleting":
            return
        try:
            self._ironic.associate(server.node, uuid)
            self._ironic.provision(server.node, "active")
        except ApiError as error:
            if error.status in _BUSY and self._rng.random() < 0.5:
                self._later(1.0, 3.0, lambda: self._spawn(uuid))
            else:
                self._give_up(uuid)
            return
        self._poll(uuid)

    def _poll(self, uuid: str) -> None:
        """Look every few seconds whether the node is deployed."""
        server = self.servers.get(uuid)
        if server is None or server.state != "building":
            return
        node = self._ironic.nodes.get(server.node)
        if node is None or node.state in ("deploy failed", "error"):
            self.delete(uuid)
            # Who asked for this very server is told what became of it.
            server.failing = bool(server.name)
        elif node.state == "active":
            server.state = "active"
            self._publish(uuid, "create.end")
        else:
            self._later(2.0, 4.0, lambda: self._poll(uuid))

    def _give_up(self, uuid: str) -> None:
        """Take back what a failed spawn left on the node, and reschedule nowhere."""
        server = self.servers.get(uuid)
        if server is None:
            return
        node = self._ironic.nodes.get(server.node)
        if node is not None and node.body["instance_uuid"] == uuid:
            try:
                self._ironic.patch(server.node, {"instance_uuid": None})
            except ApiError as error:
                if error.status in _BUSY:
                    self._later(1.0, 3.0, lambda: self._give_up(uuid))
                    return
        self._forget(uuid)

    def _unprovision(self, uuid: str) -> None:
        """Ask Ironic to undeploy; wait only until the node is no longer `deleting`."""
        server = self.servers.get(uuid)
        if server is None:
            return
        node = self._ironic.nodes.get(server.node)
        if node is None or node.body["instance_uuid"] not in (uuid, None):
            self._forget(uuid)
            return
        if node.state in _GIVEN_BACK:
            self._give_up(uuid)
            return
        if node.state != "deleting":
            try:
                self._ironic.provision(server.node, "deleted")
            except ApiError as error:
                if error.status == 403:
                    server.state = "error"
                    return
        self._later(2.0, 4.0, lambda: self._unprovision(uuid))

    def _forget(self, uuid: str) -> None:
        """End the server and its allocation, or the allocation of one that is to be in error."""
        server = self.servers[uuid]
        provider = self.providers.get(server.node)
        if provider is not None and uuid in provider.consumers:
            provider.consumers.remove(uuid)
        self._tell()
        if server.failing:
            server.state, server.node, server.failing = "error", "", False
            server.fault = f"Exceeded maximum number of retries for instance {uuid}."
            return
        del self.servers[uuid]
        self._publish_of(server, "delete.end")

    def _publish(self, uuid: str, kind: str) -> None:
        self._publish_of(self.servers[uuid], kind)

    def _publish_of(self, server: Server, kind: str) -> None:
        data = {"uuid": server.uuid, "node": server.node, "host": "compute", "state": server.state}
        payload = nova_object("InstanceActionPayload", data)
        self._bus.publish("nova-compute:compute", f"instance.{kind}", payload)

    def _later(self, low: float, high: float, call: Callable[[], None]) -> None:
        self._clock.call_later(self._rng.uniform(low, high), call)

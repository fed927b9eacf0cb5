# SPDX-License-Identifier: Apache-2.0
"""Where a cloud stands while it is tried, and the nodes that a test makes there."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

from ephyrad.clouds.port import Cloud
from ephyrad.migration.effects import PartKind
from ephyrad.migration.facts import NodeFacts, Provision
from ephyrad.migration.outcomes import Done, Outcome, Underway, Unreachable
from ephyrad.testing.cloud import SimulatedCloud

PATIENCE = 900
"""Moments to wait for anything."""

PARTS: Mapping[PartKind, Mapping[str, Any]] = {
    PartKind.PORTGROUP: {"mode": "802.3ad"},
    PartKind.PORT: {"extra": {"slot": 1}},
    PartKind.CONNECTOR: {"type": "iqn"},
    PartKind.TARGET: {"volume_type": "iscsi", "boot_index": 0},
}


class Stage(ABC):
    """A cloud, and what a test needs beside the port."""

    cloud: Cloud
    paged: Cloud
    """The same cloud, listed in pages of two nodes."""
    unverifiable: Mapping[str, Any]
    """What a node's record needs for `manage` to fail."""
    absent: str = str(uuid.UUID(int=0))
    """The UUID of no node, port or image."""

    domain: str = "Default"
    """The name of a domain that it has."""
    project: str = "service"
    """The name of a project that is there."""
    user: str = "admin"
    """The name of a user that is there."""

    resource_class: str = "contract"
    """The resource class of a node that :meth:`boot` may be asked for."""

    @abstractmethod
    def boot(self, node: str) -> str:
        """Have Nova boot a server on an available node; return its UUID once it is active."""

    @abstractmethod
    def lock(self, server: str) -> None:
        """Have a server's owner lock it."""

    @abstractmethod
    def wait(self) -> None:
        """Let the cloud work for a moment, a fifth of a second of it at least."""

    @abstractmethod
    def network(self) -> AbstractContextManager[tuple[str, str]]:
        """Have a network meanwhile; give its id and name."""

    @abstractmethod
    def image(self) -> AbstractContextManager[tuple[str, str]]:
        """Have an active image meanwhile; give its id and name."""

    @abstractmethod
    def flavor(self, **extra_specs: str) -> AbstractContextManager[str]:
        """Have a private flavor meanwhile; give its name."""

    @abstractmethod
    def held(self, node: str) -> AbstractContextManager[None]:
        """Have a conductor hold the lock of an enrolled, unverifiable node meanwhile."""

    @abstractmethod
    def occupy(self, node: str) -> None:
        """Have an instance put on an available node: it becomes `active`."""

    @abstractmethod
    def vacate(self, node: str) -> None:
        """Have the instance taken away: the node is deleted from, cleaned and so on."""


class Nodes:
    """The nodes of one test."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._cloud = stage.cloud
        self._made: list[str] = []

    def make(self, state: Provision = Provision.ENROLL, **body: Any) -> str:
        """Create a node, bring it into a state, and return its UUID."""
        node = record(**body)
        made: str = node["uuid"]
        self._made.append(made)
        assert self._cloud.create_node(node) == Done()
        if state is not Provision.ENROLL:
            self.bring(made, state)
        return made

    def facts(self, node: str) -> NodeFacts:
        facts = self._cloud.node(node)
        assert facts is not None
        return facts

    def settle(self, node: str, *states: Provision) -> NodeFacts:
        """Wait until the node rests in one of these states."""
        facts = self.facts(node)
        for _ in range(PATIENCE):
            if facts.provision_state in states and facts.reservation is None:
                return facts
            self._stage.wait()
            facts = self.facts(node)
        raise AssertionError(f"{facts} is in none of {states}")

    def when_unlocked(self, act: Callable[[], Outcome]) -> Outcome:
        """Perform an effect as the engine does: again while it is refused for now only."""
        outcome = act()
        for _ in range(PATIENCE):
            if not isinstance(outcome, Unreachable):
                break
            self._stage.wait()
            outcome = act()
        return outcome

    def remove_all(self) -> None:
        for node in self._made:
            if self._cloud.node(node) is not None:
                # In maintenance a node can be deleted from any state.
                self.when_unlocked(partial(self._cloud.set_maintenance, node, "over"))
                assert self.when_unlocked(partial(self._cloud.delete_node, node)) == Done()

    def bring(self, node: str, state: Provision) -> None:
        cloud = self._cloud
        assert self.when_unlocked(lambda: cloud.provision(node, "manage")) == Underway()
        self.settle(node, Provision.MANAGEABLE)
        if state is Provision.MANAGEABLE:
            return
        assert self.when_unlocked(lambda: cloud.power_off(node)) == Underway()
        assert self.when_unlocked(lambda: cloud.provision(node, "provide")) == Underway()
        self.settle(node, Provision.AVAILABLE)
        if state is Provision.AVAILABLE:
            return
        self._stage.occupy(node)
        self.settle(node, Provision.ACTIVE)


def record(**body: Any) -> dict[str, Any]:
    """Return the record of a new node with fake hardware, under a name of its own."""
    made = str(uuid.uuid4())
    return {
        "uuid": made,
        "name": f"contract-{made[:8]}",
        "driver": "fake-hardware",
        "resource_class": "contract",
    } | body


def part(kind: PartKind, node: str, **body: Any) -> dict[str, Any]:
    """Return a record that belongs to a node, with a MAC or an initiator of its own."""
    made = uuid.uuid4()
    own: dict[PartKind, dict[str, Any]] = {
        PartKind.PORTGROUP: {"address": mac(made), "name": f"contract-{made.hex[:8]}"},
        PartKind.PORT: {"address": mac(made)},
        PartKind.CONNECTOR: {"connector_id": f"iqn.2026-11.example:{made}"},
        PartKind.TARGET: {"volume_id": str(made)},
    }
    return {"uuid": str(made), "node_uuid": node, **PARTS[kind], **own[kind], **body}


def mac(made: uuid.UUID) -> str:
    return "52:54:" + ":".join(made.hex[at : at + 2] for at in range(0, 8, 2))


def simulated_boot(cloud: SimulatedCloud, wait: Callable[[], None]) -> Callable[[str], str]:
    """Return what boots a server on a node of a simulated cloud."""

    def boot(node: str) -> str:
        assert cloud.nova is not None
        server = cloud.nova.boot(node)
        for _ in range(PATIENCE):
            if server is not None and cloud.nova.servers[server].state == "active":
                return server
            wait()
            server = server or cloud.nova.boot(node)
        raise AssertionError(f"no server becomes active on {node}")

    return boot


def simulated_lock(cloud: SimulatedCloud, server: str) -> None:
    """Have the owner of a server of a simulated cloud lock it."""
    assert cloud.nova is not None
    cloud.nova.servers[server].locked = True


@contextmanager
def simulated_network(cloud: SimulatedCloud) -> Iterator[tuple[str, str]]:
    """Have a network in a simulated cloud meanwhile."""
    ident = str(uuid.uuid4())
    cloud.neutron[ident] = f"contract-{ident[:8]}"
    yield ident, cloud.neutron[ident]
    del cloud.neutron[ident]


@contextmanager
def simulated_image(cloud: SimulatedCloud) -> Iterator[tuple[str, str]]:
    """Have an image in a simulated cloud meanwhile."""
    name = f"contract-{uuid.uuid4().hex[:8]}"
    body = {"name": name, "disk_format": "raw", "container_format": "bare", "os_hidden": True}
    ident = cloud.glance.create(body, "service")["id"]
    upload = cloud.glance.take_in(ident, None)
    upload.take(b"an image")
    upload.end()
    yield ident, name
    cloud.glance.delete(ident)


@contextmanager
def simulated_flavor(cloud: SimulatedCloud, specs: Mapping[str, str]) -> Iterator[str]:
    """Have a private flavor in a simulated cloud meanwhile."""
    name = f"contract-{uuid.uuid4().hex[:8]}"
    cloud.flavors.create(id=name, name=name, ram=8, vcpus=1, disk=1, is_public=False)
    cloud.flavors.specify(name, specs)
    yield name
    cloud.flavors.delete(name)

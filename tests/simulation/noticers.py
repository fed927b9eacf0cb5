# SPDX-License-Identifier: Apache-2.0
"""Who gives word that instances may be deleted, and who acts against it, at any moment."""

import contextlib
import random
import uuid as uuids
from collections.abc import Callable
from datetime import datetime, timedelta

from ephyrad.engine.answers import OperationError
from ephyrad.engine.operations import EngineOperations
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.nova import Nova, Server
from tests.simulation.fleet import Member
from tests.simulation.meddlers import Meddlers, Roles
from tests.simulation.trace import Trace

_BY = "rollout a"


class Noticers:
    """What they do. `roles` tells which cloud a node leaves; `now` is of ephyrad's machine."""

    def __init__(
        self,
        roles: Roles,
        fleet: list[Member],
        *,
        clock: VirtualClock,
        rng: random.Random,
        trace: Trace,
        meddlers: Meddlers,
        operations: Callable[[], EngineOperations | None],
        now: Callable[[], datetime],
    ) -> None:
        self._roles = roles
        self._fleet = fleet
        self._clock = clock
        self._rng = rng
        self._trace = trace
        self._meddlers = meddlers
        self._operations = operations
        self._now = now

    def give_all(self) -> None:
        """Have every node released, by a word for another instance first."""
        self._clock.call_later(60.0, self.give_all)
        operations = self._operations()
        for member in self._fleet if operations is not None else ():
            assert operations is not None
            with contextlib.suppress(OperationError):
                instance = self._on(member.uuid)
                if operations.node(member.uuid).notice is None and instance is not None:
                    kinds = [entry.kind for entry in operations.history(member.uuid)]
                    named = instance if "recalled" in kinds else self._uuid()
                    self._give(member.uuid, named, timedelta(seconds=90))

    def act(self) -> None:
        """Do one thing to a node."""
        node = self._rng.choice(self._fleet).uuid
        deed = self._rng.choices(
            (self._give_soon, self._give_wrongly, self._recall, self._lock, self._replace),
            (6, 1, 1, 1, 1),
        )[0]
        with contextlib.suppress(OperationError):
            deed(node)

    def _give_soon(self, node: str) -> None:
        instance = self._on(node)
        if instance is not None:
            self._give(node, instance, timedelta(seconds=self._rng.uniform(-60, 900)))

    def _give_wrongly(self, node: str) -> None:
        others = [*self._nova(node).servers, self._uuid()]
        self._give(node, self._rng.choice(others), timedelta())

    def _give(self, node: str, instance: str, ahead: timedelta) -> None:
        operations = self._operations()
        if operations is not None:
            self._trace.add(f"{node[:8]} notice is given of {instance[:8]}, due in {ahead}")
            operations.give_notice(node, instance, self._now() + ahead, by=_BY)

    def _recall(self, node: str) -> None:
        operations = self._operations()
        if operations is not None:
            self._trace.add(f"{node[:8]} notice is recalled")
            operations.recall_notice(node, by=_BY)

    def _lock(self, node: str) -> None:
        """Have the owner lock the instance, or unlock it again."""
        for server in self._nova(node).servers.values():
            if server.node == node:
                self._meddlers.at[node] = self._clock.monotonic()
                server.locked = not server.locked
                self._trace.add(f"{node[:8]} its owner locks it: {server.locked}")
                if server.locked:
                    # Whoever gives notice does not look whether it is.
                    self._give(node, server.uuid, timedelta(seconds=60))

    def _replace(self, node: str) -> None:
        """Have another instance on the node, as who puts things right by hand in a database."""
        ironic, nova = self._roles(node)[0].ironic, self._nova(node)
        record, provider = ironic.nodes.get(node), nova.providers.get(node)
        server = nova.servers.get(self._on(node) or "")
        if record is None or provider is None or server is None or server.state != "active":
            return
        self._meddlers.at[node] = self._clock.monotonic()
        del nova.servers[server.uuid]
        made = nova.put(Server(self._uuid(), node, "active"))
        provider.consumers[:] = [made.uuid]
        ironic.conductor.write(record, instance_uuid=made.uuid)
        self._trace.add(f"{node[:8]} its instance is replaced by {made.uuid[:8]}")

    def _nova(self, node: str) -> Nova:
        """Return the Nova of the cloud that a node leaves."""
        nova = self._roles(node)[0].nova
        assert nova is not None
        return nova

    def _on(self, node: str) -> str | None:
        record = self._roles(node)[0].ironic.nodes.get(node)
        return None if record is None else record.body["instance_uuid"]

    def _uuid(self) -> str:
        return str(uuids.UUID(int=self._rng.getrandbits(128), version=4))

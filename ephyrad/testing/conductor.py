# SPDX-License-Identifier: Apache-2.0
"""What every piece of a simulated conductor's work is made of: locks, moves, errors, power sync."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ephyrad.testing.bus import Bus, ironic_object
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.machines import BmcError, MachineRoom
from ephyrad.testing.records import Node, copied, iso
from ephyrad.testing.settings import IronicSettings, Range

STABLE = frozenset({"enroll", "manageable", "available", "active", "error", "rescue"})

# ironic/conductor/manager.py: SYNC_EXCLUDED_STATES, and what waits for an agent.
_NOT_SYNCED = frozenset({"enroll", "adopt failed", "wait call-back", "clean wait"})
_POWER_FAILURES = 3

# What no notification has.
_UNSAID = frozenset({"driver_info", "reservation", "shard", "automated_clean"})

# What a conductor that starts makes of the nodes on which it worked when it died.
_AFTER_DEATH = {
    "verifying": "enroll",
    "cleaning": "clean failed",
    "deploying": "deploy failed",
    "deleting": "error",
}


class Conductor:
    """The nodes of one Ironic, and the only thing that moves them.

    `changed` is called with a node's UUID after each change of a record, however small.
    """

    def __init__(
        self,
        clock: VirtualClock,
        room: MachineRoom,
        bus: Bus,
        rng: random.Random,
        settings: IronicSettings,
    ) -> None:
        self.clock = clock
        self.room = room
        self.rng = rng
        self.settings = settings
        self.nodes: dict[str, Node] = {}
        self._passing: dict[str, None] = {}
        self.changed: list[Callable[[str], None]] = []
        self.alive = True
        self._bus = bus
        first = rng.uniform(0.0, settings.power_sync_interval)
        clock.call_later(first, self._sync_all_power)

    def lock(self, node: Node) -> None:
        """Hold the node for a task, giving up what was begun with it before."""
        node.work += 1
        node.body["reservation"] = self.settings.host

    def unlock(self, node: Node) -> None:
        """Let go of the node."""
        node.body["reservation"] = None

    def later(self, node: Node, seconds: Range, call: Callable[[], None]) -> None:
        """Go on with a piece of work, unless it was given up or the node is gone by then."""
        work = node.work

        def due() -> None:
            if self.nodes.get(node.uuid) is node and node.work == work:
                call()

        self.clock.call_later(self.rng.uniform(*seconds), due)

    def in_states(self, states: frozenset[str]) -> list[str]:
        """Return the nodes in these states, none of which is stable."""
        for uuid in [uuid for uuid in self._passing if self._is_settled(uuid)]:
            del self._passing[uuid]
        return [uuid for uuid in self._passing if self.nodes[uuid].state in states]

    def _is_settled(self, uuid: str) -> bool:
        node = self.nodes.get(uuid)
        return node is None or node.state in STABLE

    def move(self, node: Node, event: str, state: str, target: str | None = None) -> None:
        """Change the provision state and publish it; `event` is Ironic's own word."""
        before = (node.body["provision_state"], node.body["target_provision_state"])
        self.write(
            node,
            provision_state=state,
            target_provision_state=target,
            provision_updated_at=iso(self.clock.now()),
        )
        self._passing[node.uuid] = None
        if event == "fail":
            kind = "error"
        elif (before[0] in STABLE) == (state in STABLE):
            kind = "success"
        else:
            kind = "start" if before[0] in STABLE else "end"
        more = {
            "event": event,
            "previous_provision_state": before[0],
            "previous_target_provision_state": before[1],
        }
        self.notify(
            node, f"provision_set.{kind}", priority="error" if kind == "error" else "info", **more
        )

    def write(self, node: Node, **values: Any) -> None:
        """Write fields of a record, and tell who watches."""
        node.body.update(values)
        node.body["updated_at"] = iso(self.clock.now())
        self.tell(node.uuid)

    def tell(self, uuid: str) -> None:
        """Tell who watches that a record changed."""
        for watch in self.changed:
            watch(uuid)

    def record_error(self, node: Node, text: str) -> None:
        """Write an error into the record and into its history."""
        entry = {
            "severity": "ERROR",
            "created_at": iso(self.clock.now()),
            "event": text,
            "event_type": "provisioning",
            "conductor": self.settings.host,
        }
        node.history.append(entry)
        self.write(node, last_error=text)

    def notify(self, node: Node, kind: str, *, priority: str = "info", **more: Any) -> None:
        """Publish a notification about a node; it never has `driver_info`."""
        data = {name: copied(value) for name, value in node.body.items() if name not in _UNSAID}
        for name in ("provision_updated_at", "created_at", "updated_at"):
            data[name] = _zulu(data[name])
        publisher = f"ironic-conductor.{self.settings.host}"
        payload = ironic_object("NodePayload", data | more)
        self._bus.publish(publisher, f"baremetal.node.{kind}", payload, priority)

    def die(self) -> None:
        """Die: what is in the middle of work stands still, locked, and nothing is taken on."""
        self.alive = False
        for node in self.nodes.values():
            if node.body["reservation"] is not None:
                node.work += 1

    def restart(self) -> None:
        """Start again, or die and start: what was in the middle of work fails, what waits goes on.

        ironic/conductor/base_manager.py, init_host: locks are cleared, transient states fail.
        """
        self.alive = True
        for node in list(self.nodes.values()):
            if node.body["reservation"] is None:
                continue
            node.work += 1
            self.unlock(node)
            fallen = _AFTER_DEATH.get(node.state)
            if fallen is not None:
                text = f"The conductor was restarted while the node was {node.state}"
                self.record_error(node, text)
                target = None if fallen in STABLE else node.body["target_provision_state"]
                self.move(node, "fail", fallen, target)
            else:
                self.tell(node.uuid)

    def _sync_all_power(self) -> None:
        for node in list(self.nodes.values()) if self.alive else ():
            if node.fake_power or node.body["reservation"] is not None:
                continue
            if node.body["maintenance"]:
                self._recover_power(node)
            elif node.state not in _NOT_SYNCED:
                self._sync_power(node)
        self.clock.call_later(self.settings.power_sync_interval, self._sync_all_power)

    def _sync_power(self, node: Node) -> None:
        """Force the recorded power state upon the machine, as Ironic does."""
        recorded = node.body["power_state"]
        try:
            found = self.room.power(node.body["driver_info"])
            if recorded is not None and found != recorded:
                self.room.set_power(node.body["driver_info"], recorded, self.settings.host)
        except BmcError as error:
            node.power_failures += 1
            if node.power_failures >= _POWER_FAILURES:
                self._power_failed(node, str(error))
            return
        node.power_failures = 0
        if recorded is None:
            self.write(node, power_state=found)

    def _power_failed(self, node: Node, text: str) -> None:
        before = node.body["power_state"]
        text = f"During sync_power_state, max retries exceeded for node {node.uuid}: {text}"
        self.record_error(node, text)
        self.write(
            node, power_state=None, maintenance=True, maintenance_reason=text, fault="power failure"
        )
        self.notify(node, "power_state_corrected.success", from_power=before)

    def _recover_power(self, node: Node) -> None:
        if node.body["fault"] != "power failure":
            return
        try:
            found = self.room.power(node.body["driver_info"])
        except BmcError:
            return
        node.power_failures = 0
        self.write(node, power_state=found, maintenance=False, maintenance_reason=None, fault=None)
        self.notify(node, "power_state_corrected.success", from_power=None)


def _zulu(text: str | None) -> str | None:
    if text is None:
        return None
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

# SPDX-License-Identifier: Apache-2.0
"""A story: one node on its way, something that happens to it at one moment, and how it ends.

A moment before a call of ephyrad's is after it looked at both clouds: the worst that there is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ephyrad.migration.effects import PartKind
from ephyrad.migration.outcomes import Unreachable
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.ironic import Ironic
from ephyrad.testing.machines import Machine
from ephyrad.testing.refusals import ApiError
from ephyrad.testing.troubles import Answered, Trouble, Unreadable
from tests.machines.operator import Operator
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig

CALLS = {
    "retire": ("old", "patch_node", 1),
    "fence": ("old", "set_maintenance", 1),
    "create": ("new", "create_node", 1),
    "parts": ("new", "create_part", 1),
    "traits": ("new", "set_traits", 1),
    "manage": ("new", "provision", 1),
    "delete": ("old", "delete_node", 1),
    "shield": ("new", "set_maintenance", 1),
    "provide": ("new", "provision", 2),
    "restore": ("new", "patch_node", 1),
    "open": ("new", "clear_maintenance", 1),
}
"""Moments before a call of ephyrad's: the cloud, the port's method, and which time it is made."""

STATES = {
    "undeploy": ("old", "deleting"),
    "clean": ("old", "clean wait"),
    "verify": ("new", "verifying"),
    "reclean": ("new", "clean wait"),
}
"""Moments in the middle of a conductor's work: the cloud and the provision state."""

WAITS = "waits"
"""The moment when the node is retired and waits for its owner."""

MOMENTS = (
    *("retire", WAITS, "undeploy", "clean", "fence", "create", "parts", "traits"),
    *("manage", "verify", "delete", "shield", "provide", "restore", "open"),
)
"""The way of a node that was in use, from its beginning to its end."""

_LONGEST = 60


@dataclass
class Story:
    """One node that was in use, asked for; `record` is what it was like before."""

    rig: Rig
    record: dict[str, Any]
    parts: dict[PartKind, list[dict[str, Any]]]
    traits: list[str]
    machine: Machine
    happened: bool = False
    refused: bool = False
    gone: dict[str, float] = field(default_factory=dict)

    @property
    def uuid(self) -> str:
        return self.rig.fleet[0].uuid

    def cloud(self, name: str) -> SimulatedCloud:
        return self.rig.old if name == "old" else self.rig.new

    def ironic(self, name: str) -> Ironic:
        return self.cloud(name).ironic

    def body(self, name: str) -> dict[str, Any]:
        """The node's record in a cloud, secrets in clear."""
        return self.ironic(name).nodes[self.uuid].body

    @property
    def held(self) -> tuple[str, str] | None:
        """The cause and the reason of its hold."""
        node = self.rig.operations.node(self.uuid)
        return (str(node.cause), node.doing) if node.held else None

    @property
    def arrived(self) -> bool:
        return self.rig.operations.node(self.uuid).state == "compute-ready"

    def happens_at(self, moment: str, deed: Callable[["Story"], None]) -> None:
        """Have something happen once, at that moment."""
        self._moment, self._deed, self._calls = moment, deed, 0
        for each in ("old", "new"):
            self.cloud(each).troubles.weather = partial(self._met, each)
            self.ironic(each).conductor.changed.append(partial(self._changed, each))

    def _met(self, name: str, made: str, changes: bool) -> Trouble | None:
        cloud, call, time = CALLS.get(self._moment, ("", "", 0))
        if changes and (name, made) == (cloud, call):
            self._calls += 1
            if self._calls == time:
                self.now()
        return self._away(name, changes=changes)

    def _changed(self, name: str, uuid: str) -> None:
        node = self.ironic(name).nodes.get(uuid)
        if node is not None and STATES.get(self._moment) == (name, node.state):
            self.rig.clock.call_later(0.01, self.now)

    def now(self) -> None:
        """Have it happen, if it has not; `refused` where the cloud does not allow it."""
        if self.happened:
            return
        self.happened = True
        try:
            self._deed(self)
        except (ApiError, KeyError):
            self.refused = True

    def away(self, cloud: str, until: float) -> None:
        """Have a cloud not answer until then."""
        self.gone[cloud] = until

    def _away(self, cloud: str, *, changes: bool) -> Trouble | None:
        if self.gone.get(cloud, 0.0) <= self.rig.clock.monotonic():
            return None
        words = "Connection refused"
        return Answered(Unreachable(words)) if changes else Unreadable(words)

    def carry(self) -> None:
        """Ask for the node, have its owner delete the instance, and run until it rests."""
        self.rig.operations.migrate([self.uuid], by="ann")
        self.rig.run(120)
        if self._moment == WAITS:
            self.now()
            self.rig.run(30)
        self.rest()

    def empty(self) -> None:
        nova = self.rig.old.nova
        assert nova is not None
        for server in nova.facts(self.uuid).instances:
            nova.delete(server)

    def rest(self) -> None:
        """Run until the node has arrived, or is held and stays so for a quarter of an hour."""
        held = 0
        for _ in range(_LONGEST):
            if self.arrived or held > 1:
                return
            self.empty()
            self.rig.run(600)
            held = held + 1 if self.held else 0
        raise AssertionError(
            f"it neither arrives nor is held: {self.rig.operations.node(self.uuid)}"
        )

    def end(self) -> str:
        """Return in one word how it stands."""
        held = self.held
        return "arrives" if held is None else held[0]

    def cure(self) -> None:
        """Do what the hold says and nothing else, as often as there is one, until it arrives."""
        operator = Operator(self)
        for _ in range(6):
            held = self.held
            if held is None:
                break
            operator.do(held[1])
            self.rest()
        assert self.arrived, self.held


def story(directory: Path, kind: Kind = Kind.IN_USE) -> Story:
    made = rig(directory, kind)
    (member,) = made.fleet
    old = made.old.ironic
    parts = {part: old.parts(member.uuid, part) for part in PartKind}
    record = dict(old.show(member.uuid))
    machine = made.room.named_by(record["driver_info"])
    assert machine is not None
    return Story(made, record, parts, old.traits(member.uuid), machine)

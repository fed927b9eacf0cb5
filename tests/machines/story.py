# SPDX-License-Identifier: Apache-2.0
"""A story: one node on its way, something that happens to it at one moment, and how it ends.

A moment before a call of ephyrad's is after it looked at both clouds: the worst that there is.
Clouds are named by their roles: the node leaves the old one, also where it goes back.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ephyrad.migration.direction import Direction
from ephyrad.migration.effects import PartKind
from ephyrad.migration.migration import Migration
from ephyrad.migration.outcomes import Unreachable
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.ironic import Ironic
from ephyrad.testing.machines import Machine
from ephyrad.testing.records import Node
from ephyrad.testing.refusals import ApiError
from ephyrad.testing.troubles import Answered, Trouble, Unreadable
from tests.machines.operator import Operator
from tests.simulation.fleet import Kind
from tests.simulation.ledger import unequal
from tests.unit.engine.rig import Rig, rig

CALLS = {
    "withdraw": ("old", "provision", 1),
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
    "remove": ("new", "delete_node", 1),
    "unfence": ("old", "clear_maintenance", 1),
    "unretire": ("old", "patch_node", 1),
    "offer": ("old", "provision", 1),
    "unset": ("old", "patch_node", 2),
}
"""Moments before a call of ephyrad's: the cloud, the port's method, and which time it is made.

What is done after an abort is counted from there on.
"""

STATES = {
    "undeploy": ("old", "deleting"),
    "clean": ("old", "clean wait"),
    "verify": ("new", "verifying"),
    "reclean": ("new", "clean wait"),
    "owned": ("new", "manageable"),
}
"""Moments in the middle of a conductor's work: the cloud and the provision state."""

WAITS = "waits"
"""The moment when the node is retired and waits for its owner."""

AT_ONCE = "at once"
"""The moment in which what was planned before it has happened."""

MOMENTS = (
    *("retire", WAITS, "undeploy", "clean", "fence", "create", "parts", "traits"),
    *("manage", "verify", "delete", "shield", "provide", "restore", "open"),
)
"""The way of a node that was in use, from its beginning to its end."""

_LONGEST = 60


Deed = Callable[["Story"], None]


@dataclass
class Story:
    """One node that is asked for; `record` is what it was like before, in the cloud it leaves.

    `changed`: what others changed of that since. `wrongs`: calls of ephyrad's that are wrong by
    what both clouds were when it made them.
    """

    rig: Rig
    direction: Direction
    record: dict[str, Any]
    parts: dict[PartKind, list[dict[str, Any]]]
    traits: list[str]
    machine: Machine
    before: Node
    changed: set[str] = field(default_factory=set)
    aborted: bool = False
    refused: bool = False
    gone: dict[str, float] = field(default_factory=dict)
    wrongs: list[str] = field(default_factory=list)
    _plan: list[tuple[str, Deed]] = field(default_factory=list)
    _calls: int = 0

    @property
    def uuid(self) -> str:
        return self.rig.fleet[0].uuid

    def cloud(self, name: str) -> SimulatedCloud:
        rig = self.rig
        old, new = (rig.old, rig.new) if self.direction is Direction.FORWARD else (rig.new, rig.old)
        return old if name == "old" else new

    def ironic(self, name: str) -> Ironic:
        return self.cloud(name).ironic

    def body(self, name: str) -> dict[str, Any]:
        """The node's record in a cloud, secrets in clear."""
        return self.ironic(name).nodes[self.uuid].body

    @property
    def has_two_owners(self) -> bool:
        """Whether both conductors control its BMC."""
        old, new = (self.ironic(each).nodes.get(self.uuid) for each in ("old", "new"))
        if old is None or new is None:
            return False
        return not old.body["maintenance"] and new.state not in ("enroll", "verifying")

    @property
    def migration(self) -> Migration:
        found = self.rig.journal.migration(self.uuid)
        assert found is not None
        return found

    @property
    def held(self) -> tuple[str, str] | None:
        """The cause and the reason of its hold, in which clouds are named by their roles."""
        node = self.rig.operations.node(self.uuid)
        if not node.held:
            return None
        cause = self.direction.words(str(node.cause).replace("-", " ")).replace(" ", "-")
        return cause, self.direction.words(node.doing)

    @property
    def happened(self) -> bool:
        return not self._plan

    def happens(self, *plan: tuple[str, Deed]) -> None:
        """Have things happen once, one after the other, each at its moment after the one before."""
        self._plan = list(plan)
        for each in ("old", "new"):
            self.cloud(each).troubles.weather = partial(self._met, each)
            self.ironic(each).conductor.changed.append(partial(self._changed, each))

    @property
    def _moment(self) -> str:
        return self._plan[0][0] if self._plan else ""

    def _met(self, name: str, made: str, changes: bool) -> Trouble | None:
        if changes:
            # What happens in this very moment could not be seen.
            wrong = self._wrong(name, made)
            if wrong:
                self.wrongs.append(wrong)
            cloud, call, time = CALLS.get(self._moment, ("", "", 0))
            if (name, made) == (cloud, call):
                self._calls += 1
                if self._calls == time:
                    self.now()
        return self._away(name, changes=changes)

    def _wrong(self, name: str, made: str) -> str | None:
        """Return what is wrong with a call of ephyrad's, by what both clouds are."""
        old, new = (self.ironic(each).nodes.get(self.uuid) for each in ("old", "new"))
        match name, made:
            case "new", "delete_node" if new is not None:
                alone = old is None or not self.aborted
                taken = new.body["instance_uuid"] or "ephyrad" not in new.body["extra"]
                return "deletes the new record" if alone or taken else None
            case "old", "delete_node" if old is not None:
                alone = self.aborted or new is None or new.state == "enroll"
                return "deletes the old record" if alone or old.body["instance_uuid"] else None
            case "old", "clear_maintenance":
                return "lifts the fence" if new is not None or not self.aborted else None
            case "old", "provision" if self.aborted:
                return "offers it" if new is not None else None
            case "new", "provision":
                return "takes the BMC" if old is not None and not old.body["maintenance"] else None
            case _:
                return None

    def _changed(self, name: str, uuid: str) -> None:
        node = self.ironic(name).nodes.get(uuid)
        if node is not None and STATES.get(self._moment) == (name, node.state):
            self.rig.clock.call_later(0.01, partial(self._now_if, self._moment))

    def _now_if(self, moment: str) -> None:
        if self._moment == moment:
            self.now()

    def now(self) -> None:
        """Have what is planned next happen; `refused` where the cloud does not allow it."""
        _, deed = self._plan.pop(0)
        self._calls = 0
        before = copy.deepcopy(self.ironic("old").nodes.get(self.uuid))
        try:
            deed(self)
        except (ApiError, KeyError):
            self.refused = True
        after = self.ironic("old").nodes.get(self.uuid)
        if before is not None and after is not None:
            self.changed |= set(unequal(before, after))
        if self._moment == AT_ONCE:
            self.now()

    def abort(self) -> None:
        """Have an operator abort it."""
        self.rig.operations.abort(self.uuid, by="bob")
        self.aborted = True

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
        if self.direction is Direction.FORWARD:
            self.rig.operations.migrate([self.uuid], by="ann")
        else:
            self.rig.operations.return_nodes([self.uuid], by="ann")
        self.rig.run(120)
        if self._moment == WAITS:
            self.now()
            self.rig.run(30)
        self.rest()

    def empty(self, name: str = "old") -> None:
        nova = self.cloud(name).nova
        assert nova is not None
        for server in nova.facts(self.uuid).instances:
            nova.delete(server)

    def rest(self) -> None:
        """Run until its way is over, or it is held and stays so for a quarter of an hour."""
        held = 0
        for _ in range(_LONGEST):
            if self.migration.over or held > 1:
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
        assert self.migration.over, self.held


def story(
    directory: Path, kind: Kind = Kind.IN_USE, direction: Direction = Direction.FORWARD
) -> Story:
    """Return the story of a node that was asked nothing yet, in the cloud that it is to leave."""
    made = rig(directory, kind if direction is Direction.FORWARD else Kind.IDLE)
    (member,) = made.fleet
    if direction is Direction.BACK:
        _carry_over(made, in_use=kind is Kind.IN_USE)
    old = (made.old if direction is Direction.FORWARD else made.new).ironic
    parts = {part: old.parts(member.uuid, part) for part in PartKind}
    record = dict(old.show(member.uuid))
    machine = made.room.named_by(record["driver_info"])
    assert machine is not None
    before = copy.deepcopy(old.nodes[member.uuid])
    return Story(made, direction, record, parts, old.traits(member.uuid), machine, before)


def _carry_over(made: Rig, *, in_use: bool) -> None:
    """Carry an idle node to the new cloud, and have somebody use it there."""
    node, nova = made.fleet[0].uuid, made.new.nova
    made.operations.migrate([node], by="ann")
    while made.operations.node(node).state != "compute-ready":
        made.run(60)
    if in_use:
        assert nova is not None
        assert nova.boot(node) is not None
        made.clock.advance(600)

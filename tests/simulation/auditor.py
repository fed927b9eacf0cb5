# SPDX-License-Identifier: Apache-2.0
"""The auditor: watches what the clouds truly are and objects where an invariant is broken.

It shares no code with the decisions: it knows Ironic's words, the six states, the kinds of journal
entries, and nothing else of ephyrad. It is told of each change in the instant in which it happens.
For each node it knows by itself which cloud that leaves and which it enters: once it has arrived in
the new cloud, and is asked back, the other way round.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from ephyrad.migration.effects import PartKind
from ephyrad.testing.records import Node
from tests.simulation.boundary import BoundedCloud
from tests.simulation.fleet import UNFIT, Member
from tests.simulation.ledger import Ledger, begin, lasting, unequal
from tests.simulation.meddlers import Meddlers
from tests.simulation.trace import Trace

_OTHERS_MAY_BREAK = frozenset({"I1", "I5", "I6"})
_ORDER = ["active", "drained", "cleaning", "transferred", "registered", "compute-ready"]


@dataclass(frozen=True)
class Objection:
    """An invariant of the design that was broken, on which node, and how."""

    invariant: str
    node: str
    words: str

    def __str__(self) -> str:
        return f"{self.invariant} broken, node {self.node[:8]}: {self.words}"


class Auditor:
    """What people did by themselves, or in the moment between a look and a call, is no objection.

    In its words the old cloud is the one that a node leaves, the new one the one that it enters.

    Objections are collected; whoever steps the world looks at them after each step."""

    def __init__(
        self, old: BoundedCloud, new: BoundedCloud, fleet: list[Member], limit: int, trace: Trace
    ) -> None:
        self.objections: list[Objection] = []
        self.meddlers: Meddlers | None = None
        self.now: Callable[[], datetime] | None = None
        self.jumped = -1.0
        self._old = old
        self._new = new
        self._limit = limit
        self._working = 0
        self._trace = trace
        self._members = {member.uuid: member for member in fleet}
        self._ledgers = {uuid: begin(uuid, old, new) for uuid in self._members}
        for cloud in (old, new):
            cloud.ironic.conductor.changed.append(partial(self._changed, cloud))
            assert cloud.nova is not None
            cloud.nova.changed.append(self._compute_changed)
        for uuid in self._members:
            self._check(uuid)

    def started(self) -> None:
        """Hear that an ephyrad began to work on the journal."""
        self._working += 1
        self.expect(self._working == 1, "I11", "-", f"{self._working} ephyrads act")

    def ended(self) -> None:
        """Hear that an ephyrad works no more."""
        self._working -= 1

    def roles(self, node: str) -> tuple[BoundedCloud, BoundedCloud]:
        """Return the cloud that a node leaves, and the one that it enters."""
        ledger = self._ledgers[node]
        return ledger.leaves, ledger.enters

    def since_asked(self, node: str) -> list[str]:
        """Return the kinds of the entries of a node's journey."""
        history = self._ledgers[node].history
        began = len(history) - history[::-1].index("asked") if "asked" in history else 0
        return history[began:]

    def ledger(self, node: str) -> Ledger:
        """Return what was written down about a node's journey."""
        return self._ledgers[node]

    def state(self, node: str) -> str:
        """Return the state that the journal was heard to have a node in."""
        return self._ledgers[node].state

    def written(self, node: str, kind: str, body: Mapping[str, Any]) -> None:
        """Hear of an entry that became durable in the journal."""
        ledger = self._ledgers[node]
        ledger.history.append(kind)
        match kind:
            case "asked" if ledger.restored or ledger.state == "compute-ready":
                ledger = self._ledgers[node] = self._set_out(node, ledger, body)
            case "aborting":
                ledger.working = ledger.working and not ledger.held
                ledger.aborting, ledger.held = True, False
                ledger.notice = ledger.releasing = None
            case "restored":
                ledger.aborting, ledger.working, ledger.restored = False, False, True
                self._put_back(node, ledger)
            case "intent":
                ledger.intents += 1
                effect = body["effect"]
                self._goes_back(node, ledger, effect)
                if effect["name"] == "ReleaseInstance":
                    self._by_notice(node, ledger, effect["instance"])
                waits = effect["name"] == "RetireNode" and effect["in_use"]
                ledger.created = ledger.created or effect["name"] == "CreateNode"
                # A node that waits for its owner occupies no slot (design: migration.in_flight),
                # and to set its fence again makes it occupy none.
                if effect["name"] != "FenceNode" or not ledger.created:
                    ledger.working = ledger.state != "active" or not waits
            case "hold":
                ledger.held = True
                self.expect(bool(body["reason"].strip()), "I8", node, "held without a reason")
            case "lifted":
                ledger.held, ledger.working = False, False
            case "kept":
                ledger.kept_final = ledger.kept_final or body["final"]
                ledger.working = ledger.working or ledger.state != "active"
            case "noticed":
                moment = datetime.fromisoformat(body["not_before"])
                ledger.notice = (body["instance"], moment)
            case "recalled":
                if ledger.releasing is not None:
                    ledger.working = ledger.state != "active"
                ledger.notice = ledger.releasing = None
            case "witnessed" | "owed":
                ledger.working = True
            case "transition":
                ledger.state, ledger.working = body["dest"], body["dest"] != "compute-ready"
                ledger.notice = ledger.releasing = None
                self._arrived(node, ledger)
            case _:
                pass
        self._trace.add(f"{node[:8]} journal {kind} {_brief(kind, body)}")
        busy = self._busy()
        self.expect(busy <= self._limit, "I9", node, f"{busy} in flight, limit {self._limit}")
        self._check(node)

    def _set_out(self, node: str, before: Ledger, asked: Mapping[str, Any]) -> Ledger:
        """Begin a ledger for another journey of a node that has arrived."""
        back = asked.get("direction") == "back"
        leaves, enters = (self._new, self._old) if back else (self._old, self._new)
        right = leaves is (before.leaves if before.restored else before.enters)
        self.expect(right, "I7", node, f"asked to leave the {leaves.name} cloud, and not in it")
        ledger = begin(node, leaves, enters)
        ledger.commands, ledger.history = before.commands, before.history
        return ledger

    def _busy(self) -> int:
        return sum(each.working and not each.held for each in self._ledgers.values())

    def at_the_end(self) -> None:
        """What must be so when nothing is left to do."""
        for uuid, ledger in self._ledgers.items():
            old, new = ledger.records(uuid)
            if ledger.state == "compute-ready":
                left = old is not None or self._known(ledger.leaves, uuid)
                self.expect(not left, "I2", uuid, "arrived, and not only in the new cloud")
                self.expect(new is not None, "I6", uuid, "arrived, and it is nowhere")
            spoiled = self.meddlers is not None and uuid in self.meddlers.spoiled
            if ledger.restored:
                self.expect(old is not None or spoiled, "I2", uuid, "aborted, and it is nowhere")
                self.expect(new is None, "I6", uuid, "aborted, and the new cloud has it still")
            if self._members[uuid].kind in UNFIT:
                untouched = ledger.intents == 0 and new is None
                self.expect(spoiled or untouched, "I8", uuid, "unfit, and it was touched")

    # What each change must leave true

    def _changed(self, cloud: BoundedCloud, uuid: str) -> None:
        ledger = self._ledgers.get(uuid)
        if ledger is None:
            return
        node = cloud.ironic.nodes.get(uuid)
        self._say(cloud.name, uuid, node)
        if cloud is ledger.leaves:
            self._old_changed(uuid, ledger, node)
        else:
            self._new_changed(uuid, ledger, node)
        self._check(uuid)

    def _old_changed(self, uuid: str, ledger: Ledger, node: Node | None) -> None:
        if node is None and ledger.old is not None:
            self._deleted(uuid, ledger, ledger.old)
        ledger.old = node
        before, ledger.old_state = ledger.old_state, node.state if node else None
        if node is not None:
            self._remember(ledger, node)
            if node.state == "available" != before and ledger.offered_again:
                ledger.offered_again = False
                self._offered_in_old(uuid, ledger)

    def _remember(self, ledger: Ledger, node: Node) -> None:
        """What others change is how the record is to be when the node goes back."""
        shown = lasting(node)
        if ledger.leaves.acting is None:
            changed = {name for name, value in shown.items() if ledger.shown.get(name) != value}
            ledger.due = {**ledger.due, **{name: shown[name] for name in changed}}
        ledger.shown = shown

    def _offered_in_old(self, uuid: str, ledger: Ledger) -> None:
        """I5 on the way back, by what is on the disks."""
        machine = self._old.ironic.conductor.room.machines[self._members[uuid].address]
        clean = not ledger.was_in_use or not machine.data
        self.expect(clean, "I5", uuid, f"offered again with the data of {machine.data}")

    def _new_changed(self, uuid: str, ledger: Ledger, node: Node | None) -> None:
        if node is None and ledger.new is not None:
            self._removed(uuid, ledger, ledger.new)
        ledger.new = node
        before, ledger.new_state = ledger.new_state, node.state if node else None
        late = ledger.enters.acting if ledger.state == "compute-ready" else None
        self.expect(late is None, "I4", uuid, f"{late} by ephyrad after it had arrived")
        if node is None:
            return
        self._not_masked(uuid, node)
        if (before, node.state) == ("verifying", "manageable"):
            ledger.verified = True
        if before != "available" and node.state == "available":
            self._became_available(uuid)
        if before != node.state and node.state == "cleaning":
            alive = self._servers(ledger.leaves, uuid)
            where = f"cleaned in the {ledger.enters.name} cloud"
            self.expect(not alive, "I4", uuid, f"{where} under {alive}")

    def _compute_changed(self) -> None:
        for uuid, ledger in self._ledgers.items():
            self._no_gap(uuid, ledger)
            going = frozenset(self._servers(ledger.leaves, uuid, "deleting"))
            for server in going - ledger.going:
                if ledger.leaves.acting == "delete_server":
                    self._released(uuid, ledger, server)
            ledger.going = going

    def _by_notice(self, uuid: str, ledger: Ledger, instance: str) -> None:
        """I4: an instance is to be deleted."""
        self.expect(not ledger.aborting, "I4", uuid, f"{instance} is to go from an aborted node")
        ledger.releasing = ledger.notice
        named = None if ledger.notice is None else ledger.notice[0]
        self.expect(named == instance, "I4", uuid, f"{instance} is to go, by notice of {named}")

    def _released(self, uuid: str, ledger: Ledger, server: str) -> None:
        """I4: what must be true in the instant in which ephyrad deletes an instance."""
        assert self.now is not None
        named, moment = ledger.releasing or ("nothing", self.now())
        self.expect(named == server, "I4", uuid, f"deleted {server}, by notice of {named}")
        steady = self.jumped < ledger.leaves.looked.get(uuid, 0.0)
        early = steady and self.now() < moment
        self.expect(not early, "I4", uuid, f"deleted {server} before {moment}")
        assert ledger.leaves.nova is not None
        locked = ledger.leaves.nova.servers[server].locked
        self.expect(not locked, "I4", uuid, f"deleted {server}, which is locked")
        there = self._servers(ledger.leaves, uuid)
        self.expect(there == [server], "I4", uuid, f"deleted {server} where are {there}")
        node = ledger.leaves.ironic.nodes.get(uuid)
        if node is None:
            self.expect(False, "I4", uuid, f"deleted {server}, whose node is gone")
            return
        body = node.body
        alone = body["instance_uuid"] == server
        self.expect(alone, "I4", uuid, f"deleted {server} under {body['instance_uuid']}")
        self.expect(not body["protected"], "I4", uuid, f"deleted {server} on a protected node")
        mark = body["retired"] and str(body["retired_reason"]).startswith("ephyrad")
        self.expect(mark, "I4", uuid, f"deleted {server} on a node that is not retired")

    def _check(self, uuid: str) -> None:
        ledger = self._ledgers[uuid]
        self._one_owner(uuid, ledger)
        self._no_gap(uuid, ledger)

    def _one_owner(self, uuid: str, ledger: Ledger) -> None:
        """I1, by the records of all nodes that name the BMC, and by what the BMC was told."""
        member = self._members[uuid]
        owners = [
            f"{cloud.name} {node.uuid[:8]} ({node.state})"
            for cloud in (self._old, self._new)
            for node in cloud.ironic.nodes.values()
            if member.address in node.body["driver_info"].values() and _controls(node)
        ]
        self.expect(len(owners) <= 1, "I1", uuid, f"controlled by {' and '.join(owners)}")
        machine = self._old.ironic.conductor.room.machines[member.address]
        for command in machine.commands[ledger.commands :]:
            if command.by == ledger.enters.settings.host:
                ledger.handed_over = True
            else:
                self.expect(
                    not ledger.handed_over, "I1", uuid, f"the old cloud told its BMC {command}"
                )
        ledger.commands = len(machine.commands)

    def _no_gap(self, uuid: str, ledger: Ledger) -> None:
        """I6: nothing can be scheduled onto it, in either cloud, from drained on."""
        old, new = ledger.records(uuid)
        if _ORDER.index(ledger.state) >= 1:
            self.expect(old is None or old.state != "available", "I6", uuid, "old: available")
            self.expect(not self._offered(ledger.leaves, uuid), "I6", uuid, "old: offered")
        if self._offered(ledger.enters, uuid) or (new is not None and new.state == "available"):
            self.expect(old is None, "I6", uuid, "new: available, and the old record is there")
        if ledger.created and old is not None:
            free = old.state == "available" or self._offered(ledger.leaves, uuid)
            self.expect(not free or new is None, "I6", uuid, "old: free, and the new one has it")
        if ledger.state not in ("registered", "compute-ready"):
            gone = old is None and not self._servers(ledger.leaves, uuid)
            self.expect(
                gone or not self._offered(ledger.enters, uuid), "I6", uuid, "new: too early"
            )

    def _deleted(self, uuid: str, ledger: Ledger, old: Node) -> None:
        """I2, I4, I7: what must be true in the instant in which the old record goes."""
        if ledger.leaves.acting != "delete_node":
            return
        new = ledger.enters.ironic.nodes.get(uuid)
        self.expect(ledger.kept_final, "I2", uuid, "deleted, its document is not durable")
        self.expect(ledger.verified, "I2", uuid, "deleted before the new cloud verified the BMC")
        self.expect(not old.body["protected"], "I4", uuid, "deleted though protected")
        servers = self._servers(ledger.leaves, uuid)
        self.expect(not servers, "I4", uuid, f"deleted under {servers}")
        self.expect(not old.body["instance_uuid"], "I4", uuid, "deleted with an instance")
        if new is None:
            self.expect(False, "I2", uuid, "deleted, and the new cloud has no record")
            return
        known = new.body["power_state"] is not None
        self.expect(known, "I2", uuid, "deleted before the new cloud knew its power state")
        for path in unequal(self._renamed(old, ledger), new):
            invariant = "I7" if "address" in path or path == "uuid" else "I2"
            self.expect(False, invariant, uuid, f"deleted, the records differ at {path}")

    def _removed(self, uuid: str, ledger: Ledger, new: Node) -> None:
        """I4, I7: what must be true in the instant in which the new record goes."""
        if ledger.enters.acting != "delete_node":
            return
        self.expect(ledger.aborting, "I2", uuid, "deleted in the new cloud, and not aborted")
        self.expect("ephyrad" in new.body["extra"], "I7", uuid, "deleted without a mark")
        servers = self._servers(ledger.enters, uuid)
        self.expect(not servers, "I4", uuid, f"deleted in the new cloud under {servers}")
        self.expect(not new.body["instance_uuid"], "I4", uuid, "deleted with an instance")
        self.expect(ledger.leaves.ironic.nodes.get(uuid) is not None, "I2", uuid, "it was the last")

    def _goes_back(self, uuid: str, ledger: Ledger, effect: Mapping[str, Any]) -> None:
        """What an effect tells of the way back."""
        match effect["name"]:
            case "WithdrawNode":
                ledger.in_service = True
            case "RetireNode" if effect["in_use"]:
                ledger.in_service = ledger.was_in_use = True
            case "OfferNode":
                ledger.offered_again = True
            case "UnfenceNode":
                gone = uuid not in ledger.enters.ironic.nodes
                self.expect(gone, "I1", uuid, "its fence goes, and the new cloud has it")
                ledger.handed_over = False
            case _:
                pass

    def _put_back(self, uuid: str, ledger: Ledger) -> None:
        """What must be so when an abort is over: the record is what it would be without it."""
        old = ledger.leaves.ironic.nodes.get(uuid)
        if old is None:
            self.expect(ledger.intents == 0, "I2", uuid, "aborted, and it is nowhere")
            return
        spoiled = self.meddlers is not None and uuid in self.meddlers.spoiled
        due = {name for name in ledger.due if ledger.due[name] != ledger.shown[name]}
        self.expect(spoiled or not due, "I2", uuid, f"aborted, and not as it was: {due}")
        ours = str(old.body["maintenance_reason"]).startswith("ephyrad")
        self.expect(not ours, "I1", uuid, "aborted, and fenced still")
        serves = not ledger.in_service or old.state != "manageable"
        self.expect(spoiled or serves, "I6", uuid, "aborted, and in service no more")
        gone = not ledger.created or uuid not in ledger.enters.ironic.nodes
        self.expect(gone, "I6", uuid, "aborted, and the new cloud has it still")

    @staticmethod
    def _renamed(old: Node, ledger: Ledger) -> Node:
        """Return the old record with the other cloud's id of the project that owns it."""
        owner = ledger.leaves.accounts.projects.get(str(old.body.get("owner")))
        ids = [
            each.id
            for each in ledger.enters.accounts.projects.values()
            if owner is not None and (each.name, each.domain) == (owner.name, owner.domain)
        ]
        return replace(old, body={**old.body, "owner": ids[0]}) if ids else old

    def _became_available(self, uuid: str) -> None:
        """I5, by what is on the disks."""
        machine = self._new.ironic.conductor.room.machines[self._members[uuid].address]
        self.expect(not machine.data, "I5", uuid, f"available with the data of {machine.data}")

    def _not_masked(self, uuid: str, node: Node) -> None:
        """I3."""
        records = [node.body, *(each for kind in PartKind for each in node.parts[kind].values())]
        for record in records:
            masked = [name for name, value in record.items() if _has_mask(value)]
            self.expect(not masked, "I3", uuid, f"a mask was written into {masked}")

    def _arrived(self, uuid: str, ledger: Ledger) -> None:
        """What each state says that one knows must be so (the design's table of states)."""
        old, new = ledger.records(uuid)
        match ledger.state:
            case "drained":
                servers = self._servers(ledger.leaves, uuid)
                self.expect(not servers, "I4", uuid, f"drained with {servers}")
            case "transferred":
                right = old is not None and old.body["maintenance"] and new is not None
                self.expect(right, "I1", uuid, "transferred, but not fenced and recorded")
            case "registered":
                gone = old is None and not self._known(ledger.leaves, uuid)
                self.expect(gone, "I6", uuid, "registered, and the old cloud still has it")
                self.expect(ledger.verified, "I2", uuid, "registered, and never verified")
                unmarked = new is None or "ephyrad" not in new.body["extra"]
                self.expect(unmarked, "I7", uuid, "registered with ephyrad's mark on it")
            case "compute-ready":
                known = self._known(ledger.enters, uuid)
                self.expect(known, "I6", uuid, "compute-ready, unknown to the new placement")
            case _:
                pass

    def _known(self, cloud: BoundedCloud, uuid: str) -> bool:
        return cloud.nova is not None and uuid in cloud.nova.providers

    def _offered(self, cloud: BoundedCloud, uuid: str) -> bool:
        provider = cloud.nova.providers.get(uuid) if cloud.nova else None
        return provider is not None and provider.free

    @staticmethod
    def _servers(cloud: BoundedCloud, uuid: str, state: str | None = None) -> list[str]:
        servers = cloud.nova.servers.values() if cloud.nova else ()
        return [
            server.uuid
            for server in servers
            if server.node == uuid and state in (None, server.state)
        ]

    def expect(self, right: bool, invariant: str, node: str, words: str) -> None:
        """Object where it is not right, unless it is the deed of others."""
        if not right and not self._by_others(invariant, node):
            objection = Objection(invariant, node, words)
            self.objections.append(objection)
            self._trace.add(f"{node[:8]} OBJECTION {objection}")

    def _by_others(self, invariant: str, node: str) -> bool:
        """Whether people did this, in a way that ephyrad cannot keep them from."""
        if self.meddlers is None:
            return False
        if invariant in _OTHERS_MAY_BREAK and node in self.meddlers.spoiled:
            return True
        # No API of Ironic's changes a node only if it is still what was read.
        ledger = self._ledgers.get(node)
        leaves = ledger.leaves if ledger else self._old
        return self.meddlers.at.get(node, -1.0) >= leaves.looked.get(node, 0.0)

    def _say(self, cloud: str, uuid: str, node: Node | None) -> None:
        shown = "gone" if node is None else _standing(node)
        self._trace.add(f"{uuid[:8]} {cloud} is {shown}")


def _standing(node: Node) -> str:
    flags = [name for name in ("maintenance", "retired", "protected") if node.body[name]]
    held = [f"locked by {node.body['reservation']}"] if node.body["reservation"] else []
    return ", ".join([node.state, str(node.body["power_state"]), *flags, *held])


def _controls(node: Node) -> bool:
    """Whether a conductor may switch the machine because of this record.

    In maintenance it does not by itself; but what it had begun, it goes on with.
    """
    if node.fake_power or node.state == "enroll":
        return False
    return not node.body["maintenance"] or node.body["reservation"] is not None


def _has_mask(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_mask(below) for below in value.values())
    return bool(value == "******")


def _brief(kind: str, body: Mapping[str, Any]) -> str:
    match kind:
        case "intent":
            return str(body["effect"])
        case "outcome":
            return str(body["outcome"])
        case "transition":
            return f"{body['source']} -> {body['dest']}: {body['because']}"
        case "hold":
            return f"{body['cause']}: {body['reason']}"
        case _:
            return ""

# SPDX-License-Identifier: Apache-2.0
"""What the tests of the core are told with: nodes, clouds, sightings and migrations in words.

Every builder method returns a new builder. A sighting is whole unless it is told otherwise: the
scenarios take from it what a decision must not look at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from ephyrad.migration import marks
from ephyrad.migration.document import Before, Document, capture
from ephyrad.migration.effects import CreateNode, Effect, RetireNode, WithdrawNode
from ephyrad.migration.entries import (
    Aborting,
    Asked,
    Concluded,
    Entry,
    Held,
    Intended,
    Kept,
    Lifted,
    Moved,
    Noticed,
    Owed,
    Recalled,
    Restored,
    Witnessed,
)
from ephyrad.migration.facts import (
    CloudName,
    CloudView,
    ComputeFacts,
    Fault,
    NewCloudFacts,
    NodeFacts,
    NodeRecords,
    Notification,
    ProviderFacts,
    Provision,
    ServerFacts,
)
from ephyrad.migration.flavors import Flavors
from ephyrad.migration.migration import Migration, fold, intent_for
from ephyrad.migration.outcomes import Done, Outcome
from ephyrad.migration.references import Change, Directories
from ephyrad.migration.sighting import Sighting
from ephyrad.migration.states import ALLOWED, BACK, State
from ephyrad.migration.steps import Cause

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
JUST_NOW = timedelta(minutes=1)
NODE = "6fe3b1c2-0000-4000-8000-000000000001"
OTHER = "6fe3b1c2-0000-4000-8000-000000000002"
SERVER = "552511df-fd9a-4525-afb9-958bb741c47e"
IMAGE = "0b8b8c9e-5a0e-4d7b-9d3c-3f3b1f0e7a11"
MAC = "52:54:00:00:00:01"
BOND_MAC = "52:54:00:00:00:ff"
PORTGROUP = "6fe3b1c2-0000-4000-8000-0000000000b1"
PORT = "6fe3b1c2-0000-4000-8000-0000000000a1"
CONNECTOR = "6fe3b1c2-0000-4000-8000-0000000000c1"
TARGET = "6fe3b1c2-0000-4000-8000-0000000000d1"
PASSWORD = "correct horse"


@dataclass(frozen=True)
class Node:
    """An Ironic node as a cloud shows it. `in_state` takes Ironic's own word."""

    facts: NodeFacts

    def _with(self, **changes: Any) -> Self:
        return replace(self, facts=replace(self.facts, **changes))

    def in_state(self, word: str, *, ago: timedelta = timedelta(hours=1)) -> Self:
        state = Provision(word)
        known = state is not Provision.UNKNOWN or word == "unknown"
        assert known, f"Ironic has no provision state {word!r}"
        return self._with(provision_state=state, provision_updated_at=NOW - ago)

    def retired(self) -> Self:
        reason = marks.retired(marks.Mark(automated_clean=None))
        return self._with(retired=True, retired_reason=reason, automated_clean=True)

    def retired_by_somebody(self, reason: str | None = "end of lease") -> Self:
        return self._with(retired=True, retired_reason=reason)

    def fenced(self) -> Self:
        return self._with(maintenance=True, maintenance_reason=marks.FENCED)

    def in_maintenance(self, reason: str | None = "disk broken", fault: str | None = None) -> Self:
        return self._with(maintenance=True, maintenance_reason=reason, fault=fault)

    def with_fault(self, fault: str) -> Self:
        return self._with(fault=fault)

    def protected(self) -> Self:
        return self._with(protected=True)

    def with_instance(self, instance: str = SERVER) -> Self:
        return self._with(instance_uuid=instance)

    def reserved_by(self, conductor: str) -> Self:
        return self._with(reservation=conductor)

    def powered(self, power: str | None) -> Self:
        return self._with(power_state=power)

    def marked(self, automated_clean: bool | None = None) -> Self:
        return self._with(mark=marks.Mark(automated_clean))

    def with_error(self, text: str) -> Self:
        return self._with(last_error=text)

    def automated_clean(self, value: bool | None) -> Self:
        return self._with(automated_clean=value)


def old_node() -> Node:
    """An idle node of the old cloud: available, powered off, nothing odd about it."""
    return Node(
        NodeFacts(
            uuid=NODE,
            name="metal-1",
            provision_state=Provision.AVAILABLE,
            provision_updated_at=NOW - timedelta(days=30),
            power_state="power off",
            resource_class="baremetal",
        )
    )


def new_node() -> Node:
    """The node as the new cloud has it when ephyrad has just created it."""
    return Node(
        NodeFacts(
            uuid=NODE,
            name="metal-1",
            provision_state=Provision.ENROLL,
            provision_updated_at=NOW - JUST_NOW,
            automated_clean=False,
            resource_class="baremetal",
        )
    )


def ready_to_delete() -> Node:
    """The old record when the new cloud has everything: cleaned, retired, fenced."""
    return old_node().in_state("manageable").retired().fenced()


def offered(*, consumers: tuple[str, ...] = ()) -> ComputeFacts:
    """Nova and placement of a node that anybody may get."""
    return ComputeFacts((), ProviderFacts({"CUSTOM_BAREMETAL": (1, 0)}, consumers))


def withheld(*, servers: tuple[str, ...] = (), consumers: tuple[str, ...] = ()) -> ComputeFacts:
    """Nova and placement of a node that they offer to nobody."""
    return ComputeFacts(servers, ProviderFacts({"CUSTOM_BAREMETAL": (1, 1)}, consumers))


def server(uuid: str = SERVER, *, locked: bool = False, **changes: Any) -> ServerFacts:
    """A server on the node that nothing is done with."""
    known = {"node": NODE, "state": "active", "task": None, "project": "p"}
    return ServerFacts(uuid=uuid, locked=locked, **(known | changes))


def faulty(state: str) -> Node:
    """A retired old record on which Ironic set maintenance, because its BMC did not answer."""
    node = old_node().in_state(state).retired().in_maintenance("no BMC")
    return replace(node, facts=replace(node.facts, fault="power failure"))


def forgotten() -> ComputeFacts:
    """Nova and placement that have nothing of the node."""
    return ComputeFacts((), None)


def records(
    *, traits: tuple[str, ...] = ("CUSTOM_GOLD", "HW_CPU_X86_VMX"), **changes: Any
) -> NodeRecords:
    """Everything Ironic records about the node; `changes` are to the node's own record."""
    node: dict[str, Any] = {
        "uuid": NODE,
        "name": "metal-1",
        "driver": "redfish",
        "driver_info": {
            "redfish_address": "https://bmc-1",
            "redfish_username": "admin",
            "redfish_password": PASSWORD,
            "deploy_kernel": IMAGE,
            "deploy_ramdisk": "file:///httpboot/ramdisk",
        },
        "properties": {"cpu_arch": "x86_64", "capabilities": "boot_mode:uefi"},
        "extra": {},
        "resource_class": "baremetal",
        "conductor_group": "",
        "automated_clean": None,
        "boot_interface": "ipxe",
        "power_interface": "redfish",
        "provision_state": "manageable",
        "raid_config": {"logical_disks": []},
    }
    port = {
        "uuid": PORT,
        "address": MAC,
        "node_uuid": NODE,
        "portgroup_uuid": PORTGROUP,
        "pxe_enabled": True,
        "internal_info": {},
    }
    return NodeRecords(
        node={**node, **changes},
        ports=(port,),
        portgroups=({"uuid": PORTGROUP, "address": BOND_MAC, "mode": "802.3ad"},),
        traits=traits,
        connectors=({"uuid": CONNECTOR, "type": "iqn", "connector_id": "iqn.2026-11.example"},),
        targets=(
            {
                "uuid": TARGET,
                "volume_type": "iscsi",
                "volume_id": "vol-1",
                "boot_index": 0,
                "properties": {"auth_password": PASSWORD, "target_lun": 1},
            },
        ),
    )


def masked_records(*, targets: bool = False, **changes: Any) -> NodeRecords:
    """The records with their passwords masked: 2023.1 masks no volume `targets`, 2026.2 does."""
    shown = records(**changes)
    info = {**shown.node["driver_info"], "redfish_password": "******"}
    hidden = {"auth_password": "******"} if targets else {}
    return replace(
        shown,
        node={**shown.node, "driver_info": info},
        targets=tuple(
            {**target, "properties": {**target["properties"], **hidden}} for target in shown.targets
        ),
    )


BEFORE = Before(automated_clean=None)


def document(shown: NodeRecords | None = None, before: Before = BEFORE) -> Document:
    """The node's durable document."""
    return capture(shown or records(), before, {})


def new_cloud(**changes: Any) -> NewCloudFacts:
    """A new cloud that has all the node needs, and nothing of the node's."""
    facts = NewCloudFacts(
        api_version=(1, 115),
        drivers={
            "redfish": {
                "boot": frozenset({"ipxe", "redfish-virtual-media"}),
                "power": frozenset({"redfish"}),
            }
        },
        conductor_groups=frozenset({"", "rack-1"}),
        images=frozenset({IMAGE}),
        node_by_name=None,
        addresses={},
    )
    return replace(facts, **changes)


def cleaned_notification(
    *, ago: timedelta = timedelta(hours=1), cloud: CloudName = CloudName.OLD, **fields: Any
) -> Notification:
    """The old Ironic's own word that cleaning ended; `fields` change its payload."""
    at = NOW - ago
    known = {
        "event": "manage",
        "previous_provision_state": "cleaning",
        "provision_state": "manageable",
        "provision_updated_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
    }
    return Notification(
        cloud, "4286e62c", "baremetal.node.provision_set.end", at, NODE, {**known, **fields}
    )


def fault(text: str = "Clean step erase_devices failed", *, ago: timedelta = JUST_NOW) -> Fault:
    return Fault(NOW - ago, text)


def sighting(
    old: Node | None = None,
    new: Node | None = None,
    *,
    at: datetime = NOW,
    old_compute: ComputeFacts | None = None,
    new_compute: ComputeFacts | None = None,
    old_records: NodeRecords | None = None,
    new_records: NodeRecords | None = None,
    faults: tuple[Fault, ...] | None = (),
    offer: NewCloudFacts | None = None,
    notifications: tuple[Notification, ...] = (),
    kept: Document | None = None,
    secrets: Mapping[str, Any] | None = None,
    directories: Directories | None = None,
    flavors: Mapping[CloudName, Flavors] | None = None,
    old_server: ServerFacts | None = None,
) -> Sighting:
    """Both clouds at one moment; what is not said is as it is when nothing is wrong."""
    return Sighting(
        at=at,
        old=CloudView(
            old.facts if old else None,
            old_compute or withheld(),
            (old_records or records()) if old else None,
            faults,
            old_server,
        ),
        new=CloudView(
            new.facts if new else None,
            new_compute or withheld(),
            (new_records or records()) if new else None,
        ),
        new_cloud=offer or new_cloud(),
        notifications=notifications,
        document=kept or document(),
        secrets=secrets or {},
        directories=directories or {},
        flavors=flavors or {},
    )


@dataclass(frozen=True)
class Road:
    """A migration told by its journal; each thing happened `ago`, a minute unless it is said."""

    entries: tuple[Entry, ...]

    @property
    def now(self) -> Migration:
        folded = fold(NODE, self.entries)
        assert folded is not None
        return folded

    def then(self, *entries: Entry) -> Self:
        return replace(self, entries=self.entries + entries)

    def kept(
        self,
        *,
        before: Before = BEFORE,
        final: bool = False,
        rewriting: tuple[Change, ...] = (),
    ) -> Self:
        return self.then(Kept(NOW - JUST_NOW, final, before, ("raid_config",), rewriting))

    def tried(
        self,
        effect: Effect,
        outcome: Outcome | None = None,
        *,
        times: int = 1,
        ago: timedelta = JUST_NOW,
    ) -> Self:
        """Intend an effect and conclude it, `times` times, all at one moment; done if not said."""
        road = self
        for _ in range(times):
            intent = intent_for(road.now, effect)
            road = road.then(
                Intended(NOW - ago, intent, effect),
                Concluded(NOW - ago, intent, outcome or Done()),
            )
        return road

    def interrupted(self, effect: Effect, *, ago: timedelta = JUST_NOW) -> Self:
        """Intend an effect and crash."""
        return self.then(Intended(NOW - ago, intent_for(self.now, effect), effect))

    def retired_in_use(
        self, last_fault: datetime | None = None, *, ago: timedelta = JUST_NOW
    ) -> Self:
        return self.kept().tried(RetireNode(in_use=True, last_fault=last_fault), ago=ago)

    def retired_idle(self, *, ago: timedelta = JUST_NOW) -> Self:
        road = self.kept().tried(WithdrawNode(), ago=ago)
        return road.tried(RetireNode(in_use=False), ago=ago)

    def in_state(self, state: State, *, ago: timedelta = JUST_NOW) -> Self:
        """Take the table's edges up to a state."""
        road = self
        for edge in ALLOWED:
            if road.now.state is state:
                break
            if edge.source is road.now.state:
                road = road.then(Moved(NOW - ago, edge.trigger, edge.source, edge.dest, edge.known))
        assert road.now.state is state
        return road

    def cleaned(self, proof: str = "it was seen") -> Self:
        return self.then(Witnessed(NOW - JUST_NOW, proof))

    def owed(self, because: str = "it was idle") -> Self:
        return self.then(Owed(NOW - JUST_NOW, because))

    def created(self, *, automated_clean: bool = False, ago: timedelta = JUST_NOW) -> Self:
        return self.kept(final=True).tried(CreateNode(automated_clean), ago=ago)

    def held(
        self,
        cause: Cause = Cause.OPERATOR,
        reason: str = "somebody said so",
        *,
        lifts_itself: bool = False,
    ) -> Self:
        return self.then(Held(NOW - JUST_NOW, cause, reason, lifts_itself))

    def noticed(
        self, instance: str = SERVER, *, due: timedelta = -JUST_NOW, by: str = "rollout a"
    ) -> Self:
        """Give word that an instance may be deleted, from `due` after now on."""
        return self.then(Noticed(NOW - JUST_NOW, instance, NOW + due, by))

    def recalled(self) -> Self:
        return self.then(Recalled(NOW - JUST_NOW, "rollout a"))

    def released(self, *, ago: timedelta = JUST_NOW) -> Self:
        return self.then(Lifted(NOW - ago, "operator"))

    def aborted(self, *, ago: timedelta = JUST_NOW) -> Self:
        return self.then(Aborting(NOW - ago, "operator"))

    def put_back(self) -> Self:
        """Take the edge back to active."""
        source, edge = self.now.state, BACK[0]
        return self.then(Moved(NOW - JUST_NOW, edge.trigger, source, edge.dest, edge.known))

    def restored(self) -> Self:
        return self.then(Restored(NOW - JUST_NOW, "it is as it was"))


def migration(*, asked: timedelta = JUST_NOW) -> Road:
    """A migration that was asked for, and of which nothing is done yet."""
    return Road((Asked(NOW - asked, "metal-1", "operator"),))


def cleaned_road() -> Road:
    """Retired with an instance on it, since cleaned by the old cloud; nothing carried yet."""
    return migration().retired_in_use().in_state(State.CLEANING).cleaned()


def owed_road() -> Road:
    """Retired when idle: the new cloud has to clean it; nothing carried yet."""
    return migration().retired_idle().in_state(State.CLEANING).owed()


def transferred_road() -> Road:
    return cleaned_road().created().in_state(State.TRANSFERRED)

# SPDX-License-Identifier: Apache-2.0
"""Facts: what the clouds' answers and notifications say, decoded into frozen types."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ephyrad.migration import marks


class CloudName(enum.StrEnum):
    """Which of the two control planes."""

    OLD = "old"
    NEW = "new"


class Provision(enum.StrEnum):
    """Ironic's provision states (ironic/common/states.py of 21.4 and 39.0).

    A word that is not listed becomes UNKNOWN, so that a newer Ironic cannot surprise a decision.
    """

    ENROLL = "enroll"
    VERIFYING = "verifying"
    MANAGEABLE = "manageable"
    AVAILABLE = "available"
    ACTIVE = "active"
    DEPLOYING = "deploying"
    DEPLOY_WAIT = "wait call-back"
    DEPLOY_HOLD = "deploy hold"
    DEPLOY_FAILED = "deploy failed"
    DELETING = "deleting"
    CLEANING = "cleaning"
    CLEAN_WAIT = "clean wait"
    CLEAN_HOLD = "clean hold"
    CLEAN_FAILED = "clean failed"
    ERROR = "error"
    REBUILD = "rebuild"
    INSPECTING = "inspecting"
    INSPECT_WAIT = "inspect wait"
    INSPECT_FAILED = "inspect failed"
    ADOPTING = "adopting"
    ADOPT_FAILED = "adopt failed"
    RESCUE = "rescue"
    RESCUING = "rescuing"
    RESCUE_WAIT = "rescue wait"
    RESCUE_FAILED = "rescue failed"
    UNRESCUING = "unrescuing"
    UNRESCUE_FAILED = "unrescue failed"
    SERVICING = "servicing"
    SERVICE_WAIT = "service wait"
    SERVICE_HOLD = "service hold"
    SERVICE_FAILED = "service failed"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> "Provision":
        return cls.UNKNOWN


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """One Ironic node as its cloud showed it; the fields that decisions are made from.

    `mark` is ephyrad's in `extra`, which a list of all nodes does not show.
    """

    uuid: str
    name: str | None
    provision_state: Provision
    provision_updated_at: datetime | None = None
    power_state: str | None = None
    instance_uuid: str | None = None
    maintenance: bool = False
    maintenance_reason: str | None = None
    fault: str | None = None
    retired: bool = False
    retired_reason: str | None = None
    protected: bool = False
    automated_clean: bool | None = None
    last_error: str | None = None
    reservation: str | None = None
    resource_class: str | None = None
    mark: marks.Mark | None = None


def is_marked(node: NodeFacts) -> bool:
    """Return whether ephyrad left a mark on a record and has not taken it off."""
    reasons = (marks.FENCED, marks.SHIELDED)
    return (
        node.mark is not None
        or (node.retired and marks.is_retired(node.retired_reason))
        or (node.maintenance and node.maintenance_reason in reasons)
    )


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """The node's resource provider in placement.

    `inventory` maps a resource class to (total, reserved); `consumers` are the UUIDs that have an
    allocation on it.
    """

    inventory: Mapping[str, tuple[int, int]]
    consumers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComputeFacts:
    """What Nova and placement of one cloud say of a node.

    `instances` are the UUIDs of the servers that Nova places on the node; `provider` is None where
    placement has no provider of the node's UUID.
    """

    instances: tuple[str, ...]
    provider: ProviderFacts | None


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """One server of Nova's, an instance.

    `node` is the UUID of the Ironic node that it is on, None while it is being scheduled; `state`
    and `task` are Nova's own words (nova/compute/vm_states.py, task_states.py), `task` None at
    rest. `locked`: somebody locked it (API 2.9), which does not keep an administrator from deleting
    it (observed on 2023.1 and 2026.2).
    """

    uuid: str
    node: str | None
    state: str
    task: str | None
    locked: bool
    project: str

    @property
    def is_going(self) -> bool:
        """Whether Nova has been told to delete it already."""
        return self.task in _GOING_TASKS or self.state in _GONE_STATES


_GOING_TASKS = ("deleting", "soft-deleting")
_GONE_STATES = ("deleted", "soft-delete")


@dataclass(frozen=True, slots=True)
class Fault:
    """An error that Ironic recorded in a node's history (API 1.78)."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class NodeRecords:
    """Everything a cloud's Ironic records about one node, as raw JSON objects.

    The objects may hold BMC secrets: they are kept out of `repr`. `facts` is what `node` says, so
    that it need not be read once more.
    """

    node: Mapping[str, Any] = field(repr=False)
    ports: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    portgroups: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    traits: tuple[str, ...] = ()
    connectors: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    targets: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    facts: NodeFacts | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class NewCloudFacts:
    """What preflight asks the new cloud about one node's document.

    `api_version`: the version of its Ironic's API that is spoken.
    `drivers`: driver name -> interface kind ("power", "boot", ...) -> enabled implementations.
    `images`: those image ids, of the ids the document names, that Glance has and shows as active.
    `nodes_by_name`: UUID of the node that has the document's name, if any.
    `addresses`: MAC address -> UUID of the node whose port or port group has it.
    """

    api_version: tuple[int, int]
    drivers: Mapping[str, Mapping[str, frozenset[str]]]
    conductor_groups: frozenset[str]
    images: frozenset[str]
    node_by_name: str | None
    addresses: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """One service of a cloud, as it is reached: "Nova", in the API version that is asked for.

    `there`: whether the catalogue has it, as far as it could be asked. `version` is "" where the
    service has no microversions. `trouble` says why it cannot be used, with the cure.
    """

    name: str
    there: bool
    version: str = ""
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification that came off a cloud's bus, reduced to the fields ephyrad uses.

    `node` is the Ironic node's UUID it speaks of, None where it names none; so is `item`, the text
    of an :class:`~ephyrad.environment.item.ItemId`. `fields` is the allow-listed rest of the
    payload (plain JSON values). `at` is the sender's clock, UTC.
    """

    cloud: CloudName
    message_id: str
    event_type: str
    at: datetime
    node: str | None
    fields: Mapping[str, Any]
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Poison:
    """Messages of one kind that came off a cloud's bus and could not be read.

    `kind` is one word of a closed list, `reason` says it in words. `message_id` and `event_type`,
    where they could be had, `size` (bytes) and `sha256` (of the body) are of the last of them.
    Nothing else of a message is in here: it may hold secrets.
    """

    cloud: CloudName
    kind: str
    reason: str
    count: int = 1
    message_id: str | None = None
    event_type: str | None = None
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class CloudView:
    """What one cloud shows of one node; a part that was not read is None.

    `node` is None where the cloud has no such node. `server` is the one that a notice names, None
    where Nova knows of none.
    """

    node: NodeFacts | None
    compute: ComputeFacts | None = None
    records: NodeRecords | None = None
    faults: tuple[Fault, ...] | None = None
    server: ServerFacts | None = None

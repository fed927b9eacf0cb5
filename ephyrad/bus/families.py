# SPDX-License-Identifier: Apache-2.0
"""The allow-list: which notifications are kept, whom they speak of, and what is kept of each.

Whatever is not named here is dropped. Observed on both releases: `scheduler.select_destinations`
carries a live token (2023.1), provision_set carries `instance_info`, and
`baremetal.deploytemplate` and `baremetal.runbook` carry the arguments of their steps, which the API
masks, in clear.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from ephyrad.environment.kinds import Kind


class WithoutNode(enum.Enum):
    """What becomes of a notification that names no node."""

    KEEP = enum.auto()
    IGNORE = enum.auto()
    REFUSE = enum.auto()


@dataclass(frozen=True, slots=True)
class ItemKey:
    """Of which kind the item is that a payload speaks of, and the payload's keys of its key."""

    kind: Kind
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """A family of event types.

    `wrapper`: the versioned object's prefix in the payload, None for a plain payload. `node`: the
    payload's key of the node's UUID. `fields`: the payload's key -> our key. `item`: whose item of
    the environment it speaks of; such a payload must name one.
    """

    wrapper: str | None
    node: str | None
    without_node: WithoutNode
    fields: Mapping[str, str]
    item: ItemKey | None = None


def _same(names: str) -> dict[str, str]:
    return {name: name for name in names.split()}


_NODE = _same(
    """
    uuid name provision_state target_provision_state previous_provision_state
    previous_target_provision_state event provision_updated_at updated_at
    power_state target_power_state from_power to_power
    instance_uuid maintenance maintenance_reason fault last_error
    retired retired_reason protected protected_reason resource_class conductor_group driver
    """
)
_PORT = _same("uuid node_uuid address portgroup_uuid")
_PORTGROUP = _same("uuid node_uuid address name")
_CONNECTOR = _same("uuid node_uuid type")
_TARGET = _same("uuid node_uuid volume_type volume_id boot_index")
_ALLOCATION = _same("uuid node_uuid name state resource_class last_error")
_INSTANCE = _same("uuid node host state task_state power_state deleted_at updated_at")
_SERVICE = _same("uuid host binary topic disabled disabled_reason forced_down last_seen_up version")
_LEGACY_INSTANCE = _same("node host state old_state new_task_state old_task_state deleted_at") | {
    "instance_id": "uuid"
}


def _item(wrapper: str | None, kind: Kind, parts: str, fields: str) -> Family:
    key = ItemKey(kind, tuple(parts.split()))
    return Family(wrapper, None, WithoutNode.KEEP, _same(fields), key)


# By the beginning of the event type, its first two or three words.
FAMILIES: Mapping[str, Family | None] = {
    "baremetal.node": Family("ironic_object", "uuid", WithoutNode.REFUSE, _NODE),
    "baremetal.port": Family("ironic_object", "node_uuid", WithoutNode.REFUSE, _PORT),
    "baremetal.portgroup": Family("ironic_object", "node_uuid", WithoutNode.REFUSE, _PORTGROUP),
    "baremetal.volumeconnector": Family(
        "ironic_object", "node_uuid", WithoutNode.IGNORE, _CONNECTOR
    ),
    "baremetal.volumetarget": Family("ironic_object", "node_uuid", WithoutNode.IGNORE, _TARGET),
    "baremetal.allocation": Family("ironic_object", "node_uuid", WithoutNode.IGNORE, _ALLOCATION),
    "instance": Family("nova_object", "node", WithoutNode.KEEP, _INSTANCE),
    "service": Family("nova_object", None, WithoutNode.KEEP, _SERVICE),
    # Nova's unversioned format, which is the default of [notifications] notification_format.
    "compute.instance": Family(None, "node", WithoutNode.KEEP, _LEGACY_INSTANCE),
    # In one word, unlike Ironic's other names of it (observed on 2023.1 and 2026.2).
    "baremetal.deploytemplate": _item("ironic_object", Kind.DEPLOY_TEMPLATE, "uuid", "uuid name"),
    "baremetal.runbook": _item("ironic_object", Kind.RUNBOOK, "uuid", "uuid name"),
    "keypair": _item("nova_object", Kind.KEYPAIR, "user_id name", "user_id name type"),
    "flavor": _item("nova_object", Kind.FLAVOR, "flavorid", "flavorid name"),
    "aggregate": _item("nova_object", Kind.AGGREGATE, "name", "name uuid"),
    "image": _item(None, Kind.IMAGE, "id", "id status"),
    "image.member": _item(None, Kind.IMAGE, "image_id", "image_id status"),
    # Each download, ephyrad's too.
    "image.send": None,
}


def family_of(event_type: str) -> Family | None:
    """Return the family of an event type, None where nothing of it is kept."""
    words = event_type.split(".")
    two = ".".join(words[:2])
    return FAMILIES[two] if two in FAMILIES else FAMILIES.get(words[0])

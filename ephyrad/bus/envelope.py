# SPDX-License-Identifier: Apache-2.0
"""Decodes a raw notification into a fact, by an allow-list. Pure.

Only what is named here survives. The rest of a payload may hold secrets: observed on 2023.1,
`scheduler.select_destinations` carries a live token; provision_set carries `instance_info`.
Payload versions grow with the releases: what is not known is ignored, what is missing is
left out.
"""

import enum
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

from ephyrad.migration.facts import CloudName, Notification

TEXT_LENGTH = 1000
NAME_LENGTH = 255


class Reason(enum.StrEnum):
    """Why a notification cannot be read."""

    UNREADABLE_PROPERTIES = "its AMQP properties cannot be read"
    TOO_LARGE = "it is larger than 1 MiB"
    WRONG_CONTENT_TYPE = "its content type is not application/json"
    WRONG_COMPRESSION = "it cannot be decompressed"
    NO_TEXT = "it is no text in UTF-8"
    NO_JSON = "it is no JSON"
    WRONG_ENVELOPE = "its envelope is not of oslo.messaging's shape"
    UNKNOWN_VERSION = "its envelope is of an unknown version"
    NOT_AN_OBJECT = "it is no JSON object"
    NO_MESSAGE_ID = "it has no usable message_id"
    NO_EVENT_TYPE = "it has no usable event_type"
    NO_TIMESTAMP = "it has no readable timestamp"
    NO_PAYLOAD = "its payload is not of the expected shape"
    NO_NODE = "its payload has no node UUID"
    OUR_BUG = "decoding it failed, which is a defect of ephyrad"

    @property
    def kind(self) -> str:
        """The reason in one word, under which the journal counts: its values must not change."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A notification that cannot be read; it is counted and acknowledged.

    `size` (bytes) and `sha256` are of the body, where it is known.
    """

    reason: Reason
    message_id: str | None = None
    event_type: str | None = None
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A notification that is well formed and says nothing about a node's migration."""

    event_type: str


class WithoutNode(enum.Enum):
    """What becomes of a notification that names no node."""

    KEEP = enum.auto()
    IGNORE = enum.auto()
    REFUSE = enum.auto()


@dataclass(frozen=True, slots=True)
class Kind:
    """A family of event types.

    `wrapper`: the versioned object's prefix in the payload, None for a plain payload. `node`: the
    payload's key of the node's UUID. `fields`: the payload's key -> our key.
    """

    wrapper: str | None
    node: str | None
    without_node: WithoutNode
    fields: Mapping[str, str]


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

# By the beginning of the event type, its first two or three words.
KINDS: Mapping[str, Kind] = {
    "baremetal.node": Kind("ironic_object", "uuid", WithoutNode.REFUSE, _NODE),
    "baremetal.port": Kind("ironic_object", "node_uuid", WithoutNode.REFUSE, _PORT),
    "baremetal.portgroup": Kind("ironic_object", "node_uuid", WithoutNode.REFUSE, _PORTGROUP),
    "baremetal.volumeconnector": Kind("ironic_object", "node_uuid", WithoutNode.IGNORE, _CONNECTOR),
    "baremetal.volumetarget": Kind("ironic_object", "node_uuid", WithoutNode.IGNORE, _TARGET),
    "baremetal.allocation": Kind("ironic_object", "node_uuid", WithoutNode.IGNORE, _ALLOCATION),
    "instance": Kind("nova_object", "node", WithoutNode.KEEP, _INSTANCE),
    "service": Kind("nova_object", None, WithoutNode.KEEP, _SERVICE),
    # Nova's unversioned format, which is the default of [notifications] notification_format.
    "compute.instance": Kind(None, "node", WithoutNode.KEEP, _LEGACY_INSTANCE),
}


def decode(cloud: CloudName, message: object) -> Notification | Ignored | Refusal:
    """Decode a message as oslo.messaging hands it out, its context already taken off.

    The shape: `message_id`, `event_type`, `timestamp` (UTC without a zone, observed on both
    releases), `payload`.
    """
    if not isinstance(message, Mapping):
        return Refusal(Reason.NOT_AN_OBJECT)
    message_id = _name(message.get("message_id"))
    event_type = _name(message.get("event_type"))
    if message_id is None:
        return Refusal(Reason.NO_MESSAGE_ID, None, event_type)
    if event_type is None:
        return Refusal(Reason.NO_EVENT_TYPE, message_id)
    kind = _kind(event_type)
    if kind is None:
        return Ignored(event_type)
    at = _moment(message.get("timestamp"))
    if at is None:
        return Refusal(Reason.NO_TIMESTAMP, message_id, event_type)
    data = _data(kind, message.get("payload"))
    if data is None:
        return Refusal(Reason.NO_PAYLOAD, message_id, event_type)
    node = _uuid(data.get(kind.node)) if kind.node else None
    if node is None:
        match kind.without_node:
            case WithoutNode.REFUSE:
                return Refusal(Reason.NO_NODE, message_id, event_type)
            case WithoutNode.IGNORE:
                return Ignored(event_type)
            case WithoutNode.KEEP:
                pass
            case _ as never:
                assert_never(never)
    return Notification(cloud, message_id, event_type, at, node, _fields(kind, data))


def _kind(event_type: str) -> Kind | None:
    words = event_type.split(".")
    return KINDS.get(".".join(words[:2])) or KINDS.get(words[0])


def _data(kind: Kind, payload: object) -> Mapping[str, Any] | None:
    data = payload
    if kind.wrapper is not None:
        data = payload.get(f"{kind.wrapper}.data") if isinstance(payload, Mapping) else None
    return data if isinstance(data, Mapping) else None


def _fields(kind: Kind, data: Mapping[str, Any]) -> dict[str, Any]:
    """Only plain values pass: an object or a list could hold anything."""
    return {ours: _plain(data[key]) for key, ours in kind.fields.items() if _is_plain(data, key)}


def _is_plain(data: Mapping[str, Any], key: str) -> bool:
    if key not in data:
        return False
    value = data[key]
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str | bool | int)


def _plain(value: Any) -> Any:
    """Text is capped, and a lone surrogate (JSON allows it) replaced: no store could write it."""
    if isinstance(value, str):
        return value[:TEXT_LENGTH].encode(errors="replace").decode()
    return value


def _name(value: object) -> str | None:
    if not isinstance(value, str) or not 0 < len(value) <= NAME_LENGTH:
        return None
    return value if value.isascii() and value.isprintable() else None


def _uuid(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return str(uuid.UUID(value))
    except ValueError:
        return None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None

# SPDX-License-Identifier: Apache-2.0
"""Decodes a raw notification into a fact, by the allow-list of :mod:`ephyrad.bus.families`. Pure.

Only what is named there survives. Payload versions grow with the releases: what is not known is
ignored, what is missing is left out.
"""

import enum
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

from ephyrad.bus.families import Family, ItemKey, WithoutNode, family_of
from ephyrad.environment.item import ItemId
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
    NO_ITEM = "its payload does not name what it speaks of"
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
    """A notification that is well formed and says nothing that ephyrad acts upon."""

    event_type: str


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
    family = family_of(event_type)
    if family is None or (family.item and _says_nothing(cloud, event_type)):
        return Ignored(event_type)
    at = _moment(message.get("timestamp"))
    if at is None:
        return Refusal(Reason.NO_TIMESTAMP, message_id, event_type)
    data = _data(family, message.get("payload"))
    if data is None and _is_unversioned(family, message.get("payload")):
        return Ignored(event_type)
    if data is None:
        return Refusal(Reason.NO_PAYLOAD, message_id, event_type)
    node = _uuid(data.get(family.node)) if family.node else None
    if node is None:
        match family.without_node:
            case WithoutNode.REFUSE:
                return Refusal(Reason.NO_NODE, message_id, event_type)
            case WithoutNode.IGNORE:
                return Ignored(event_type)
            case WithoutNode.KEEP:
                pass
            case _ as never:
                assert_never(never)
    item = _item(family.item, data) if family.item else None
    if family.item and item is None:
        return Refusal(Reason.NO_ITEM, message_id, event_type)
    return Notification(cloud, message_id, event_type, at, node, _fields(family, data), item)


def _says_nothing(cloud: CloudName, event_type: str) -> bool:
    """Return whether a notification of an item leads to nothing.

    What is about to change is not to be seen yet, and the new cloud's items have keys of its own:
    what changes there, mostly by ephyrad, the sweep sees.
    """
    return cloud is CloudName.NEW or event_type.endswith(".start")


def _item(named: ItemKey, data: Mapping[str, Any]) -> str | None:
    """Return the text of the :class:`ItemId` that a payload names."""
    parts = [_key(data.get(part)) for part in named.parts]
    if None in parts:
        return None
    return str(ItemId(named.kind, "/".join(filter(None, parts))))


def _key(value: object) -> str | None:
    """Return a part of an item's key; names of aggregates need not be ASCII."""
    if not isinstance(value, str) or not 0 < len(value) <= NAME_LENGTH:
        return None
    return value if value.isprintable() else None


def _data(family: Family, payload: object) -> Mapping[str, Any] | None:
    data = payload
    if family.wrapper is not None:
        data = payload.get(f"{family.wrapper}.data") if isinstance(payload, Mapping) else None
    return data if isinstance(data, Mapping) else None


def _is_unversioned(family: Family, payload: object) -> bool:
    """Return whether a payload is of Nova's old format, in which it tells of keys and aggregates
    under the same event types (compute/api.py of 27.1 and 34.0): the sweep sees what it tells.
    """
    if family.item is None or family.wrapper != "nova_object" or not isinstance(payload, Mapping):
        return False
    return not any("_object." in str(key) for key in payload)


def _fields(family: Family, data: Mapping[str, Any]) -> dict[str, Any]:
    """Only plain values pass: an object or a list could hold anything."""
    return {ours: _plain(data[key]) for key, ours in family.fields.items() if _is_plain(data, key)}


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

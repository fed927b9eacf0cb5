# SPDX-License-Identifier: Apache-2.0
"""From Ironic's JSON to facts. Missing and malformed are told apart, and the path is named."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ephyrad.migration.facts import Fault, NodeFacts, Provision

NODE_FIELDS = (
    "uuid,name,provision_state,provision_updated_at,power_state,instance_uuid,maintenance,"
    "maintenance_reason,fault,retired,retired_reason,protected,automated_clean,last_error,"
    "reservation,resource_class"
)
"""What is asked of a node for its facts, as Ironic's `fields` parameter takes it."""

Raw = Mapping[str, Any]


class DecodeError(Exception):
    """An answer is not what the API reference says; the message names the path."""


def node_facts(raw: object) -> NodeFacts:
    """Return the facts of a node from one object of Ironic's, of a list or alone.

    :raises DecodeError: a field is missing or malformed.
    """
    node = _object(raw, "node")
    try:
        return NodeFacts(
            uuid=_string(node, "uuid"),
            name=_words(node, "name"),
            provision_state=Provision(_string(node, "provision_state")),
            provision_updated_at=_moment(node, "provision_updated_at"),
            power_state=_words(node, "power_state"),
            instance_uuid=_words(node, "instance_uuid"),
            maintenance=_flag(node, "maintenance"),
            maintenance_reason=_words(node, "maintenance_reason"),
            fault=_words(node, "fault"),
            retired=_flag(node, "retired"),
            retired_reason=_words(node, "retired_reason"),
            protected=_flag(node, "protected"),
            automated_clean=_optional_flag(node, "automated_clean"),
            last_error=_words(node, "last_error"),
            reservation=_words(node, "reservation"),
            resource_class=_words(node, "resource_class"),
        )
    except KeyError as missing:
        raise DecodeError(f"node {node.get('uuid')}: {missing.args[0]} is missing") from None
    except DecodeError as error:
        raise DecodeError(f"node {node.get('uuid')}: {error}") from None


def fault(raw: object) -> Fault | None:
    """Return the error that an entry of a node's history records, None for another entry.

    :raises DecodeError: a field is missing or malformed.
    """
    entry = _object(raw, "history entry")
    try:
        if _string(entry, "severity") != "ERROR":
            return None
        at = _utc("created_at", _string(entry, "created_at"))
        return Fault(at=at, text=_words(entry, "event") or "")
    except KeyError as missing:
        raise DecodeError(f"history entry: {missing.args[0]} is missing") from None
    except DecodeError as error:
        raise DecodeError(f"history entry: {error}") from None


def enabled_interfaces(raw: object) -> tuple[str, Mapping[str, frozenset[str]]]:
    """Return a driver's name and, for each kind of interface, its enabled implementations.

    :raises DecodeError: a field is missing or malformed.
    """
    driver = _object(raw, "driver")
    head, tail = "enabled_", "_interfaces"
    try:
        name = _string(driver, "name")
    except KeyError:
        raise DecodeError("driver: name is missing") from None
    kinds = {
        key.removeprefix(head).removesuffix(tail): frozenset(value)
        for key, value in driver.items()
        # null: a kind that this hardware type has not got.
        if key.startswith(head) and key.endswith(tail) and isinstance(value, list)
    }
    return name, kinds


def _object(raw: object, what: str) -> Raw:
    if not isinstance(raw, dict):
        raise DecodeError(f"{what}: an object was expected, not {type(raw).__name__}")
    return raw


def _string(raw: Raw, key: str) -> str:
    value = raw[key]
    if not isinstance(value, str):
        raise DecodeError(f"{key}: a string was expected, not {value!r}")
    return value


def _words(raw: Raw, key: str) -> str | None:
    value = raw[key]
    if value is None or isinstance(value, str):
        return value
    raise DecodeError(f"{key}: a string or null was expected, not {value!r}")


def _optional_flag(raw: Raw, key: str) -> bool | None:
    value = raw[key]
    if value is None or isinstance(value, bool):
        return value
    raise DecodeError(f"{key}: true, false or null was expected, not {value!r}")


def _flag(raw: Raw, key: str) -> bool:
    # A node made by an older release may have null where a later column was added.
    return _optional_flag(raw, key) or False


def _moment(raw: Raw, key: str) -> datetime | None:
    value = _words(raw, key)
    return None if value is None else _utc(key, value)


def _utc(key: str, value: str) -> datetime:
    """Return a time of Ironic's as an aware UTC one; a naive one is UTC."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise DecodeError(f"{key}: a time was expected, not {value!r}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

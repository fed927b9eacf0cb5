# SPDX-License-Identifier: Apache-2.0
"""From Ironic's JSON to facts. Missing and malformed are told apart, and the field is named."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from ephyrad.migration import marks
from ephyrad.migration.facts import Fault, NodeFacts, Provision, ServerFacts
from ephyrad.migration.identity import Account

NODE_FIELDS = (
    "uuid,name,provision_state,provision_updated_at,power_state,instance_uuid,maintenance,"
    "maintenance_reason,fault,retired,retired_reason,protected,automated_clean,last_error,"
    "reservation,resource_class"
)
"""What is asked of a node for its facts, as Ironic's `fields` parameter takes it; `extra`, which
may be large and holds ephyrad's mark, is asked where the mark matters."""

Raw = Mapping[str, Any]
T = TypeVar("T")


class DecodeError(Exception):
    """An answer is not what Ironic's API reference says; the message names the field."""


def each(what: str, decode: Callable[[Raw], T], raws: Iterable[object]) -> list[T]:
    """Return what `decode` makes of each of these JSON objects.

    :raises DecodeError: one is no object, or a field of it is missing or malformed; the message
        names it as `what` and by its UUID.
    """
    decoded = []
    for raw in raws:
        if not isinstance(raw, dict):
            raise DecodeError(f"{what}: an object was expected, not {raw!r:.80}")
        try:
            decoded.append(decode(raw))
        except DecodeError as error:
            raise DecodeError(f"{what} {raw.get('uuid', '')}: {error}") from None
    return decoded


def node_facts(raw: Raw) -> NodeFacts:
    """Return the facts of a node, of a list or alone."""
    return NodeFacts(
        uuid=string(raw, "uuid"),
        name=optional_string(raw, "name"),
        provision_state=Provision(string(raw, "provision_state")),
        provision_updated_at=_moment(raw, "provision_updated_at"),
        power_state=optional_string(raw, "power_state"),
        instance_uuid=optional_string(raw, "instance_uuid"),
        maintenance=_flag(raw, "maintenance"),
        maintenance_reason=optional_string(raw, "maintenance_reason"),
        fault=optional_string(raw, "fault"),
        retired=_flag(raw, "retired"),
        retired_reason=optional_string(raw, "retired_reason"),
        protected=_flag(raw, "protected"),
        automated_clean=_optional_flag(raw, "automated_clean"),
        last_error=optional_string(raw, "last_error"),
        reservation=optional_string(raw, "reservation"),
        resource_class=optional_string(raw, "resource_class"),
        mark=marks.of_extra(raw.get("extra")),
    )


def fault(raw: Raw) -> Fault | None:
    """Return the error that an entry of a node's history records, None for another entry."""
    if string(raw, "severity") != "ERROR":
        return None
    return Fault(
        at=_utc("created_at", string(raw, "created_at")), text=optional_string(raw, "event") or ""
    )


def enabled_interfaces(raw: Raw) -> tuple[str, Mapping[str, frozenset[str]]]:
    """Return a driver's name and, for each kind of interface, its enabled implementations."""
    head, tail = "enabled_", "_interfaces"
    kinds = {
        key.removeprefix(head).removesuffix(tail): frozenset(value)
        for key, value in raw.items()
        # null: a kind that this hardware type has not got.
        if key.startswith(head) and key.endswith(tail) and isinstance(value, list)
    }
    return string(raw, "name"), kinds


def server_facts(raw: Raw) -> ServerFacts:
    """Return what Nova shows an administrator of one server."""
    return ServerFacts(
        uuid=string(raw, "id"),
        node=optional_string(raw, "OS-EXT-SRV-ATTR:hypervisor_hostname"),
        state=string(raw, "OS-EXT-STS:vm_state"),
        task=optional_string(raw, "OS-EXT-STS:task_state"),
        locked=_certain_flag(raw, "locked"),
        project=string(raw, "tenant_id"),
    )


def conductor_group(raw: Raw) -> str | None:
    """Return the group of a conductor, "" where it is in none; None for one that is not alive."""
    return string(raw, "conductor_group") if _flag(raw, "alive") else None


def account(raw: Raw) -> Account:
    """Return what Keystone and Neutron list; its `domain` is a domain's id, "" without one."""
    domain = optional_string(raw, "domain_id") if "domain_id" in raw else None
    return Account(string(raw, "id"), string(raw, "name"), domain or "")


def image(raw: Raw) -> Account:
    """Return what Glance lists, which may be without a name."""
    return Account(string(raw, "id"), optional_string(raw, "name") or "")


def node_of(raw: Raw) -> str:
    """Return the UUID of the node that a record belongs to."""
    return string(raw, "node_uuid")


def address_of(raw: Raw) -> tuple[str | None, str]:
    """Return the MAC address of a port or a port group, which may have none, and its node."""
    return optional_string(raw, "address"), node_of(raw)


def strings(raw: Raw, key: str) -> tuple[str, ...]:
    """Return a field that must be a list of strings."""
    value = _value(raw, key)
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise DecodeError(f"{key}: a list of strings was expected, not {value!r:.80}")
    return tuple(value)


def string(raw: Raw, key: str) -> str:
    """Return a field that must be a string."""
    value = _value(raw, key)
    if not isinstance(value, str):
        raise DecodeError(f"{key}: a string was expected, not {value!r:.80}")
    return value


def optional_string(raw: Raw, key: str) -> str | None:
    """Return a field that must be a string or null."""
    value = _value(raw, key)
    if value is None or isinstance(value, str):
        return value
    raise DecodeError(f"{key}: a string or null was expected, not {value!r:.80}")


def _flag(raw: Raw, key: str) -> bool:
    # A record made by an older release may have null where a column was added later.
    return _optional_flag(raw, key) or False


def _certain_flag(raw: Raw, key: str) -> bool:
    value = _optional_flag(raw, key)
    if value is None:
        raise DecodeError(f"{key}: true or false was expected, not null")
    return value


def _optional_flag(raw: Raw, key: str) -> bool | None:
    value = _value(raw, key)
    if value is None or isinstance(value, bool):
        return value
    raise DecodeError(f"{key}: true, false or null was expected, not {value!r:.80}")


def _moment(raw: Raw, key: str) -> datetime | None:
    value = optional_string(raw, key)
    return None if value is None else _utc(key, value)


def _utc(key: str, value: str) -> datetime:
    """Return a time of Ironic's as an aware UTC one; a naive one is UTC."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise DecodeError(f"{key}: a time was expected, not {value!r:.80}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _value(raw: Raw, key: str) -> Any:
    try:
        return raw[key]
    except KeyError:
        raise DecodeError(f"{key} is missing") from None

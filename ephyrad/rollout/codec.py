# SPDX-License-Identifier: Apache-2.0
"""Declarations as plain JSON values, for the journal, and back.

What a value becomes follows from the types in :mod:`ephyrad.rollout.declaration`, so that a new
field needs no line here. A field that an older ephyrad did not write gets its default.
"""

import enum
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import time, timedelta
from typing import Any, get_args, get_origin, get_type_hints

from ephyrad.rollout.declaration import (
    ApprovalGate,
    BootGate,
    CommandGate,
    Declaration,
    PrometheusGate,
)

_GATES: Mapping[str, type] = {
    "command": CommandGate,
    "prometheus": PrometheusGate,
    "boot": BootGate,
    "approval": ApprovalGate,
}
_KINDS = {cls: kind for kind, cls in _GATES.items()}
_KIND = "kind"


def to_json(declaration: Declaration) -> dict[str, Any]:
    """Return a declaration as plain JSON values; durations are in seconds."""
    return _object(declaration)


def from_json(value: Mapping[str, Any]) -> Declaration:
    """Return the declaration that :func:`to_json` wrote.

    :raises ValueError: it holds what this code does not know.
    """
    try:
        found: Declaration = _decoded(Declaration, value)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        msg = f"a rollout's declaration cannot be read: {error!r}"
        raise ValueError(msg) from error
    return found


def _object(value: Any) -> dict[str, Any]:
    body = {each.name: _encoded(getattr(value, each.name)) for each in fields(value)}
    kind = _KINDS.get(type(value))
    return {_KIND: kind, **body} if kind else body


def _encoded(value: Any) -> Any:
    match value:
        case timedelta():
            return value.total_seconds()
        case time():
            return value.isoformat()
        case enum.Enum():
            return value.value
        case tuple():
            return [_encoded(each) for each in value]
        case frozenset():
            return sorted(value)
        case Mapping():
            return {key: _encoded(below) for key, below in value.items()}
        case None | str() | int() | float():
            return value
        case _:
            return _object(value)


def _decoded(wanted: Any, value: Any) -> Any:
    """Return a value of the wanted type from what :func:`_encoded` made of it."""
    if value is None:
        return None
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin is types.UnionType:
        kinds = [each for each in inner if each is not types.NoneType]
        # The only union of more types than one is that of the gates.
        return _decoded(kinds[0] if len(kinds) == 1 else _GATES[value[_KIND]], value)
    if origin is tuple:
        return tuple(_decoded(inner[0], each) for each in value)
    if origin is frozenset:
        return frozenset(_decoded(inner[0], each) for each in value)
    if origin is Mapping:
        return {key: _decoded(inner[1], below) for key, below in value.items()}
    return _single(wanted, value)


def _single(wanted: type, value: Any) -> Any:
    if wanted is timedelta:
        return timedelta(seconds=value)
    if wanted is time:
        return time.fromisoformat(value)
    if is_dataclass(wanted):
        known = get_type_hints(wanted)
        below = {name: each for name, each in value.items() if name != _KIND}
        return wanted(**{name: _decoded(known[name], each) for name, each in below.items()})
    return wanted(value)

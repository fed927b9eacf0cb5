# SPDX-License-Identifier: Apache-2.0
"""JSON patches of a node, as far as ephyrad writes them: attributes, and members of `extra`."""

from typing import Any

from ephyrad.testing.refusals import ApiError

# Ironic of both releases fails over their removal (observed).
_NEVER_REMOVED = frozenset({"automated_clean", "conductor_group"})


def values_of(patch: Any) -> dict[str, Any]:
    """Return the values that a patch gives to attributes, None to those that it removes.

    The keys are those of :meth:`ephyrad.testing.ironic.Ironic.patch`.
    """
    if not isinstance(patch, list):
        raise ApiError(400, f"Schema error for patch: {patch!r} is not of type 'array'")
    return dict(_value(operation) for operation in patch)


def _value(operation: Any) -> tuple[str, Any]:
    match operation:
        case {"op": "remove", "path": str(path)} if _name(path) in _NEVER_REMOVED:
            raise ApiError(500, "'NoneType' object is not iterable")
        case {"op": "remove", "path": str(path)}:
            return _name(path), None
        case {"op": "add" | "replace", "path": str(path), "value": value}:
            return _name(path), value
        case _:
            raise ApiError(400, f"Schema error for patch: {operation!r} is no operation")


def _name(path: str) -> str:
    """Return the attribute of a path, or `extra/MEMBER`.

    :raises ApiError: it is one below another; Ironic takes that, and nothing here writes it.
    """
    name = path.removeprefix("/")
    if "/" in name.removeprefix("extra/"):
        raise ApiError(400, f"The simulation takes no patch of {path}")
    return name

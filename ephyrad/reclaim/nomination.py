# SPDX-License-Identifier: Apache-2.0
"""What a reclaim message comes to: a nomination, or the reason why it is of no use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

LONGEST = 1000
"""Characters that a text of a message may have."""

MOST = 1000
"""Nodes, and instances, that a message may name."""


@dataclass(frozen=True, slots=True)
class Nomination:
    """What CI says nobody needs any more. Nothing of it is believed before it is verified.

    `source` and `id` name the message: no two have both. `nodes` are UUIDs or names, `instances`
    UUIDs. `label` is the build's job, pipeline or test suite, "" without one, and `result` how the
    build ended, in capital letters. `said_at` is when the message was sent, by the sender's clock,
    None where that is not known.
    """

    source: str
    id: str
    nodes: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    label: str = ""
    result: str = ""
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that is well, and nominates nothing: why."""

    reason: str


class MessageError(Exception):
    """A message that cannot be read; it says what is wrong, where, and the cure."""


def text(value: object, place: str) -> str:
    """Return a text of a message.

    :raises MessageError: it is none, empty, too long, or has characters that cannot be shown.
    """
    if isinstance(value, str) and 0 < len(value.strip()) <= LONGEST and value.isprintable():
        return value.strip()
    raise MessageError(f"{place} must be a text of 1 to {LONGEST} printable characters")


def maybe(value: object, place: str) -> str:
    """Return a text that may be missing, "" then.

    :raises MessageError: it is there and no text.
    """
    return "" if value is None else text(value, place)


def table(value: object, place: str) -> Mapping[str, Any]:
    """Return an object of a message.

    :raises MessageError: it is none.
    """
    if isinstance(value, dict):
        return value
    raise MessageError(f"{place} must be a JSON object")


def nodes(value: object, place: str) -> tuple[str, ...]:
    """Return a list of UUIDs or names, each once.

    :raises MessageError: it is none.
    """
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MOST:
        raise MessageError(f"{place} must be a list of {MOST} texts at most")
    return tuple(dict.fromkeys(text(each, f"{place}[{at}]") for at, each in enumerate(value)))


def instances(value: object, place: str) -> tuple[str, ...]:
    """Return a list of UUIDs, each once.

    :raises MessageError: it is none.
    """
    return tuple(dict.fromkeys(_uuid(each, place) for each in nodes(value, place)))


def words(parameters: Mapping[str, Any], name: str) -> list[str]:
    """Return what a parameter of a Jenkins build names, with spaces or commas between.

    :raises MessageError: it is no text.
    """
    value = parameters.get(name)
    if value is None:
        return []
    if not isinstance(value, str):
        raise MessageError(f"the parameter {name} must be a text: names with spaces between")
    return value.replace(",", " ").split()


def _uuid(value: str, place: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        raise MessageError(f"{place} has {value!r:.80}, which is no UUID of an instance") from None

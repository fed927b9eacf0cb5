# SPDX-License-Identifier: Apache-2.0
"""What the journal says of one item, in order. A record is the fold of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from ephyrad.environment import halves
from ephyrad.environment.effects import Effect
from ephyrad.environment.halves import Values
from ephyrad.environment.problems import Cause
from ephyrad.migration import outcome_json
from ephyrad.migration.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked for the item to be brought in step."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Intended:
    """An effect is about to be performed. `intent` is the same for each try of one effect.

    `digest` is of the fields that it is to bring about, `new_key` the item's key in the new cloud.
    `may_be`: what the item may look like from now on that is not people's doing, besides what the
    intents before said; None: an ephyrad wrote it that did not look at that.
    """

    at: datetime
    intent: str
    effect: Effect
    name: str
    new_key: str
    digest: str | None = None
    may_be: Values | None = None


@dataclass(frozen=True, slots=True)
class Concluded:
    """What became of an intent."""

    at: datetime
    intent: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class InStep:
    """The item was seen equal in both clouds, with fields of this digest."""

    at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Troubled:
    """The item cannot be carried now. `again`: it is tried once more without being asked for."""

    at: datetime
    cause: Cause
    reason: str
    name: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The item is in neither cloud any more, or is no business of ephyrad's."""

    at: datetime


Entry = Asked | Intended | Concluded | InStep | Troubled | Forgotten

_ENTRIES: Mapping[str, Callable[..., Entry]] = {
    "asked": Asked,
    "intent": Intended,
    "outcome": Concluded,
    "in-step": InStep,
    "trouble": Troubled,
    "forgotten": Forgotten,
}
_KINDS: Mapping[object, str] = {cls: kind for kind, cls in _ENTRIES.items()}


def kind_of(entry: Entry) -> str:
    """Return the word under which an entry of this kind is stored."""
    return _KINDS[type(entry)]


def to_json(entry: Entry) -> dict[str, Any]:
    """Return the entry's content, without kind and time, as plain JSON values."""
    body = {each.name: getattr(entry, each.name) for each in fields(entry) if each.name != "at"}
    if isinstance(entry, Concluded):
        body["outcome"] = outcome_json.to_json(entry.outcome)
    if isinstance(entry, Intended) and entry.may_be is not None:
        body["may_be"] = halves.to_json(entry.may_be)
    return body


def from_json(kind: str, at: datetime, body: Mapping[str, Any]) -> Entry:
    """Return the entry that :func:`to_json` wrote.

    :raises ValueError: the kind, or a word within, is of another ephyrad's.
    """
    try:
        decoded = {
            name: _DECODERS[name](value) if name in _DECODERS else value
            for name, value in body.items()
        }
        return _ENTRIES[kind](at=at, **decoded)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        msg = f"an entry of an item, of kind {kind!r}, cannot be read: {error!r}"
        raise ValueError(msg) from error


_DECODERS: Mapping[str, Callable[[Any], object]] = {
    "effect": Effect,
    "outcome": outcome_json.from_json,
    "cause": Cause,
    "may_be": lambda value: None if value is None else halves.from_json(value),
}

# SPDX-License-Identifier: Apache-2.0
"""Entries of a rollout's journal: what happened to it, in order. A rollout is the fold of them."""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ephyrad.rollout import codec
from ephyrad.rollout.declaration import Declaration
from ephyrad.rollout.verdict import Result


class PauseCause(enum.StrEnum):
    """Why a rollout pauses, in one word for machines."""

    OPERATOR = "operator"
    BUDGET = "budget"
    GATE = "gate"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Member:
    """A node of a wave, with what it had then under the keys that limits name, as text."""

    node: str
    name: str | None
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Started:
    """An operator started it, when `selected` nodes were its."""

    at: datetime
    by: str
    declared: Declaration
    selected: int


@dataclass(frozen=True, slots=True)
class Applied:
    """An operator gave it a changed declaration.

    `members`: where it names other keys than before by which limits are kept, the nodes of the
    waves that were opened, with what they have under its keys.
    """

    at: datetime
    by: str
    declared: Declaration
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A wave was opened; the first is number 1."""

    at: datetime
    wave: int
    rule: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class GateBegun:
    """A gate is about to be tried after a wave. `run` is unique."""

    at: datetime
    run: str
    wave: int
    gate: str


@dataclass(frozen=True, slots=True)
class GateEnded:
    """What came of a run, in words and with what it wrote."""

    at: datetime
    run: str
    result: Result
    words: str
    output: str


@dataclass(frozen=True, slots=True)
class Approved:
    """A person let the rollout go on after a wave."""

    at: datetime
    by: str
    wave: int


@dataclass(frozen=True, slots=True)
class Paused:
    """Nothing new is begun until it is resumed; what is in flight goes on."""

    at: datetime
    by: str
    cause: PauseCause
    reason: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """An operator let it go on."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """An operator stopped it: what is in flight is finished, and nothing is begun any more."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing is in flight any more of what was stopped, or nothing is left to carry."""

    at: datetime
    words: str


Entry = (
    Started
    | Applied
    | Opened
    | GateBegun
    | GateEnded
    | Approved
    | Paused
    | Resumed
    | Stopped
    | Ended
)

_KINDS: Mapping[str, type[Entry]] = {
    "started": Started,
    "applied": Applied,
    "opened": Opened,
    "gate-begun": GateBegun,
    "gate-ended": GateEnded,
    "approved": Approved,
    "paused": Paused,
    "resumed": Resumed,
    "stopped": Stopped,
    "ended": Ended,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def kind_of(entry: Entry) -> str:
    """Return the entry's kind, as the journal writes it."""
    return name_of(type(entry))


def name_of(kind: type[Entry]) -> str:
    """Return the word that names a kind of entries."""
    return _NAMES[kind]


def to_json(entry: Entry) -> dict[str, Any]:
    """Return the entry's own fields, without the time, as plain JSON values."""
    match entry:
        case Started(_, by, declared, selected):
            return {"by": by, "declared": codec.to_json(declared), "selected": selected}
        case Applied(_, by, declared, members):
            fields = {"by": by, "declared": codec.to_json(declared)}
            return fields | ({"members": _rows(members)} if members else {})
        case Opened(_, wave, rule, members):
            return {"wave": wave, "rule": rule, "members": _rows(members)}
        case _:
            names = (name for name in entry.__slots__ if name != "at")
            return {name: getattr(entry, name) for name in names}


def _rows(members: Iterable[Member]) -> list[list[Any]]:
    return [[each.node, each.name, dict(each.values)] for each in members]


def from_json(kind: str, at: datetime, body: Mapping[str, Any]) -> Entry:
    """Return the entry that was written.

    :raises ValueError: there is no such kind, or its fields are others.
    """
    found = _KINDS.get(kind)
    if found is None:
        raise ValueError(f"no entry of a rollout is of kind {kind}")
    fields = dict(body)
    try:
        if "declared" in fields:
            fields["declared"] = codec.from_json(fields["declared"])
        if "members" in fields:
            fields["members"] = tuple(Member(*row) for row in fields["members"])
        if found is GateEnded:
            fields["result"] = Result(fields["result"])
        if found is Paused:
            fields["cause"] = PauseCause(fields["cause"])
        return found(at, **fields)
    except (KeyError, TypeError) as error:
        raise ValueError(f"an entry of kind {kind} cannot be read: {error!r}") from error

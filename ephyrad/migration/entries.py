# SPDX-License-Identifier: Apache-2.0
"""Journal entries: what happened to one migration, in order. A migration is the fold of them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, cast

from ephyrad.migration import effects, outcome_json
from ephyrad.migration.direction import Direction
from ephyrad.migration.document import Before
from ephyrad.migration.effects import CreateParts, Effect, PartKind
from ephyrad.migration.outcomes import Outcome
from ephyrad.migration.references import Change, change_of
from ephyrad.migration.states import State, Trigger
from ephyrad.migration.steps import Cause


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked for the node to be carried to the new cloud, or back to the old one.

    Where the node's migration was over, another one begins.
    """

    at: datetime
    name: str | None
    by: str
    direction: Direction = Direction.FORWARD


@dataclass(frozen=True, slots=True)
class Kept:
    """The node's document was made durable, rewritten for the new cloud by these changes."""

    at: datetime
    final: bool
    before: Before
    left_behind: tuple[str, ...]
    rewriting: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Intended:
    """An effect is about to be performed. `intent` is the same for each try of one effect."""

    at: datetime
    intent: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class Concluded:
    """What became of an intent."""

    at: datetime
    intent: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The cleaning of the node for this migration was seen to complete."""

    at: datetime
    proof: str


@dataclass(frozen=True, slots=True)
class Owed:
    """The old cloud's cleaning is not proven: the new cloud has to clean the node."""

    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Moved:
    """An edge of the table was taken."""

    at: datetime
    trigger: Trigger
    source: State
    dest: State
    because: str


@dataclass(frozen=True, slots=True)
class Held:
    """The migration stopped, with the reason in words."""

    at: datetime
    cause: Cause
    reason: str
    lifts_itself: bool


@dataclass(frozen=True, slots=True)
class Lifted:
    """The hold was lifted: by an operator's name, or by `ephyrad` when its cause was gone."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Aborting:
    """An operator asked for the node to be brought back to the old cloud as it was."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """From `not_before` on, ephyrad may delete this instance on the node, by word of `by`.

    `by` is a rollout's rule, CI's message or an operator, as one names it to people.
    """

    at: datetime
    instance: str
    not_before: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Restored:
    """The node is in the old cloud as it was, and the new cloud has nothing of it: it is over."""

    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Recalled:
    """The notice counts no more: by somebody's word, or `ephyrad`'s `because` it was void."""

    at: datetime
    by: str
    because: str | None = None


Entry = (
    Asked
    | Kept
    | Intended
    | Concluded
    | Witnessed
    | Owed
    | Moved
    | Held
    | Lifted
    | Aborting
    | Restored
    | Noticed
    | Recalled
)

_ENTRIES = {
    "asked": Asked,
    "kept": Kept,
    "intent": Intended,
    "outcome": Concluded,
    "witnessed": Witnessed,
    "owed": Owed,
    "transition": Moved,
    "hold": Held,
    "lifted": Lifted,
    "aborting": Aborting,
    "restored": Restored,
    "noticed": Noticed,
    "recalled": Recalled,
}
_KINDS = {cls: kind for kind, cls in _ENTRIES.items()}
_EFFECTS = {cls.__name__: cls for cls in effects.Effect.__args__}


def kind_of(entry: Entry) -> str:
    """Return the word that names the kind of an entry in the journal and in the history."""
    return name_of(type(entry))


def name_of(kind: type[Entry]) -> str:
    """Return the word that names a kind of entries."""
    return _KINDS[kind]


def to_json(entry: Entry) -> dict[str, Any]:
    """Return the entry's content, without kind and time, as plain JSON values."""
    body = {f.name: getattr(entry, f.name) for f in fields(entry) if f.name != "at"}
    match entry:
        case Asked(direction=Direction.FORWARD):
            # An ephyrad that knew of no way back can read it too.
            body.pop("direction")
        case Intended(effect=effect):
            body["effect"] = {"name": type(effect).__name__, **_plain(effect)}
        case Concluded(outcome=outcome):
            body["outcome"] = outcome_json.to_json(outcome)
        case Kept(before=before, rewriting=rewriting):
            body["before"] = asdict(before)
            # Where nothing was rewritten, an ephyrad that knew of no rewriting can read it too.
            body.pop("rewriting")
            if rewriting:
                body["rewriting"] = [asdict(change) for change in rewriting]
        case Noticed(not_before=not_before):
            body["not_before"] = not_before.isoformat()
        case _:
            pass
    return body


def from_json(kind: str, at: datetime, body: Mapping[str, Any]) -> Entry:
    """Return the entry that :func:`to_json` wrote.

    :raises ValueError: the kind, or a word within, is of another ephyrad's.
    """
    try:
        return cast(Entry, _ENTRIES[kind](at=at, **_decoded(body)))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        msg = f"a journal entry of kind {kind!r} cannot be read: {error!r}"
        raise ValueError(msg) from error


def _plain(effect: Effect) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(effect).items()
    }


def _decoded(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _DECODERS[name](value) if name in _DECODERS else value for name, value in body.items()
    }


def _effect(value: Mapping[str, Any]) -> Effect:
    rest = {name: below for name, below in value.items() if name != "name"}
    if value["name"] == "SetTraits":
        # As it was before it was one effect with the creation of records.
        return CreateParts({}, traits=True)
    if "kind" in rest:
        rest = {"parts": {rest["kind"]: rest["uuids"]}}
    if "parts" in rest:
        rest["parts"] = {PartKind(kind): tuple(uuids) for kind, uuids in rest["parts"].items()}
    if rest.get("last_fault"):
        rest["last_fault"] = datetime.fromisoformat(rest["last_fault"])
    return cast(Effect, _EFFECTS[value["name"]](**rest))


_DECODERS: Mapping[str, Callable[[Any], object]] = {
    "effect": _effect,
    "outcome": outcome_json.from_json,
    "before": lambda value: Before(**value),
    "left_behind": tuple,
    "rewriting": lambda value: tuple(map(change_of, value)),
    "direction": Direction,
    "trigger": Trigger,
    "source": State,
    "dest": State,
    "cause": Cause,
    "not_before": datetime.fromisoformat,
}

# SPDX-License-Identifier: Apache-2.0
"""Folds: migrations as they were when last written, so that opening need not read every entry.

A fold is never more than its entries tell: it says which code folded it and up to which entry, and
where either does not fit it is made anew from the entries.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from ephyrad.journal.values import to_text
from ephyrad.migration import entries
from ephyrad.migration.attempt import Attempt
from ephyrad.migration.direction import Direction
from ephyrad.migration.document import Before
from ephyrad.migration.effects import Effect
from ephyrad.migration.entries import Concluded, Held, Intended, Noticed
from ephyrad.migration.migration import Migration, OnHold
from ephyrad.migration.references import change_of
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause

WRITE = "INSERT OR REPLACE INTO folds (node, seq, folded_by, body) VALUES (?, ?, ?, ?)"
"""Writes a row of :func:`row_of`, in place of the node's former one."""

CODE = "ephyrad.migration"
"""The package by which migrations are folded."""

_Json = dict[str, Any]
_E = TypeVar("_E", Held, Intended, Concluded, Noticed)


def row_of(migration: Migration) -> tuple[str, int, str, str]:
    """Return the row of the table `folds` that a migration comes to."""
    return (migration.node, migration.seq, folded_by(CODE), json.dumps(to_json(migration)))


@cache
def folded_by(*packages: str) -> str:
    """Return what tells the code that decides what a fold comes to, in floor 0, from any other."""
    digest = hashlib.sha256()
    for package in packages:
        found = resources.files(package)
        for file in sorted(found.iterdir(), key=lambda file: file.name):
            if file.name.endswith(".py"):
                digest.update(file.read_bytes())
    return digest.hexdigest()


def to_json(migration: Migration) -> _Json:
    """Return a migration as plain JSON values."""
    return {name: _encoded(name, getattr(migration, name)) for name in _NAMES}


def from_json(value: Mapping[str, Any]) -> Migration:
    """Return the migration that :func:`to_json` wrote.

    :raises ValueError: it holds what this code does not know.
    """
    try:
        return Migration(**{name: _decoded(name, below) for name, below in value.items()})
    except (KeyError, TypeError) as error:
        raise ValueError(f"a fold cannot be read: {error!r}") from error


def _decoded(name: str, value: Any) -> Any:
    return value if value is None or name not in _DECODERS else _DECODERS[name](value)


def _encoded(name: str, value: Any) -> Any:
    return value if value is None or name not in _ENCODERS else _ENCODERS[name](value)


def _hold_to_json(hold: OnHold) -> _Json:
    held = Held(hold.since, hold.cause, hold.reason, hold.lifts_itself)
    return {"since": to_text(hold.since), "held": entries.to_json(held)}


def _attempt_to_json(attempt: Attempt[Effect]) -> _Json:
    """Effect and outcome are written as in their entries, so that they are spelt in one way."""
    outcome = attempt.outcome
    intended = Intended(attempt.last, attempt.intent, attempt.effect)
    concluded = Concluded(attempt.last, attempt.intent, outcome) if outcome else None
    return {
        "first": to_text(attempt.first),
        "last": to_text(attempt.last),
        "tries": attempt.tries,
        "intended": entries.to_json(intended),
        "concluded": entries.to_json(concluded) if concluded else None,
    }


def _attempt(value: _Json) -> Attempt[Effect]:
    last = datetime.fromisoformat(value["last"])
    intended = _entry(Intended, "intent", last, value["intended"])
    concluded = value["concluded"]
    return Attempt(
        intent=intended.intent,
        effect=intended.effect,
        first=datetime.fromisoformat(value["first"]),
        last=last,
        tries=value["tries"],
        outcome=_entry(Concluded, "outcome", last, concluded).outcome if concluded else None,
    )


def _hold(value: _Json) -> OnHold:
    since = datetime.fromisoformat(value["since"])
    held = _entry(Held, "hold", since, value["held"])
    return OnHold(since, held.cause, held.reason, held.lifts_itself)


def _notice_to_json(notice: Noticed) -> _Json:
    return {"at": to_text(notice.at), "noticed": entries.to_json(notice)}


def _notice(value: _Json) -> Noticed:
    return _entry(Noticed, "noticed", datetime.fromisoformat(value["at"]), value["noticed"])


def _entry(cls: type[_E], kind: str, at: datetime, body: _Json) -> _E:
    entry = entries.from_json(kind, at, body)
    if not isinstance(entry, cls):
        raise ValueError(f"{kind} is another kind of entry now")  # noqa: TRY004 - of the file
    return entry


_NAMES = tuple(each.name for each in fields(Migration))

_ENCODERS: Mapping[str, Callable[[Any], object]] = {
    "asked_at": to_text,
    "since": to_text,
    "last_fault": to_text,
    "hold": _hold_to_json,
    "attempt": _attempt_to_json,
    "before": asdict,
    "rewriting": lambda changes: [asdict(each) for each in changes],
    "answered": sorted,
    "notice": _notice_to_json,
    "came_by": lambda changes: [asdict(each) for each in changes],
}
_DECODERS: Mapping[str, Callable[[Any], object]] = {
    "asked_at": datetime.fromisoformat,
    "since": datetime.fromisoformat,
    "last_fault": datetime.fromisoformat,
    "state": State,
    "hold": _hold,
    "attempt": _attempt,
    "before": lambda value: Before(**value),
    "rewriting": lambda value: tuple(map(change_of, value)),
    "answered": lambda value: frozenset(map(Cause, value)),
    "notice": _notice,
    "direction": Direction,
    "came_by": lambda value: tuple(map(change_of, value)),
}

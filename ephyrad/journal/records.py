# SPDX-License-Identifier: Apache-2.0
"""Records as rows: columns for people, and the fold from which ephyrad opens without every entry.

As with :mod:`ephyrad.journal.folds`, a fold is never more than its entries tell.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from ephyrad.environment import halves
from ephyrad.environment.effects import Effect, describe
from ephyrad.environment.item import ItemId
from ephyrad.environment.problems import Cause, Problem
from ephyrad.environment.record import ItemAttempt, Record
from ephyrad.journal import folds
from ephyrad.journal.values import to_text, writable
from ephyrad.migration import outcome_json

WRITE = (
    "INSERT OR REPLACE INTO environment (item, name, in_step_since, cause, reason, effect, tries,"
    " outcome, seq, folded_by, fold) VALUES (:item, :name, :in_step_since, :cause, :reason,"
    " :effect, :tries, :outcome, :seq, :folded_by, :fold)"
)
"""Writes a row of :func:`row_of`, in place of the item's former one."""

_Json = dict[str, Any]
_PLAIN = ("seq", "name", "asked", "made", "settled", "pending", "new_key", "intents")


def folded_by() -> str:
    """Return what tells the code that folds records from any other."""
    return folds.folded_by("ephyrad.environment", folds.CODE)


def row_of(record: Record) -> dict[str, str | int | None]:
    """Return the row of the table `environment` that a record comes to."""
    attempt, problem = record.attempt, record.problem
    in_step = record.settled_at if not (record.pending or problem) else None
    return {
        "item": writable(str(record.item)),
        "name": writable(record.name),
        "in_step_since": to_text(in_step) if in_step else None,
        "cause": problem.cause.value if problem else None,
        "reason": writable(problem.reason) if problem else None,
        "effect": describe(attempt.effect) if attempt else None,
        "tries": attempt.tries if attempt else None,
        "outcome": type(attempt.outcome).__name__.lower() if attempt and attempt.outcome else None,
        "seq": record.seq,
        "folded_by": folded_by(),
        "fold": json.dumps(to_json(record)),
    }


def to_json(record: Record) -> _Json:
    """Return a record, but for which item it is of, as plain JSON values."""
    attempt, problem = record.attempt, record.problem
    return {
        **{name: getattr(record, name) for name in _PLAIN},
        "settled_at": to_text(record.settled_at) if record.settled_at else None,
        "attempt": _attempt_to_json(attempt) if attempt else None,
        "may_be": None if record.may_be is None else halves.to_json(record.may_be),
        "problem": {"cause": problem.cause, "reason": problem.reason} if problem else None,
    }


def from_json(item: ItemId, value: Mapping[str, Any]) -> Record:
    """Return the record that :func:`to_json` wrote.

    :raises ValueError: it holds what this code does not know.
    """
    try:
        at, attempt, problem = value["settled_at"], value["attempt"], value["problem"]
        may_be = value["may_be"]
        return Record(
            item,
            **{name: value[name] for name in _PLAIN},
            settled_at=datetime.fromisoformat(at) if at else None,
            attempt=_attempt(attempt) if attempt else None,
            may_be=None if may_be is None else halves.from_json(may_be),
            problem=Problem(Cause(problem["cause"]), problem["reason"]) if problem else None,
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"the fold of {item} cannot be read: {error!r}") from error


def _attempt_to_json(attempt: ItemAttempt) -> _Json:
    body = {each.name: getattr(attempt, each.name) for each in fields(attempt)}
    body |= {"first": to_text(attempt.first), "last": to_text(attempt.last)}
    if attempt.outcome is not None:
        body["outcome"] = outcome_json.to_json(attempt.outcome)
    return body


def _attempt(value: _Json) -> ItemAttempt:
    outcome = value["outcome"]
    rest = {
        "effect": Effect(value["effect"]),
        "first": datetime.fromisoformat(value["first"]),
        "last": datetime.fromisoformat(value["last"]),
        "outcome": outcome_json.from_json(outcome) if outcome else None,
    }
    return ItemAttempt(**{**value, **rest})

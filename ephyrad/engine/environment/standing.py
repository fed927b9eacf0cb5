# SPDX-License-Identifier: Apache-2.0
"""Standings: where items stand, as they were seen last; in memory, for people."""

import enum
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ephyrad.environment.decide import (
    Forget,
    Perform,
    Report,
    Rest,
    Seen,
    Settle,
    Step,
    Wait,
)
from ephyrad.environment.effects import Effect, describe
from ephyrad.environment.item import ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.environment.problems import Cause, Problem
from ephyrad.environment.translate import Wanted


class Todo(enum.StrEnum):
    """What is to be done with an item, in one word."""

    IN_STEP = "in-step"
    CREATE = Effect.CREATE.value
    UPLOAD = Effect.UPLOAD.value
    AMEND = Effect.AMEND.value
    DELETE = Effect.DELETE.value
    WAIT = "wait"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one item stands; `why` says it in words, `cause` is that of a problem.

    `left_behind` says what of it the new cloud will not have.
    """

    name: str
    todo: Todo
    why: str
    cause: Cause | None = None
    left_behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """What is known of the items of a kind; `items` is None where that is nothing.

    `at` is when both clouds were last read whole (UTC), `error` why they could not be.
    """

    at: datetime | None
    items: Mapping[ItemId, Standing] | None
    error: str | None


def standing_of(step: Step, seen: Seen, name: str) -> Standing | None:
    """Return where an item stands; None where it is no business of ephyrad's."""
    left = seen.wanted.left_behind if isinstance(seen.wanted, Wanted) else ()
    match step:
        case Forget():
            return None
        case Rest() if seen.wanted is None:
            return None
        case Rest() | Settle():
            return Standing(name, Todo.IN_STEP, "it is equal in both clouds", None, left)
        case Perform(effect):
            return Standing(name, Todo(effect.value), describe(effect), None, left)
        case Wait(what):
            return Standing(name, Todo.WAIT, f"waits for {what}", None, left)
        case Report(problem):
            return trouble(name, problem, left)


def trouble(name: str, problem: Problem, left_behind: tuple[str, ...] = ()) -> Standing:
    """Return the standing of an item that cannot be carried."""
    return Standing(name, Todo.PROBLEM, problem.reason, problem.cause, left_behind)


class Standings:
    """What is known of each kind. Turns change one item, comparisons all of a kind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at: dict[Kind, datetime] = {}
        self._errors: dict[Kind, str] = {}
        self._items: dict[Kind, dict[ItemId, Standing]] = {}
        self._told: dict[ItemId, datetime] = {}

    def compared(self, kind: Kind, at: datetime, items: Mapping[ItemId, Standing]) -> None:
        """Take what a comparison of all of a kind found that was begun at that time.

        What turns saw of single items after that is newer.
        """
        with self._lock:
            newer = {item for item, told in self._told.items() if item.kind is kind and told > at}
            former = self._items.get(kind, {})
            # Whole, then what differs: few of thousands do.
            found = dict(items)
            for item in newer:
                found.pop(item, None)
            self._items[kind] = found | {item: former[item] for item in newer if item in former}
            self._told = {
                item: told
                for item, told in self._told.items()
                if item.kind is not kind or item in newer
            }
            self._at[kind] = at
            self._errors.pop(kind, None)

    def failed(self, kind: Kind, error: str) -> bool:
        """Take why a kind could not be compared; return whether that is news."""
        with self._lock:
            news = kind not in self._errors
            self._errors[kind] = error
            return news

    def tell(self, item: ItemId, standing: Standing | None, at: datetime) -> None:
        """Take where one item stands, as it was seen at that time."""
        with self._lock:
            self._told[item] = at
            items = self._items.setdefault(item.kind, {})
            if standing is None:
                items.pop(item, None)
            else:
                items[item] = standing

    def of(self, kind: Kind) -> Compared:
        """Return what is known of a kind."""
        with self._lock:
            items = self._items.get(kind)
            return Compared(
                self._at.get(kind), None if items is None else dict(items), self._errors.get(kind)
            )

# SPDX-License-Identifier: Apache-2.0
"""Standings: where items stand, as they were seen last; in memory, for people."""

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
from ephyrad.environment.effects import describe
from ephyrad.environment.item import ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.environment.problems import Problem
from ephyrad.environment.translate import Wanted


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one item stands: `to_do` in words, or a `problem`, or neither: it is in step.

    `left_behind` says in words what of it the new cloud will not have.
    """

    name: str
    to_do: str | None = None
    problem: Problem | None = None
    left_behind: tuple[str, ...] = ()

    @property
    def in_step(self) -> bool:
        """Whether nothing is to be done, and nothing stands in the way."""
        return self.to_do is None and self.problem is None


@dataclass(frozen=True, slots=True)
class Compared:
    """All items of a kind, when both clouds were read whole (UTC), or why they could not be."""

    at: datetime | None = None
    items: Mapping[ItemId, Standing] | None = None
    error: str | None = None


def standing_of(step: Step, seen: Seen, name: str) -> Standing | None:
    """Return where an item stands; None where it is no business of ephyrad's."""
    left = seen.wanted.left_behind if isinstance(seen.wanted, Wanted) else ()
    match step:
        case Rest() if seen.wanted is None:
            return None
        case Forget():
            return None
        case Rest() | Settle():
            return Standing(name, left_behind=left)
        case Perform(effect):
            return Standing(name, to_do=describe(effect), left_behind=left)
        case Wait(what):
            return Standing(name, to_do=f"waits for {what}", left_behind=left)
        case Report(problem):
            return Standing(name, problem=problem, left_behind=left)


class Standings:
    """What is known of each kind. Turns change one item, comparisons all of a kind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at: dict[Kind, datetime] = {}
        self._errors: dict[Kind, str] = {}
        self._items: dict[Kind, dict[ItemId, Standing]] = {}

    def compared(self, kind: Kind, at: datetime, items: Mapping[ItemId, Standing]) -> None:
        """Take what a comparison of all of a kind found."""
        with self._lock:
            self._at[kind] = at
            self._errors.pop(kind, None)
            self._items[kind] = dict(items)

    def failed(self, kind: Kind, error: str) -> bool:
        """Take why a kind could not be compared; return whether that is news."""
        with self._lock:
            news = kind not in self._errors
            self._errors[kind] = error
            return news

    def tell(self, item: ItemId, standing: Standing | None) -> None:
        """Take where one item stands now."""
        with self._lock:
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

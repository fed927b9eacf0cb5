# SPDX-License-Identifier: Apache-2.0
"""The boundaries at which ephyrad may die, and the clouds and the journal that have them.

A boundary is before and after each call that changes a cloud, and before and after each commit of
the journal. Between two of them nothing is done that outlives the process.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ephyrad.journal.inbox import Named
from ephyrad.journal.journal import Journal
from ephyrad.journal.rollouts import RolloutJournal
from ephyrad.migration import entries as words
from ephyrad.migration.document import Document
from ephyrad.migration.entries import Asked, Entry, Held, Moved
from ephyrad.migration.facts import NodeFacts, Notification, Poison, Provision
from ephyrad.migration.migration import Migration
from ephyrad.migration.outcomes import Outcome
from ephyrad.rollout import entries as rollout_words
from ephyrad.rollout.entries import Entry as RolloutEntry
from ephyrad.rollout.entries import Started
from ephyrad.rollout.rollout import Rollout
from ephyrad.testing.cloud import SimulatedCloud
from tests.simulation.past import Past
from tests.simulation.trace import Trace
from tests.simulation.weather import Weather


class Crash(BaseException):
    """SIGKILL: nothing that is in memory survives. No `except Exception` stops it.

    `node`: on which it was working, None where on none.
    """

    def __init__(self, boundary: str, node: str | None) -> None:
        super().__init__(boundary)
        self.node = node


class Boundaries:
    """Counts the boundaries that are reached, and has ephyrad die at one where that is wanted.

    `dies` is asked with the number and the name of each; `passed` is called after it survived.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.dies: Callable[[int, str], bool] = lambda number, name: False
        self.passed: Callable[[str], None] = lambda name: None

    def reach(self, name: str, node: str | None = None) -> None:
        self.names.append(name)
        if self.dies(len(self.names) - 1, name):
            raise Crash(name, node)
        self.passed(name)


class BoundedCloud(SimulatedCloud):
    """A simulated cloud whose port has boundaries, and shows what the weather lets one see.

    `acting` is the change ephyrad makes now, `looked` since when it knows how each node is.
    """

    boundaries: Boundaries
    trace: Trace
    past: Past
    weather: Weather
    acting: str | None = None
    looked: dict[str, float]

    def node(self, ident: str) -> NodeFacts | None:
        lag = self.weather.lag()
        self.looked[ident] = self._clock.monotonic() - lag
        shown = super().node(ident)
        if lag:
            shown = self.past.of(ident, self._clock.monotonic() - lag)
        if shown is not None and self.weather.strikes("strange"):
            shown = replace(shown, provision_state=Provision("bewitched"))
        return shown

    def _change(
        self,
        call: str,
        node: str,
        status: int,
        change: Callable[[], object],
        *,
        deleted: str = "",
    ) -> Outcome:
        self.boundaries.reach(f"before {call} in the {self.name} cloud", node)

        def acting() -> object:
            self.acting = call
            try:
                return change()
            finally:
                self.acting = None

        outcome = super()._change(call, node, status, acting, deleted=deleted)
        self.trace.add(f"{node[:8]} {self.name} {call} -> {outcome}")
        self.boundaries.reach(f"after {call} in the {self.name} cloud", node)
        return outcome


class BoundedRollouts(RolloutJournal):
    """The rollouts' part of it, likewise."""

    boundaries: Boundaries
    written: Callable[[datetime, str, dict[str, Any]], None]

    def begin(self, name: str, entry: Started) -> Rollout:
        self.boundaries.reach("before begin of a rollout")
        rollout = super().begin(name, entry)
        self._tell(name, entry)
        self.boundaries.reach("after begin of a rollout")
        return rollout

    def append(self, rollout: Rollout, entry: RolloutEntry) -> Rollout:
        kind = rollout_words.kind_of(entry)
        self.boundaries.reach(f"before append of a rollout's {kind}")
        evolved = super().append(rollout, entry)
        self._tell(rollout.name, entry)
        self.boundaries.reach(f"after append of a rollout's {kind}")
        return evolved

    def _tell(self, name: str, entry: RolloutEntry) -> None:
        body = rollout_words.to_json(entry) | {"rollout": name}
        self.written(entry.at, rollout_words.kind_of(entry), body)


class BoundedJournal(Journal):
    """The real journal with boundaries; `written` is told each entry once it is durable."""

    boundaries: Boundaries
    written: Callable[[str, str, dict[str, Any]], None]
    rollouts: BoundedRollouts

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.rollouts = BoundedRollouts(self._file)

    def begin(self, node: str, entry: Asked) -> Migration:
        self.boundaries.reach("before begin", node)
        migration = super().begin(node, entry)
        if migration.seq == 1:
            # Another journey of a node is appended.
            self.written(node, "asked", words.to_json(entry))
        self.boundaries.reach("after begin", node)
        return migration

    def append(
        self,
        migration: Migration,
        entries: Sequence[Entry],
        *,
        document: Document | None = None,
        consumed: Iterable[int] = (),
    ) -> Migration:
        kinds = ", ".join(words.kind_of(entry) for entry in entries)
        self.boundaries.reach(f"before append of {kinds}", migration.node)
        evolved = super().append(migration, entries, document=document, consumed=consumed)
        for entry in entries:
            body = words.to_json(entry)
            if isinstance(entry, Held | Moved):
                body["at"] = entry.at
            self.written(migration.node, words.kind_of(entry), body)
        self.boundaries.reach(f"after append of {kinds}", migration.node)
        return evolved

    def receive(
        self, notifications: Sequence[Notification], poison: Sequence[Poison] = ()
    ) -> Named:
        self.boundaries.reach("before receive")
        named = super().receive(notifications, poison)
        self.boundaries.reach("after receive")
        return named

    def consume(self, ids: Iterable[int]) -> None:
        if numbers := list(ids):
            self.boundaries.reach("before consume")
            super().consume(numbers)
            self.boundaries.reach("after consume")

    def trim(self, before: datetime) -> int:
        self.boundaries.reach("before trim")
        count = super().trim(before)
        self.boundaries.reach("after trim")
        return count

# SPDX-License-Identifier: Apache-2.0
"""Comparing all items of a kind at once, by lists and by the same decision as an item's turn."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from ephyrad.engine.environment.look import Environments, usable
from ephyrad.engine.environment.people import People
from ephyrad.engine.environment.standing import Standing, standing_of
from ephyrad.environment import images
from ephyrad.environment.decide import Seen, Step, decide
from ephyrad.environment.item import Item, ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.environment.record import Record
from ephyrad.environment.translate import Wanted, translate
from ephyrad.journal.environment import EnvironmentJournal
from ephyrad.migration.facts import CloudName


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a comparison: what the old cloud has, what was seen, and what would be done."""

    item: ItemId
    old: Item | None
    seen: Seen
    step: Step
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both clouds' items of one kind, read whole; `at` is before the first of it was read."""

    kind: Kind
    at: datetime
    lines: tuple[Line, ...]

    def standings(self) -> Mapping[ItemId, Standing]:
        """Return where the items stand."""
        return {line.item: line.standing for line in self.lines if line.standing}


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares; `clock` gives the UTC."""

    environments: Environments
    people: People
    journal: EnvironmentJournal
    clock: Callable[[], datetime]

    def compare(
        self,
        kind: Kind,
        policy: EnvironmentPolicy,
        as_if: Callable[[Record], Record] = lambda record: record,
    ) -> Comparison:
        """Read both clouds and decide on each item; `as_if` says what its record is taken for.

        :raises CloudReadError: a cloud could not be read whole, or has nothing of this kind.
        """
        at = self.clock()
        new = {each.key: each for each in self.environments.of(CloudName.NEW, kind).items()}
        old = self.environments.of(CloudName.OLD, kind).items()
        names, lines = self.people.names, []
        for there in old:
            item = ItemId(kind, there.key)
            wanted = translate(there, names)
            seen = Seen(at, wanted, None)
            if isinstance(wanted, Wanted):
                found = new.get(wanted.item.key)
                lacking = _lacking(wanted.item, new) if found is None else ()
                seen = Seen(at, wanted, found, lacking)
            lines.append(self._line(item, there, seen, policy, as_if))
        for item in self._gone(kind, {each.key for each in old}, new):
            record = self.journal.record(item)
            seen = Seen(at, None, new.get(record.new_key or item.key))
            lines.append(self._line(item, None, seen, policy, as_if))
        return Comparison(kind, at, tuple(lines))

    def _line(
        self,
        item: ItemId,
        old: Item | None,
        seen: Seen,
        policy: EnvironmentPolicy,
        as_if: Callable[[Record], Record],
    ) -> Line:
        record = as_if(self.journal.record(item))
        step = decide(record, seen, policy)
        shown = old or seen.found
        name = shown.name if shown else record.name or item.key
        return Line(item, old, seen, step, standing_of(step, seen, name))

    def _gone(self, kind: Kind, old: Collection[str], new: Mapping[str, Item]) -> list[ItemId]:
        """Return what the old cloud has no more: as the journal says, or a mark in the new one."""
        known = [
            each.item
            for each in self.journal.records()
            if each.item.kind is kind and each.item.key not in old and not each.is_blank
        ]
        marked = [
            ItemId(kind, each.key)
            for each in new.values()
            if each.mark is not None and each.key not in old
        ]
        return list(dict.fromkeys([*known, *marked]))


def _lacking(wanted: Item, new: Mapping[str, Item]) -> tuple[ItemId, ...]:
    return tuple(each for each in images.needed_by(wanted) if not usable(new.get(each.key)))

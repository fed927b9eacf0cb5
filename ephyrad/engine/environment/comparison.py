# SPDX-License-Identifier: Apache-2.0
"""Comparing all items of a kind at once, by lists and by the same decision as an item's turn."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ephyrad.engine.environment.decided import Asked, Decided, Decisions, Line
from ephyrad.engine.environment.look import Environments, usable
from ephyrad.engine.environment.people import People
from ephyrad.engine.environment.standing import Standing, standing_of
from ephyrad.environment import images
from ephyrad.environment.decide import Report, Seen, decide
from ephyrad.environment.item import Item, ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.environment.problems import Cause, Problem
from ephyrad.environment.record import Record
from ephyrad.environment.translate import Wanted, translate, user_of
from ephyrad.journal.environment import EnvironmentJournal
from ephyrad.migration.facts import CloudName


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
    _decisions: Decisions = field(default_factory=Decisions)

    def compare(
        self,
        kind: Kind,
        policy: EnvironmentPolicy,
        as_if: Callable[[Record], Record] | None = None,
    ) -> Comparison:
        """Read both clouds and decide on each item; `as_if` says what its record is taken for.

        :raises CloudReadError: a cloud could not be read whole, or has nothing of this kind.
        """
        at = self.clock()
        new = {each.key: each for each in self.environments.of(CloudName.NEW, kind).items()}
        source = self.environments.of(CloudName.OLD, kind)
        old = {each.key: each for each in source.items()}
        gone = list(self._gone(kind, old, new))
        doubt = source.doubt() if gone else None
        asked = Asked(self.people.names)
        former = {} if as_if else self._decisions.of(kind, policy)
        decided = []
        for key in [*old, *gone]:
            there, known = old.get(key), former.get(key)
            item = known.line.item if known else ItemId(kind, key)
            record = self.journal.record(item)
            if there is None and doubt:
                known = _doubted(at, record, doubt)
            elif known is None or not known.stands(there, new, record, asked):
                record = as_if(record) if as_if else record
                seen = self._of_nobody(at, record, asked) if there is None else None
                seen = seen or _seen(at, there, new, record, asked)
                line = _line(there, seen, record, policy)
                known = Decided(line, record, asked.answers())
            decided.append(known)
        if as_if is None:
            self._decisions.keep(kind, policy, decided)
        return Comparison(kind, at, tuple(each.line for each in decided))

    def _of_nobody(self, at: datetime, record: Record, asked: Asked) -> Seen | None:
        """Say of a key pair that is in no list whether its user is in no list either.

        Nova keeps the keys of a user whom Keystone has no more: an item's turn still finds them.
        """
        user = user_of(record.item)
        if user is None or self.people.is_known(user):
            return None
        nobody = asked.names.user(user)
        if isinstance(nobody, str):
            return None
        return Seen(at, Problem(Cause.OWNER, nobody.reason), None)

    def _gone(self, kind: Kind, old: Collection[str], new: Mapping[str, Item]) -> Iterable[str]:
        """Return what the old cloud has no more: as the journal says, or a mark in the new one."""
        known = [
            each.item.key
            for each in self.journal.records()
            if each.item.kind is kind and each.item.key not in old and not each.is_blank
        ]
        marked = [each.key for each in new.values() if each.mark is not None]
        return dict.fromkeys([*known, *(key for key in marked if key not in old)])


def _doubted(at: datetime, record: Record, doubt: str) -> Decided:
    """Say of an item that the old cloud does not show that it may be there all the same."""
    problem = Problem(Cause.UNREACHABLE, doubt)
    # Not for long: the next comparison asks again.
    step, seen = Report(problem, at), Seen(at, problem, None)
    standing = standing_of(step, seen, record.name or record.item.key)
    return Decided(Line(record.item, None, seen, step, standing), record)


def _seen(
    at: datetime, there: Item | None, new: Mapping[str, Item], record: Record, asked: Asked
) -> Seen:
    if there is None:
        return Seen(at, None, new.get(record.new_key or record.item.key))
    wanted = translate(there, asked.names)
    if not isinstance(wanted, Wanted):
        return Seen(at, wanted, None)
    found = new.get(wanted.item.key)
    return Seen(at, wanted, found, _lacking(wanted.item, new) if found is None else ())


def _line(there: Item | None, seen: Seen, record: Record, policy: EnvironmentPolicy) -> Line:
    step = decide(record, seen, policy)
    shown = there or seen.found
    name = shown.name if shown else record.name or record.item.key
    return Line(record.item, there, seen, step, standing_of(step, seen, name))


def _lacking(wanted: Item, new: Mapping[str, Item]) -> tuple[ItemId, ...]:
    return tuple(each for each in images.needed_by(wanted) if not usable(new.get(each.key)))

# SPDX-License-Identifier: Apache-2.0
"""What the last comparison of a kind decided, for items of which nothing has changed since.

Of thousands of items that are in step, hardly one changes from one comparison to the next. A
decision stands for as long as all that it rests on is the same, and only where time says nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from ephyrad.engine.environment.standing import Standing
from ephyrad.environment.decide import Report, Rest, Seen, Step
from ephyrad.environment.item import Item, ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.environment.problems import Problem
from ephyrad.environment.record import Record
from ephyrad.environment.translate import Counterpart, Names, Nobody

_Question = tuple[str, str]
Answers = tuple[tuple[_Question, str | Nobody], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a comparison: what the old cloud has, what was seen, and what would be done.

    `seen.at` may be of an earlier comparison, since which nothing has changed.
    """

    item: ItemId
    old: Item | None
    seen: Seen
    step: Step
    standing: Standing | None


class Asked:
    """Who is who, asked for once in a comparison; tells which answers a translation rests on."""

    def __init__(self, names: Names) -> None:
        self._ask: Mapping[str, Counterpart] = {"user": names.user, "project": names.project}
        self._known: dict[_Question, str | Nobody] = {}
        self._noted: list[_Question] = []

    @property
    def names(self) -> Names:
        """Who is who, as a translation asks it."""
        return Names(partial(self._note, "user"), partial(self._note, "project"))

    def answers(self) -> Answers:
        """Return the answers that were given since this was called last."""
        noted, self._noted = dict.fromkeys(self._noted), []
        return tuple((question, self._known[question]) for question in noted)

    def are_given_still(self, answers: Answers) -> bool:
        """Return whether the same would be answered now."""
        return all(self._answer(question) == answer for question, answer in answers)

    def _note(self, kind: str, ident: str) -> str | Nobody:
        question = (kind, ident)
        self._noted.append(question)
        return self._answer(question)

    def _answer(self, question: _Question) -> str | Nobody:
        known = self._known.get(question)
        if known is None:
            kind, ident = question
            known = self._known[question] = self._ask[kind](ident)
        return known


@dataclass(frozen=True, slots=True)
class Decided:
    """A line, and the rest of what it rests on."""

    line: Line
    record: Record
    answers: Answers = ()

    def stands(
        self, old: Item | None, new: Mapping[str, Item], record: Record, asked: Asked
    ) -> bool:
        """Return whether the decision would be the same now."""
        return (
            _is_same(self.line.old, old)
            and (self.record is record or self.record == record)
            and asked.are_given_still(self.answers)
            and self._is_found_still(new)
        )

    def _is_found_still(self, new: Mapping[str, Item]) -> bool:
        seen = self.line.seen
        if isinstance(seen.wanted, Problem):
            # The new cloud was not asked for it.
            return True
        key = self.record.new_key or self.line.item.key
        if seen.wanted is not None:
            key = seen.wanted.item.key
        return _is_same(seen.found, new.get(key))

    @property
    def is_lasting(self) -> bool:
        """Whether neither time nor other items have a say in it."""
        match self.line.step:
            case Rest() | Report(again=None):
                return True
            case _:
                return False


class Decisions:
    """The lasting decisions of the last comparison of each kind, by the items' keys."""

    def __init__(self) -> None:
        self._kept: dict[Kind, tuple[EnvironmentPolicy, Mapping[str, Decided]]] = {}

    def of(self, kind: Kind, policy: EnvironmentPolicy) -> Mapping[str, Decided]:
        """Return those that were made by this policy."""
        former, kept = self._kept.get(kind, (policy, {}))
        return kept if former == policy else {}

    def keep(self, kind: Kind, policy: EnvironmentPolicy, decided: Iterable[Decided]) -> None:
        """Keep the decisions of a comparison, in place of the former ones."""
        kept = {each.line.item.key: each for each in decided if each.is_lasting}
        self._kept[kind] = (policy, kept)


def _is_same(one: Item | None, other: Item | None) -> bool:
    return one is other or one == other

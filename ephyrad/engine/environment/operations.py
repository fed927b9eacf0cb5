# SPDX-License-Identifier: Apache-2.0
"""What operators ask about the environment: to see, to plan, to bring in step, to compare."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict

from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.environment.decided import Line
from ephyrad.engine.environment.engine import EnvironmentEngine
from ephyrad.engine.environment.look import KindMissingError
from ephyrad.engine.environment.standing import Standing, Todo
from ephyrad.engine.environment_answers import (
    DifferenceAnswer,
    EnvironmentAnswer,
    ItemAnswer,
    KindAnswer,
    ProblemAnswer,
    SyncAnswer,
    TransferAnswer,
)
from ephyrad.environment import images
from ephyrad.environment.decide import Report
from ephyrad.environment.entries import Asked
from ephyrad.environment.item import Item, ItemId, differences
from ephyrad.environment.kinds import MASKED, Kind
from ephyrad.environment.problems import Cause
from ephyrad.environment.record import Record, evolve
from ephyrad.environment.translate import Wanted
from ephyrad.migration.document import blotted

LOG = logging.getLogger(__name__)

_AT_ONCE = 500
"""How many items are asked for in one commit: meanwhile nothing else is written."""


class _Counts(TypedDict):
    in_step: int | None
    to_do: int | None
    problems: int | None


class EnvironmentAsked:
    """Implements :class:`ephyrad.engine.environment_answers.EnvironmentOperations`."""

    def __init__(self, engine: EnvironmentEngine) -> None:
        self._engine = engine

    def environment_status(self) -> EnvironmentAnswer:
        """Return how each kind stands."""
        known = {kind: self._engine.standings.of(kind) for kind in Kind}
        kept = self._engine.tuning().policy.kept
        return EnvironmentAnswer(
            kinds=tuple(
                KindAnswer(
                    kind=kind.value,
                    kept=kind in kept,
                    **_counts(found.items),
                    compared_at=found.at,
                    error=found.error,
                )
                for kind, found in known.items()
            ),
            problems=tuple(
                problem for kind, found in known.items() for problem in _problems(kind, found.items)
            ),
            transfers=tuple(
                TransferAnswer(each.item.key, each.name, each.carried, each.size or 0, each.since)
                for each in sorted(self._engine.uploads.under_way(), key=lambda each: each.name)
            ),
        )

    def environment_plan(self, kinds: Sequence[str], names: Sequence[str]) -> Sequence[ItemAnswer]:
        """Compare both clouds now and return what would be done; change nothing."""
        lines = self._chosen(self._compared(kinds), names)
        return [_answer(line, standing) for line, standing in _in_order(lines)]

    def environment_sync(
        self, kinds: Sequence[str], names: Sequence[str], *, by: str
    ) -> SyncAnswer:
        """Compare both clouds now and have done what is to be done."""
        at = self._engine.clock()
        compared = self._compared(kinds, lambda record: evolve(record, Asked(at, by)))
        lines = _with_needed(self._chosen(compared, names), compared)
        answers = [_answer(line, standing) for line, standing in _in_order(lines)]
        nothing = {Todo.IN_STEP, Todo.PROBLEM}
        asked = [
            line.item
            for line, answer in zip(lines, answers, strict=True)
            if answer.todo not in nothing or _comes_again(line)
        ]
        self._ask(asked, Asked(at, by))
        return SyncAnswer(
            asked=tuple(each for each in answers if each.todo not in nothing),
            in_step=sum(each.todo == Todo.IN_STEP for each in answers),
            problems=tuple(each for each in answers if each.todo == Todo.PROBLEM),
        )

    def environment_diff(
        self, kinds: Sequence[str], names: Sequence[str]
    ) -> Sequence[DifferenceAnswer]:
        """Compare both clouds now and return all that differs."""
        return [
            DifferenceAnswer(line.item.kind.value, line.item.key, standing.name, *difference)
            for line in self._chosen(self._compared(kinds), names)
            if (standing := line.standing) is not None
            for difference in _differences(line)
        ]

    def _ask(self, items: Sequence[ItemId], asked: Asked) -> None:
        for first in range(0, len(items), _AT_ONCE):
            some = items[first : first + _AT_ONCE]
            self._engine.journal.append_each([(item, asked) for item in some])
        self._engine.wake(items)
        if items:
            LOG.info("%d items are brought in step, as %s asked", len(items), asked.by)

    def _compared(
        self, kinds: Sequence[str], as_if: Callable[[Record], Record] | None = None
    ) -> list[Line]:
        """Compare these kinds, each once, or all that both clouds have."""
        lines: list[Line] = []
        for kind in map(_kind, dict.fromkeys(kinds)) if kinds else Kind:
            try:
                found = self._engine.comparer.compare(kind, self._engine.tuning().policy, as_if)
            except KindMissingError as error:
                self._engine.standings.failed(kind, str(error))
                if kinds:
                    raise OperationError(Complaint.NOT_FOUND, str(error)) from error
            except CloudReadError as error:
                raise OperationError(
                    Complaint.UNAVAILABLE, f"{error}; nothing was compared or begun"
                ) from error
            else:
                self._engine.standings.compared(kind, found.at, found.standings())
                lines += [line for line in found.lines if line.standing is not None]
        return lines

    @staticmethod
    def _chosen(lines: Sequence[Line], names: Sequence[str]) -> Sequence[Line]:
        """Return the lines of items that are called so, of all where no name is given."""
        if not names:
            return lines
        called: dict[str, list[Line]] = {name: [] for name in names}
        for line in lines:
            name = line.standing.name if line.standing else ""
            for word in {line.item.key, str(line.item), name}:
                if word in called:
                    called[word].append(line)
        missing = [name for name, found in called.items() if not found]
        if missing:
            raise OperationError(
                Complaint.NOT_FOUND,
                f"the old cloud shows nothing called {', '.join(missing)}: check the names or keys"
                " with `ephyra environment plan --all`; nothing was begun",
            )
        chosen = {line.item for found in called.values() for line in found}
        return [line for line in lines if line.item in chosen]


def _kind(word: str) -> Kind:
    try:
        return Kind(word)
    except ValueError as error:
        raise OperationError(
            Complaint.INVALID,
            f"there is no kind {word!r}: name one of {', '.join(Kind)}",
        ) from error


def _counts(items: Mapping[ItemId, Standing] | None) -> _Counts:
    if items is None:
        return {"in_step": None, "to_do": None, "problems": None}
    in_step = sum(each.todo is Todo.IN_STEP for each in items.values())
    problems = sum(each.todo is Todo.PROBLEM for each in items.values())
    return {
        "in_step": in_step,
        "to_do": len(items) - in_step - problems,
        "problems": problems,
    }


def _problems(kind: Kind, items: Mapping[ItemId, Standing] | None) -> Iterator[ProblemAnswer]:
    """Give the problems of a kind, each with the names of all items that have it."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in (items or {}).values():
        if each.cause is not None:
            found[each.cause.value, each.why].append(each.name)
    for (cause, reason), names in sorted(found.items(), key=lambda entry: min(entry[1])):
        yield ProblemAnswer(kind.value, cause, reason, tuple(sorted(names)))


def _with_needed(chosen: Sequence[Line], compared: Sequence[Line]) -> Sequence[Line]:
    """Return the chosen lines and those of images that they need, in their order."""
    wanted = {line.item for line in chosen}
    for line in chosen:
        if isinstance(line.seen.wanted, Wanted):
            wanted |= set(images.needed_by(line.seen.wanted.item))
    return [line for line in compared if line.item in wanted]


def _in_order(lines: Sequence[Line]) -> Iterator[tuple[Line, Standing]]:
    """Give each line's standing: what waits only for others of them is to be done, too."""
    doing = {
        line.item
        for line in lines
        if line.standing and line.standing.todo not in {Todo.IN_STEP, Todo.PROBLEM}
    }
    for line in lines:
        standing = line.standing
        if standing is None:
            continue
        if standing.cause is Cause.MISSING and doing & {*line.seen.lacking}:
            names = ", ".join(map(str, line.seen.lacking))
            why = f"create it in the new cloud, after {names}"
            standing = replace(standing, todo=Todo.CREATE, why=why, cause=None)
        yield line, standing


def _comes_again(line: Line) -> bool:
    """Return whether what stands in the way may go by itself."""
    return isinstance(line.step, Report) and line.step.again is not None


def _answer(line: Line, standing: Standing) -> ItemAnswer:
    return ItemAnswer(
        kind=line.item.kind.value,
        key=line.item.key,
        name=standing.name,
        todo=standing.todo.value,
        why=standing.why,
        cause=standing.cause.value if standing.cause else None,
        left_behind=standing.left_behind,
    )


def _differences(line: Line) -> Iterator[tuple[str, Any, Any]]:
    """Give the path and both values of each thing that differs, without secrets.

    Ironic of 2023.1 shows the secrets within lists in the arguments of steps (observed).
    """
    found = line.seen.found
    wanted = line.seen.wanted.item if isinstance(line.seen.wanted, Wanted) else line.old
    shown = blotted if line.item.kind in MASKED else _as_it_is
    if wanted is None or found is None:
        yield "", shown(wanted and dict(wanted.fields)), shown(found and dict(found.fields))
        return
    for path in differences(wanted, found):
        yield path, shown(_at(wanted, path)), shown(_at(found, path))


def _as_it_is(value: Any) -> Any:
    return value


def _at(item: Item, path: str) -> Any:
    """Return the value at a path of :func:`ephyrad.environment.item.differences`."""
    name, slash, key = path.partition("/")
    value = item.fields.get(name)
    return value.get(key) if slash and isinstance(value, Mapping) else value

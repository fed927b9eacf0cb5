# SPDX-License-Identifier: Apache-2.0
"""A campaign in figures: how many came how far, how long it took, what held them up."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause
from ephyrad.rollout.journeys import Journey
from ephyrad.rollout.rollout import Rollout

_STEPS = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 24 * 7))
_MOST_POINTS = 400


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, `count` times: in the middle, within what nine of ten ended, at
    most.
    """

    count: int
    median: timedelta
    ninety: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class HoldFigures:
    """The holds of one cause: how many, on how many nodes, how many stand, how long they lasted."""

    cause: Cause
    count: int
    nodes: int
    standing: int
    lasted: Spread


@dataclass(frozen=True, slots=True)
class Arrivals:
    """So many arrived within the step that begins `at`."""

    at: datetime
    arrived: int


@dataclass(frozen=True, slots=True)
class Figures:
    """`outcomes` by word. `states`: how long each was stayed in, holds and waits included; only
    stays that ended count. `whole`: from the request to the arrival. `pace`: arrivals by `step`,
    without a gap.
    """

    nodes: int
    outcomes: Mapping[str, int]
    states: Mapping[State, Spread]
    whole: Spread | None
    holds: tuple[HoldFigures, ...]
    step: timedelta
    pace: tuple[Arrivals, ...]


def figures(journeys: Sequence[Journey], at: datetime) -> Figures:
    """Return the figures of these journeys; `at` is now, until when standing holds are counted."""
    stays: defaultdict[State, list[timedelta]] = defaultdict(list)
    for journey in journeys:
        for stay in journey.states:
            if stay.until is not None:
                stays[stay.state].append(stay.until - stay.since)
    ended = [each.ended for each in journeys if each.arrived and each.ended is not None]
    whole = [
        each.ended - each.asked_at for each in journeys if each.arrived and each.ended is not None
    ]
    step, pace = _pace(ended)
    return Figures(
        nodes=len(journeys),
        outcomes=Counter(map(outcome, journeys)),
        states={state: spread(stays[state]) for state in State if stays[state]},
        whole=spread(whole) if whole else None,
        holds=_holds(journeys, at),
        step=step,
        pace=pace,
    )


def outcome(journey: Journey) -> str:
    """Return what became of a journey, in a word."""
    if journey.arrived:
        return "arrived"
    if journey.restored:
        return "went back"
    return "held" if journey.held else "under way"


def spread(lengths: Iterable[timedelta]) -> Spread:
    """Return how these lengths of time, one at least, are spread."""
    ordered = sorted(lengths)
    last = len(ordered) - 1
    middle = (ordered[last // 2] + ordered[(last + 1) // 2]) / 2
    ninety = ordered[-(-9 * len(ordered) // 10) - 1]
    return Spread(len(ordered), middle, ninety, ordered[last])


def journeys_of(rollout: Rollout, found: Mapping[str, Sequence[Journey]]) -> Sequence[Journey]:
    """Return the journeys that a rollout's nodes made by it: of each node the last one.

    What was asked for after its end, or was over before its beginning, is not its.
    """
    end = rollout.since if rollout.over else None
    way = rollout.declared.direction
    chosen = []
    for member in rollout.members():
        its = [
            each
            for each in found.get(member.node, ())
            if each.direction is way
            and (each.ended is None or each.ended >= rollout.started_at)
            and (end is None or each.asked_at <= end)
        ]
        chosen.extend(its[-1:])
    return chosen


def _holds(journeys: Sequence[Journey], at: datetime) -> tuple[HoldFigures, ...]:
    by_cause: defaultdict[Cause, list[tuple[str, bool, timedelta]]] = defaultdict(list)
    for journey in journeys:
        for hold in journey.holds:
            lasted = max((hold.until or at) - hold.since, timedelta())
            by_cause[hold.cause].append((journey.node, hold.until is None, lasted))
    found = [
        HoldFigures(
            cause=cause,
            count=len(holds),
            nodes=len({node for node, _, _ in holds}),
            standing=sum(stands for _, stands, _ in holds),
            lasted=spread(lasted for _, _, lasted in holds),
        )
        for cause, holds in by_cause.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.count, each.cause.value)))


def _pace(arrivals: Sequence[datetime]) -> tuple[timedelta, tuple[Arrivals, ...]]:
    """Return arrivals by hour, or by a longer step where that would be too many."""
    if not arrivals:
        return _STEPS[0], ()
    first, last = min(arrivals), max(arrivals)
    fitting = (each for each in _STEPS if (last - first) / each < _MOST_POINTS)
    step = next(fitting, _STEPS[-1])
    start = _floor(first, step)
    counts = Counter((each - start) // step for each in arrivals)
    points = range((last - start) // step + 1)
    return step, tuple(Arrivals(start + number * step, counts[number]) for number in points)


def _floor(at: datetime, step: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (at - epoch) // step * step

# SPDX-License-Identifier: Apache-2.0
"""The report: a campaign's history in figures, and what still stands in the cloud it leaves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from ephyrad.bus.queue import Queue
from ephyrad.bus.settings import BusSetupError
from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.perform import Clouds
from ephyrad.engine.report_answers import (
    ArrivalsAnswer,
    CampaignAnswer,
    FiguresAnswer,
    HoldsAnswer,
    LeftoverAnswer,
    ReportAnswer,
    SpreadAnswer,
    ThingAnswer,
)
from ephyrad.engine.rollout.summary import summary
from ephyrad.engine.rollout_answers import RolloutAnswer, RolloutEntryAnswer
from ephyrad.journal.journal import Journal
from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import CloudName
from ephyrad.rollout import entries
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.figures import Figures, Spread, figures, journeys_of
from ephyrad.rollout.journeys import TELLING, Journey, journeys
from ephyrad.rollout.leftovers import Leftover, Seen, leftovers
from ephyrad.rollout.rollout import Rollout
from ephyrad.rollout.standing import clouds

T = TypeVar("T")

Queues = Callable[[CloudName], Sequence[Queue]]
"""Looks at the broker of a cloud for ephyrad's own queues; raises BusSetupError."""

_QUEUES = (
    "a queue of ephyrad's own: it never expires, and grows when ephyrad is gone",
    "when all is over, stop ephyrad, then `ephyra queue delete`",
)


@dataclass(frozen=True, slots=True)
class Sources:
    """What a report is made from. `answer` gives a rollout as operators see it."""

    journal: Journal
    clouds: Clouds
    queues: Queues
    clock: Callable[[], datetime]
    answer: Callable[[Rollout], RolloutAnswer]


def report(rollout: Rollout | None, sources: Sources) -> ReportAnswer:
    """Return the report of a rollout, or that of all that the journal has."""
    journal, at = sources.journal, sources.clock()
    way = Direction.FORWARD if rollout is None else rollout.declared.direction
    told = {node: journeys(node, each) for node, each in journal.histories(TELLING).items()}
    every = [each for its in told.values() for each in its]
    found: Sequence[Journey] = every if rollout is None else journeys_of(rollout, told)
    left, unread = _left(rollout, way, sources)
    campaigns = journal.rollouts.rollouts() if rollout is None else (rollout,)
    return ReportAnswer(
        at=at,
        name=None if rollout is None else rollout.name,
        cloud=clouds(way)[0].value,
        campaigns=tuple(_campaign(each, sources) for each in campaigns),
        figures=_figures(figures(found, at)),
        leftovers=tuple(left),
        unread=tuple(unread),
    )


def _campaign(rollout: Rollout, sources: Sources) -> CampaignAnswer:
    history = sources.journal.rollouts.history(rollout.name)
    story = (
        RolloutEntryAnswer(seq, entry.at, entries.kind_of(entry), summary(entry))
        for seq, entry in history
    )
    return CampaignAnswer(sources.answer(rollout), tuple(story))


def _left(
    rollout: Rollout | None, way: Direction, sources: Sources
) -> tuple[list[LeftoverAnswer], list[str]]:
    """Return what is left in the cloud that nodes leave, and in words what could not be read."""
    unread: list[str] = []

    def read(ask: Callable[[], T]) -> T | None:
        try:
            return ask()
        except (CloudReadError, BusSetupError) as error:
            unread.append(str(error))
            return None

    both = sources.clouds
    leaving, entering = (both.old, both.new)[:: 1 if way is Direction.FORWARD else -1]
    # In this order: a node on its way is in one of the two at least.
    here, there = read(leaving.candidates), read(entering.candidates)
    servers, providers = read(leaving.servers), read(leaving.providers)
    seen = Seen(
        direction=way,
        declared=None if rollout is None else rollout.declared,
        migrations={each.node: each for each in sources.journal.migrations()},
        leaving=_by_uuid(here),
        entering=_by_uuid(there),
        servers=servers,
        providers=providers,
    )
    found = [_leftover(each) for each in leftovers(seen)]
    queues = [_queue(name, each) for name in CloudName for each in _queues(name, sources, read)]
    if queues:
        found.append(LeftoverAnswer("queues", *_QUEUES, tuple(queues)))
    return found, unread


def _queues(
    name: CloudName,
    sources: Sources,
    read: Callable[[Callable[[], Sequence[Queue]]], Sequence[Queue] | None],
) -> Sequence[Queue]:
    return read(lambda: sources.queues(name)) or ()


def _queue(name: CloudName, queue: Queue) -> ThingAnswer:
    words = f"{name} cloud's bus, {queue.messages} unread, read by {queue.consumers}"
    return ThingAnswer(queue.name, queue.name, words)


def _by_uuid(nodes: Sequence[Candidate] | None) -> dict[str, Candidate] | None:
    return None if nodes is None else {each.uuid: each for each in nodes}


def _leftover(found: Leftover) -> LeftoverAnswer:
    things = tuple(ThingAnswer(each.id, each.name, each.words) for each in found.things)
    return LeftoverAnswer(found.kind, found.text, found.cure, things)


def _figures(found: Figures) -> FiguresAnswer:
    return FiguresAnswer(
        nodes=found.nodes,
        outcomes=found.outcomes,
        states={state.value: _spread(each) for state, each in found.states.items()},
        whole=None if found.whole is None else _spread(found.whole),
        holds=tuple(
            HoldsAnswer(each.cause, each.count, each.nodes, each.standing, _spread(each.lasted))
            for each in found.holds
        ),
        step_seconds=found.step.total_seconds(),
        pace=tuple(ArrivalsAnswer(each.at, each.arrived) for each in found.pace),
    )


def _spread(found: Spread) -> SpreadAnswer:
    lengths = (found.median, found.ninety, found.longest)
    return SpreadAnswer(found.count, *(each.total_seconds() for each in lengths))

# SPDX-License-Identifier: Apache-2.0
"""How the clouds, and CI, are heard, and the clouds read."""

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client.core import Metric

from ephyrad.bus.health import Condition
from ephyrad.engine.answers import BusAnswer
from ephyrad.engine.engine import Engine
from ephyrad.engine.reclaim_answers import MailboxAnswer
from ephyrad.metrics.families import counters, gauges
from ephyrad.migration.facts import CloudName

BusState = Callable[[CloudName], BusAnswer]
MailboxState = Callable[[], MailboxAnswer | None]
_CLOUD = ("cloud",)


def bus(engine: Engine, hearing: BusState, began: datetime) -> Iterator[Metric]:
    """Give how each bus is heard. One that is not listened to has none of these."""
    answers = {name: hearing(name) for name in CloudName}
    heard = {name: each for name, each in answers.items() if each.condition is not None}
    now = engine.clock()
    yield gauges(
        "ephyrad_bus_condition",
        "How the listener fares: 1 for the present condition, 0 for the others.",
        ("cloud", "condition"),
        {
            (name, condition): float(each.condition is condition)
            for name, each in heard.items()
            for condition in Condition
        },
    )
    yield gauges(
        "ephyrad_bus_silence_seconds",
        "Time since the last notification came, or since the start where none did.",
        _CLOUD,
        {(name,): _age(now, each.last or began) for name, each in heard.items()},
    )
    yield gauges(
        "ephyrad_bus_backlog_messages",
        "Messages that wait in the queues at the broker, by the last look at it.",
        _CLOUD,
        {(name,): each.backlog for name, each in heard.items() if each.backlog is not None},
    )
    yield counters(
        "ephyrad_bus_notifications",
        "Notifications that were stored, since the start.",
        _CLOUD,
        {(name,): each.count for name, each in heard.items()},
    )


def mailbox(state: MailboxState) -> Iterator[Metric]:
    """Give how the queue of CI's messages is read. One that is not read has none of these."""
    found = state()
    heard = () if found is None else (found,)
    yield gauges(
        "ephyrad_reclaim_queue_condition",
        "How the queue of CI's messages is read: 1 for the present condition, 0 for the others.",
        ("condition",),
        {
            (condition,): float(each.condition is condition)
            for each in heard
            for condition in Condition
        },
    )
    yield counters(
        "ephyrad_reclaim_queue_messages",
        "Messages of CI's queue that were dealt with or, as dead, put aside, since the start.",
        ("as",),
        {
            (how,): count
            for each in heard
            for how, count in (("taken", each.taken), ("dead", each.dead))
        },
    )
    yield gauges(
        "ephyrad_reclaim_queue_backlog_messages",
        "Messages that wait in CI's queue at the broker, by the last look at it.",
        (),
        {} if found is None or found.waiting is None else {(): found.waiting},
    )


def inbox(engine: Engine) -> Iterator[Metric]:
    """Give what was received and not dealt with, for nodes whose migration is not over."""
    found = {each.cloud: each for each in engine.journal.backlog()}
    now = engine.clock()
    yield gauges(
        "ephyrad_inbox_rows",
        "Notifications in the journal that were not dealt with yet, of nodes on their way.",
        _CLOUD,
        {(name,): found[name].rows if name in found else 0 for name in CloudName},
    )
    yield gauges(
        "ephyrad_inbox_oldest_seconds",
        "The age of the oldest of them; 0 where there is none.",
        _CLOUD,
        {(name,): _age(now, found[name].oldest) if name in found else 0.0 for name in CloudName},
    )


def quarantine(engine: Engine) -> Iterator[Metric]:
    """Give what could not be read."""
    yield counters(
        "ephyrad_quarantine_messages",
        "Messages that could not be read, since the journal was begun, by kind.",
        ("cloud", "kind"),
        {
            (each.last.cloud, each.last.kind): each.last.count
            for each in engine.journal.quarantine()
        },
    )


def sweeps(engine: Engine, began: datetime) -> Iterator[Metric]:
    """Give how each cloud's regular reading goes."""
    states = {name: engine.sweep.state(name) for name in CloudName}
    now = engine.clock()
    yield gauges(
        "ephyrad_sweep_age_seconds",
        "Time since the cloud was last read whole, or since the start where it never was.",
        _CLOUD,
        {(name,): _age(now, each.at or began) for name, each in states.items()},
    )
    yield gauges(
        "ephyrad_sweep_failing",
        "1 where the last sweep of the cloud failed.",
        _CLOUD,
        {(name,): float(each.error is not None) for name, each in states.items()},
    )


def _age(now: datetime, at: datetime) -> float:
    return max((now - at).total_seconds(), 0.0)

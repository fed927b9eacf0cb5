# SPDX-License-Identifier: Apache-2.0
"""Judges from what was seen of a broker how a listener fares. Pure."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from ephyrad.bus.settings import BusSettings


class Condition(enum.StrEnum):
    """How a listener fares."""

    STARTING = "starting"
    LISTENING = "listening"
    SILENT = "silent"
    DOWN = "down"
    STALLED = "stalled"
    NOT_STORING = "not storing"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the broker showed of the queues that are read.

    `trouble` is None where the broker answered. `backlog`: messages that no consumer was given
    yet. `consumers`: the smallest number of consumers that any of the queues has.
    """

    trouble: str | None
    backlog: int = 0
    consumers: int = 0


@dataclass(frozen=True, slots=True)
class Watch:
    """What is known of a running listener.

    `taken`: messages taken in so far; `progress_at`: when a look last found more taken, or
    nothing to take and a consumer in place; `heard_at`: the last message, or the time from which
    one could have been heard.
    """

    taken: int
    progress_at: datetime
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """How it fares, why, and what is known next time."""

    condition: Condition
    watch: Watch
    cause: str | None = None


def judge(
    settings: BusSettings, now: datetime, look: Look, watch: Watch, *, taken: int, storing: bool
) -> Verdict:
    """Judge a running listener; STALLED means that it must be rebuilt.

    `taken`: messages taken in until now; `storing`: it has been waiting for the store for longer
    than the stall time.
    """
    if taken > watch.taken:
        # What arrives proves more than a look: the look may lack a right on the broker.
        return Verdict(Condition.LISTENING, Watch(taken, now, now))
    if look.trouble:
        # Neither a stall nor silence is counted while the broker is away.
        return Verdict(Condition.DOWN, Watch(taken, now, now), look.trouble)
    if storing or (look.consumers and not look.backlog):
        # Nothing to take, or nothing that a new listener could do better.
        watch = Watch(taken, now, watch.heard_at)
    if storing:
        return Verdict(Condition.NOT_STORING, watch, "the store takes nothing")
    if now - watch.progress_at >= timedelta(seconds=settings.stall_seconds):
        what = f"{look.backlog} messages wait" if look.consumers else "the queue has no consumer"
        return Verdict(Condition.STALLED, watch, what)
    silent = now - watch.heard_at >= timedelta(seconds=settings.silence_seconds)
    if silent and settings.silence_seconds:
        return Verdict(Condition.SILENT, watch)
    return Verdict(Condition.LISTENING, watch)

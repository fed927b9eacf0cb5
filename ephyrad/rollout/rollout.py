# SPDX-License-Identifier: Apache-2.0
"""A rollout: the whole campaign, folded from its journal entries."""

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ephyrad.rollout.declaration import Declaration
from ephyrad.rollout.entries import (
    Applied,
    Approved,
    Ended,
    Entry,
    GateBegun,
    GateEnded,
    Member,
    Opened,
    PauseCause,
    Paused,
    Resumed,
    Started,
    Stopped,
)
from ephyrad.rollout.verdict import Result

BY_ITSELF = "ephyrad"
"""Who pauses and ends a rollout where no person does."""


class Status(enum.StrEnum):
    """What a rollout does. STOPPING: what is in flight is finished still."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class GateTry:
    """One try of a gate; `result` is None while it goes on, and after a crash in its middle."""

    run: str
    gate: str
    began: datetime
    ended: datetime | None = None
    result: Result | None = None
    words: str = ""
    output: str = ""


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave that was opened, with the last try of each gate, and who approved it."""

    number: int
    rule: str
    opened: datetime
    members: tuple[Member, ...]
    tries: Mapping[str, GateTry] = field(default_factory=dict)
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Rollout:
    """What the journal knows of a campaign.

    `since`: when the status was reached. `heeded`: holds from before that time are forgiven, as
    an operator resumed it in sight of them; so are the tries of gates.
    """

    name: str
    declared: Declaration
    started_at: datetime
    started_by: str
    selected: int
    since: datetime
    heeded: datetime
    timed_from: datetime
    seq: int = 1
    status: Status = Status.RUNNING
    cause: PauseCause | None = None
    reason: str = ""
    by: str = ""
    waves: tuple[Wave, ...] = ()
    tries: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing will come of it any more."""
        return self.status in (Status.STOPPED, Status.FINISHED)

    @property
    def runs(self) -> bool:
        """Whether it begins with nodes."""
        return self.status is Status.RUNNING

    @property
    def wave(self) -> Wave | None:
        """The wave that was opened last."""
        return self.waves[-1] if self.waves else None

    def members(self) -> Iterable[Member]:
        """Return the nodes of all waves that were opened."""
        return (member for wave in self.waves for member in wave.members)


def start(name: str, entry: Started) -> Rollout:
    """Return the rollout that begins with `entry`."""
    return Rollout(
        name=name,
        declared=entry.declared,
        started_at=entry.at,
        started_by=entry.by,
        selected=entry.selected,
        since=entry.at,
        heeded=entry.at,
        timed_from=entry.at,
        by=entry.by,
    )


def evolve(rollout: Rollout, entry: Entry) -> Rollout:
    """Return the rollout after one more entry."""
    return replace(_evolved(rollout, entry), seq=rollout.seq + 1)


def _evolved(rollout: Rollout, entry: Entry) -> Rollout:
    match entry:
        case Started():
            return rollout
        case Applied(declared=declared, members=members):
            kept = _without_tries_of_others(_with_values(rollout, members), declared)
            return replace(kept, declared=declared)
        case Opened(at, number, rule, members):
            return replace(rollout, waves=(*rollout.waves, Wave(number, rule, at, members)))
        case GateBegun(at, run, _, gate):
            return replace(_with_try(rollout, GateTry(run, gate, at)), tries=rollout.tries + 1)
        case GateEnded():
            return _with_result(rollout, entry)
        case Approved(by=by):
            return _with_wave(rollout, approved_by=by)
        case Paused(at, by, cause, reason):
            return replace(
                rollout, status=Status.PAUSED, since=at, by=by, cause=cause, reason=reason
            )
        case Resumed(at, by):
            return _goes_on(_without_failed_tries(rollout), at, by)
        case Stopped(at, by):
            return replace(rollout, status=Status.STOPPING, since=at, by=by, cause=None, reason="")
        case Ended(at, words):
            stopped = rollout.status is Status.STOPPING
            status = Status.STOPPED if stopped else Status.FINISHED
            by = rollout.by if stopped else BY_ITSELF
            return replace(rollout, status=status, since=at, by=by, cause=None, reason=words)


def _goes_on(rollout: Rollout, at: datetime, by: str) -> Rollout:
    late = rollout.cause is PauseCause.DEADLINE
    return replace(
        rollout,
        status=Status.RUNNING,
        since=at,
        heeded=at,
        timed_from=at if late else rollout.timed_from,
        by=by,
        cause=None,
        reason="",
    )


def _with_values(rollout: Rollout, members: Iterable[Member]) -> Rollout:
    """Let members have other values; those that are not named keep theirs."""
    known = {each.node: each for each in members}
    if not known:
        return rollout
    waves = (
        replace(wave, members=tuple(known.get(each.node, each) for each in wave.members))
        for wave in rollout.waves
    )
    return replace(rollout, waves=tuple(waves))


def _with_wave(rollout: Rollout, **changes: object) -> Rollout:
    *others, last = rollout.waves
    return replace(rollout, waves=(*others, replace(last, **changes)))  # type: ignore[arg-type]


def _with_try(rollout: Rollout, run: GateTry) -> Rollout:
    wave = rollout.wave
    return rollout if wave is None else _with_wave(rollout, tries={**wave.tries, run.gate: run})


def _with_result(rollout: Rollout, entry: GateEnded) -> Rollout:
    """Take down a result; one of a run that is not the gate's last is of no interest."""
    runs = rollout.wave.tries.values() if rollout.wave else ()
    run = next((each for each in runs if each.run == entry.run), None)
    if run is None:
        return rollout
    return _with_try(
        rollout,
        replace(run, ended=entry.at, result=entry.result, words=entry.words, output=entry.output),
    )


def _without_failed_tries(rollout: Rollout) -> Rollout:
    """Forget the tries of gates that were no pass: they are made again.

    One that goes on is not: it would be made twice at once.
    """
    going_on = (Result.PASS, None)
    return _with_tries(rollout, lambda run: run.result in going_on)


def _without_tries_of_others(rollout: Rollout, declared: Declaration) -> Rollout:
    """Forget the tries of gates that are others in a changed declaration: those say nothing."""
    before, after = rollout.declared.gates, declared.gates
    return _with_tries(rollout, lambda run: before.get(run.gate) == after.get(run.gate))


def _with_tries(rollout: Rollout, keep: Callable[[GateTry], bool]) -> Rollout:
    wave = rollout.wave
    if wave is None:
        return rollout
    tries = {gate: run for gate, run in wave.tries.items() if keep(run)}
    return _with_wave(rollout, tries=tries)

# SPDX-License-Identifier: Apache-2.0
"""A record: what the journal knows of one item, folded from its entries."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from ephyrad.environment.effects import Effect
from ephyrad.environment.entries import (
    Asked,
    Concluded,
    Entry,
    Forgotten,
    InStep,
    Intended,
    Troubled,
)
from ephyrad.environment.halves import Values, merged
from ephyrad.environment.item import ItemId
from ephyrad.environment.problems import Cause, Problem
from ephyrad.migration.attempt import Attempt
from ephyrad.migration.outcomes import Refused, Unreachable


@dataclass(frozen=True, slots=True)
class ItemAttempt(Attempt[Effect]):
    """The effect that was tried last with an item, and the digest of what it was to bring about.

    `fresh`: before the last try nothing was open, that it may have come upon.
    """

    digest: str | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What the journal knows of one item.

    `asked`: somebody asked for it since it was last in step. `made`: ephyrad created it, or may
    have. `settled`: the digest of its fields when it was last seen equal in both clouds.
    `pending`: an effect was intended since; `may_be`: how it may look by what is open, None where
    nothing tells that. `new_key`: its key in the new cloud.
    """

    item: ItemId
    seq: int = 0
    name: str = ""
    asked: bool = False
    made: bool = False
    settled: str | None = None
    settled_at: datetime | None = None
    pending: bool = False
    new_key: str | None = None
    intents: int = 0
    attempt: ItemAttempt | None = None
    problem: Problem | None = None
    may_be: Values | None = None

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to know of the item, or not any more."""
        return self == Record(self.item, seq=self.seq, intents=self.intents)


def fold(item: ItemId, entries: Iterable[Entry]) -> Record:
    """Return the record that the entries tell; without any, that of an item nobody knows."""
    record = Record(item)
    for entry in entries:
        record = evolve(record, entry)
    return record


def evolve(record: Record, entry: Entry) -> Record:
    """Return the record after one more entry."""
    return replace(_evolved(record, entry), seq=record.seq + 1)


def intent_for(record: Record, effect: Effect, digest: str | None) -> str:
    """Return the identity of the intent to perform `effect`: the same for each try of it."""
    attempt = record.attempt
    if attempt is not None and (attempt.effect, attempt.digest) == (effect, digest):
        return attempt.intent
    return str(record.intents + 1)


def _evolved(record: Record, entry: Entry) -> Record:
    match entry:
        case Asked():
            # Whoever asks has mended something: it is tried afresh.
            attempt = record.attempt if record.attempt and record.attempt.unsettled else None
            return replace(record, asked=True, attempt=attempt, problem=None)
        case Intended():
            return _intended(record, entry)
        case Concluded():
            return _concluded(record, entry)
        case InStep(at=at, digest=digest):
            return replace(
                record,
                asked=False,
                settled=digest,
                settled_at=at,
                pending=False,
                may_be=None,
                attempt=None,
                problem=None,
            )
        case Troubled(cause=cause, reason=reason, name=name, again=again):
            problem = Problem(cause, reason)
            # If it is there again one day, it is people's.
            made = record.made and cause is not Cause.DELETED_THERE
            asked = record.asked and again
            return replace(record, name=name, asked=asked, made=made, problem=problem)
        case Forgotten():
            return Record(record.item, intents=record.intents)


def _intended(record: Record, entry: Intended) -> Record:
    attempt = record.attempt
    if attempt is not None and attempt.intent == entry.intent:
        attempt = replace(attempt, last=entry.at, tries=attempt.tries + 1, outcome=None)
        attempt = replace(attempt, fresh=not record.pending)
        intents, problem = record.intents, record.problem
    else:
        attempt = ItemAttempt(
            entry.intent,
            entry.effect,
            entry.at,
            entry.at,
            digest=entry.digest,
            fresh=not record.pending,
        )
        intents, problem = record.intents + 1, None
    return replace(
        record,
        problem=problem,
        name=entry.name,
        new_key=entry.new_key,
        made=record.made or entry.effect is Effect.CREATE,
        pending=True,
        may_be=_may_be(record, entry),
        attempt=attempt,
        intents=intents,
    )


def _may_be(record: Record, entry: Intended) -> Values | None:
    if not record.pending:
        return entry.may_be
    if record.may_be is None or entry.may_be is None:
        return None
    # One that adds nothing to what is known says nothing.
    return merged(record.may_be, entry.may_be) if entry.may_be else record.may_be


def _concluded(record: Record, entry: Concluded) -> Record:
    attempt = record.attempt
    if attempt is None or attempt.intent != entry.intent:
        return record
    creating = attempt.effect is Effect.CREATE
    refused = creating and isinstance(entry.outcome, Refused)
    # Nothing of it is there, unless of an earlier try.
    undone = creating and isinstance(entry.outcome, Unreachable) and attempt.fresh
    open_still = record.pending and not (refused or undone)
    return replace(
        record,
        # What the cloud did not make for ephyrad is another's, if it is there all the same.
        made=record.made and not refused and not (undone and record.settled is None),
        pending=open_still,
        may_be=record.may_be if open_still else None,
        attempt=replace(attempt, outcome=entry.outcome, last=entry.at),
    )

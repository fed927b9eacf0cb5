# SPDX-License-Identifier: Apache-2.0
"""A migration: one node's journey, folded from its journal entries.

A node may be carried more than once: then its entries tell of several journeys, one after another,
and its migration is the last of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from ephyrad.migration.attempt import Attempt
from ephyrad.migration.direction import Direction
from ephyrad.migration.document import Before
from ephyrad.migration.effects import (
    CreateNode,
    CreateParts,
    DeleteNode,
    Effect,
    FenceNode,
    ManageNode,
    ReleaseInstance,
    RemoveNode,
    RetireNode,
    WithdrawNode,
    goes_on_with,
)
from ephyrad.migration.entries import (
    Aborting,
    Asked,
    Concluded,
    Entry,
    Held,
    Intended,
    Kept,
    Lifted,
    Moved,
    Noticed,
    Owed,
    Recalled,
    Restored,
    Witnessed,
)
from ephyrad.migration.outcomes import Done, Underway
from ephyrad.migration.references import Change
from ephyrad.migration.states import State, Trigger, at_least
from ephyrad.migration.steps import Cause


@dataclass(frozen=True, slots=True)
class OnHold:
    """Why and since when a migration is held."""

    since: datetime
    cause: Cause
    reason: str
    lifts_itself: bool


@dataclass(frozen=True, slots=True)
class Migration:
    """What the journal knows of one node's journey.

    In a journey BACK, old and new are roles, in states and effects: the node leaves the new cloud
    and enters the old one. `came_by` are the changes by which the former journey rewrote the node.
    `since` is when the state was reached or a hold was lifted. `was_in_use`: it was retired with
    an instance on it, so that the old cloud cleans it by itself, when `last_fault` was the newest
    error in its history. `cleaned` is the proof that the cleaning completed, `owed` the reason why
    the new cloud has to clean. `created`, `delete_intended`: those effects were intended.
    `released`: lifted from a hold and not worked on since, but for its fence. `answered`: the
    causes of the holds that an operator lifted in this state, where the release is an answer to
    what the hold asks.

    `aborting`: it is on its way back to the old cloud, and `restored` that it came there. For that
    way, `in_service`: it was available or in use there before ephyrad took it out; `used`: there
    may be data of an instance on it, unless it was cleaned since; `recorded`: the new cloud had a
    record of ephyrad's making, and ephyrad did not delete it.

    `notice`: the newest word that the instance on it may be deleted; `releasing`: that was
    intended, and the word stands.
    """

    node: str
    name: str | None
    asked_at: datetime
    asked_by: str
    since: datetime
    seq: int = 0
    state: State = State.ACTIVE
    hold: OnHold | None = None
    attempt: Attempt[Effect] | None = None
    intents: int = 0
    before: Before | None = None
    kept_final: bool = False
    rewriting: tuple[Change, ...] = ()
    was_in_use: bool = False
    last_fault: datetime | None = None
    cleaned: str | None = None
    owed: str | None = None
    created: bool = False
    delete_intended: bool = False
    released: bool = False
    answered: frozenset[Cause] = frozenset()
    aborting: bool = False
    restored: bool = False
    in_service: bool = False
    used: bool = False
    recorded: bool = False
    notice: Noticed | None = None
    releasing: bool = False
    direction: Direction = Direction.FORWARD
    came_by: tuple[Change, ...] = ()

    @property
    def touched(self) -> bool:
        """Whether an effect was ever intended."""
        return self.intents > 0

    @property
    def finished(self) -> bool:
        """Whether the node has arrived."""
        return self.state is State.COMPUTE_READY

    @property
    def over(self) -> bool:
        """Whether nothing is left to do: the node has arrived, or is back where it was."""
        return self.finished or self.restored

    @property
    def takes_notice(self) -> bool:
        """Whether word that its instance may be deleted counts: it may be in use, and is to go."""
        return self.state is State.ACTIVE and not self.aborting and not self.over

    @property
    def pending(self) -> bool:
        """Whether an intent stands without an outcome."""
        return self.attempt is not None and self.attempt.outcome is None

    @property
    def in_flight(self) -> bool:
        """Whether it occupies a slot: work on it began, is not over, and is not held.

        A retired node whose instance still runs waits for its owner, not for ephyrad, unless that
        is about to delete it.
        """
        if self.hold is not None or self.over or self.released:
            return False
        if self.state is not State.ACTIVE or self.releasing:
            return True
        waits_for_owner = self.was_in_use and not self.aborting
        return self.touched and not waits_for_owner


def start(node: str, entry: Asked) -> Migration:
    """Return the migration that begins with `entry`."""
    return Migration(
        node=node,
        name=entry.name,
        asked_at=entry.at,
        asked_by=entry.by,
        seq=1,
        since=entry.at,
        direction=entry.direction,
    )


def evolve(migration: Migration, entry: Entry) -> Migration:
    """Return the migration after one more entry."""
    return replace(_evolved(migration, entry), seq=migration.seq + 1)


def fold(node: str, entries: Iterable[Entry]) -> Migration | None:
    """Return the migration that the entries tell, None where there are none.

    :raises ValueError: the first entry does not begin a migration.
    """
    migration: Migration | None = None
    for entry in entries:
        if migration is not None:
            migration = evolve(migration, entry)
        elif isinstance(entry, Asked):
            migration = start(node, entry)
        else:
            msg = f"the journal of node {node} does not begin with a request: {entry!r}"
            raise ValueError(msg)
    return migration


def intent_for(migration: Migration, effect: Effect) -> str:
    """Return the identity of the intent to perform `effect`: the same for each try of it."""
    attempt = migration.attempt
    if attempt is not None and goes_on_with(attempt.effect, effect):
        return attempt.intent
    return str(migration.intents + 1)


def _evolved(migration: Migration, entry: Entry) -> Migration:
    match entry:
        case Asked():
            return _another(migration, entry) if migration.over else migration
        case Kept(final=final, before=before, rewriting=rewriting):
            return replace(
                migration,
                before=migration.before or before,
                rewriting=rewriting,
                kept_final=final or migration.kept_final,
                released=False,
            )
        case Intended(effect=effect):
            # While the new cloud may own the BMC, to set its fence again must not wait for a slot.
            waits = migration.released and migration.created and effect == FenceNode()
            return replace(
                _with_intent(migration, entry),
                released=waits,
                releasing=migration.releasing or isinstance(effect, ReleaseInstance),
            )
        case Concluded():
            return _concluded(migration, entry)
        case Witnessed(proof=proof):
            return replace(migration, cleaned=proof, released=False)
        case Owed(because=because):
            return replace(migration, owed=because, cleaned=None, released=False)
        case Moved(dest=dest, trigger=trigger):
            return replace(
                migration,
                state=dest,
                since=entry.at,
                released=False,
                answered=frozenset(),
                recorded=migration.recorded and trigger is not Trigger.RESTORE,
                notice=None,
                releasing=False,
            )
        case Held(cause=cause, reason=reason, lifts_itself=lifts_itself):
            return replace(
                migration,
                hold=OnHold(entry.at, cause, reason, lifts_itself),
                used=migration.used or cause is Cause.OCCUPIED,
            )
        case Lifted():
            return _released(migration, entry)
        case Aborting():
            return _turned_back(migration, entry)
        case Restored():
            return replace(migration, since=entry.at, aborting=False, restored=True, hold=None)
        case Noticed():
            # Where no instance is left, or the node is to stay, the word comes too late.
            return replace(migration, notice=entry if migration.takes_notice else None)
        case Recalled():
            return replace(migration, notice=None, releasing=False)


def _concluded(migration: Migration, entry: Concluded) -> Migration:
    attempt = migration.attempt
    if attempt is None or attempt.intent != entry.intent:
        return migration
    made = isinstance(attempt.effect, CreateNode) and isinstance(entry.outcome, Done | Underway)
    return replace(
        migration,
        attempt=replace(attempt, outcome=entry.outcome, last=entry.at),
        recorded=migration.recorded or made,
    )


def _another(migration: Migration, entry: Asked) -> Migration:
    """Begin another journey. Where a node goes back, what it had before it came is what is meant.

    On the way forward, the operator's mapping file says it.
    """
    came_by: tuple[Change, ...] = ()
    if entry.direction is Direction.BACK:
        came_by = migration.rewriting if migration.finished else migration.came_by
    return replace(start(migration.node, entry), came_by=came_by)


def _turned_back(migration: Migration, entry: Aborting) -> Migration:
    """Begin the way back. A hold was one of the way there; a call may still be done.

    A node that occupied a slot keeps it, another one takes one when something is done with it.
    """
    if migration.aborting or migration.over or migration.delete_intended:
        return migration
    attempt = migration.attempt
    return replace(
        migration,
        aborting=True,
        hold=None,
        attempt=attempt if attempt is not None and attempt.unsettled else None,
        since=entry.at,
        released=not migration.in_flight,
        answered=frozenset(),
        notice=None,
        releasing=False,
    )


def _released(migration: Migration, entry: Lifted) -> Migration:
    """Start afresh: old failures and deadlines are forgiven.

    What the operator mended may stand in the old record: until the node is transferred, its
    document is read once more. A call that may still be done is not forgotten.
    """
    hold, attempt = migration.hold, migration.attempt
    if attempt is not None:
        attempt = replace(attempt, first=entry.at, tries=1) if attempt.unsettled else None
    migration = replace(
        migration,
        hold=None,
        attempt=attempt,
        since=entry.at,
        kept_final=migration.kept_final and at_least(migration.state, State.TRANSFERRED),
        released=True,
    )
    if hold is None or hold.lifts_itself:
        return migration
    if hold.cause is Cause.VANISHED and migration.state in (State.DRAINED, State.CLEANING):
        # It may be another record by now, of which nothing tells of a cleaning.
        migration = replace(migration, was_in_use=False, cleaned=None)
    return replace(migration, answered=migration.answered | {hold.cause})


def _with_intent(migration: Migration, entry: Intended) -> Migration:
    attempt = migration.attempt
    if attempt is not None and attempt.intent == entry.intent:
        again = replace(
            attempt, effect=entry.effect, last=entry.at, tries=attempt.tries + 1, outcome=None
        )
        return replace(migration, attempt=again)
    migration = replace(
        migration,
        attempt=Attempt(entry.intent, entry.effect, first=entry.at, last=entry.at),
        intents=migration.intents + 1,
    )
    match entry.effect:
        case RetireNode(in_use=True, last_fault=last_fault):
            return replace(
                migration, was_in_use=True, last_fault=last_fault, in_service=True, used=True
            )
        case WithdrawNode():
            # It was not retired while in use, so nothing tells of a cleaning for this migration.
            return replace(migration, was_in_use=False, in_service=True)
        case RetireNode():
            return replace(migration, was_in_use=False)
        case CreateNode():
            return replace(migration, created=True)
        case DeleteNode():
            return replace(migration, delete_intended=True)
        case ManageNode():
            # The new record was whole: if it is gone once more, that is asked once more.
            answered = migration.answered - {Cause.NEW_GONE.facing(migration.direction)}
            return replace(migration, answered=answered, recorded=True)
        case CreateParts():
            return replace(migration, recorded=True)
        case RemoveNode():
            return replace(migration, recorded=False)
        case _:
            return migration

# SPDX-License-Identifier: Apache-2.0
"""A node's turn: fold, look, decide, and the one order of intent, effect and outcome."""

import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.freshness import stale
from ephyrad.engine.look import Lookout
from ephyrad.engine.perform import perform
from ephyrad.engine.slots import Slots
from ephyrad.engine.summary import outcome_words
from ephyrad.engine.told import Performed, Tell, Written, nobody
from ephyrad.engine.watches import Watches
from ephyrad.journal.errors import ConflictError, DiskError
from ephyrad.journal.journal import Journal
from ephyrad.migration.blind import while_blind
from ephyrad.migration.document import Document, without_secrets
from ephyrad.migration.effects import Effect, describe
from ephyrad.migration.entries import (
    Concluded,
    Entry,
    Held,
    Intended,
    Kept,
    Lifted,
    Moved,
    Owed,
    Recalled,
    Restored,
    Witnessed,
)
from ephyrad.migration.facts import Notification
from ephyrad.migration.migration import Migration, evolve, intent_for
from ephyrad.migration.next_step import next_step
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import Need, Sighting
from ephyrad.migration.states import State, advance
from ephyrad.migration.steps import (
    Close,
    Hold,
    Keep,
    Lift,
    Owe,
    Perform,
    Recall,
    Rest,
    Settle,
    Step,
    WaitUntil,
    Witness,
)

LOG = logging.getLogger(__name__)

BY_ITSELF = "ephyrad"
_UNWRITABLE_PAUSE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Resting:
    """Nothing to do until somebody asks."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something is waited for: in words, when to look again, and when the wait ends in a hold."""

    what: str
    again: datetime
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """The node needs a slot and none is free."""


TurnEnd = Resting | Waiting | Queued


@dataclass(frozen=True, slots=True)
class TurnTaker:
    """Takes turns; `policy` is asked at each with the node, `stopping` between any two effects.

    `freed` is called when a node gave its slot back, `looks` before the clouds are looked at, and
    `moved` after a node changed its state, was held or was released. `tell` is told what was
    written down.
    """

    lookout: Lookout
    slots: Slots
    policy: Callable[[str], Policy]
    stopping: Callable[[], bool]
    freed: Callable[[], None]
    looks: Callable[[str], None]
    watches: Watches
    moved: Callable[[], None] = lambda: None
    tell: Tell = nobody
    monotonic: Callable[[], float] = time.monotonic
    _blind_since: dict[str, datetime] = field(default_factory=dict)

    @property
    def journal(self) -> Journal:
        """The journal that turns are written to."""
        return self.lookout.journal

    def take(self, node: str) -> TurnEnd:
        """Do all that can be done with one node now. Not to be called twice at once for one node.

        Both clouds are read anew after each effect, so that none rests on what was seen before
        another; what is only written down leaves a sighting as good as it was. While the journal
        cannot be written, no cloud is asked either.
        """
        try:
            if self.journal.can_write():
                return self._take(node)
        except DiskError:
            # The journal has told it, once for all nodes.
            self._settle(node)
        return Waiting(f"its journal: {self.journal.trouble}", self._later(_UNWRITABLE_PAUSE))

    def _take(self, node: str) -> TurnEnd:
        migration = self.journal.migration(node)
        if migration is None or migration.over:
            self.journal.consume([number for number, _ in self.journal.inbox(node)])
            return Resting()
        wait = self.watches.goes_on(
            migration,
            self.lookout.clock(),
            self.policy(node),
            lambda: bool(self.journal.inbox(node)),
        )
        if wait is not None:
            return _waiting(wait)
        try:
            return self._work_on_what_is_seen(migration)
        except ConflictError:
            # An operator held or released the node meanwhile.
            self._settle(node)
            return Waiting("a change of its journal", self.lookout.clock())

    def _work_on_what_is_seen(self, migration: Migration) -> TurnEnd:
        try:
            end = self._work_on(migration)
        except CloudReadError as error:
            trouble = str(error)
        else:
            self._blind_since.pop(migration.node, None)
            return end
        # Outside of the handler, where oslo.log would add the exception once more.
        return self._wait_blind(self.journal.migration(migration.node) or migration, trouble)

    def _wait_blind(self, migration: Migration, trouble: str) -> TurnEnd:
        """Wait for a cloud that cannot be read, and hold the node when that lasts."""
        at, policy = self.lookout.clock(), self.policy(migration.node)
        since = self._blind_since.setdefault(migration.node, at)
        step = while_blind(trouble, since, at, policy)
        if isinstance(step, Hold):
            if migration.hold is None:
                self._do(migration, step, at, ())
            return Waiting(trouble, at + policy.look_again_held)
        if since == at:
            LOG.warning("node %s: %s; it is looked at again", _label(migration), trouble)
        return Waiting(trouble, step.again or step.deadline, step.deadline)

    def _later(self, pause: timedelta) -> datetime:
        return self.lookout.clock() + pause

    def _settle(self, node: str) -> None:
        """Give back the slot of a node whose turn was cut short, unless it needs it all the same.

        It may have been claimed for a step that was not written down.
        """
        migration = self.journal.migration(node)
        if migration is not None and self.slots.settle(migration):
            self.freed()

    def _work_on(self, migration: Migration) -> TurnEnd:
        """Look, decide and do until there is something to wait for, or the daemon stops."""
        mail: dict[int, Notification] = {}
        unread: set[int] = set()
        seen: Sighting | None = None
        while not self.stopping():
            policy = self.policy(migration.node).facing(migration.direction)
            seen = seen and self.lookout.complete(seen, migration, policy)
            if seen is None:
                self.looks(migration.node)
                new = dict(self.journal.inbox(migration.node))
                mail, unread = mail | new, unread | new.keys()
                seen = self.lookout.look(migration, policy, tuple(mail.values()))
            step = next_step(migration, seen, policy)
            end = self._end(step)
            if end is None and self._queues(migration, step, seen.at):
                end = Queued()
            if end is not None:
                if isinstance(step, WaitUntil):
                    self.watches.begin(migration, step, seen.at, policy)
                self.journal.consume(unread)
                if self.slots.settle(migration):
                    # A word that it was worked on by was taken back.
                    self.freed()
                return end
            migration = self._do(migration, step, seen.at, unread, seen.document)
            unread = set()
            if isinstance(step, Perform):
                seen = None
            elif isinstance(step, Keep):
                # The document that it has, or lacks, is not the one that is kept now.
                seen = replace(seen, read=seen.read - {Need.DOCUMENT})
        return Resting()

    @staticmethod
    def _end(step: Step) -> TurnEnd | None:
        match step:
            case Rest(again):
                return Waiting("the cause of its hold to go", again) if again else Resting()
            case WaitUntil():
                return _waiting(step)
            case _:
                return None

    def _queues(self, migration: Migration, step: Step, at: datetime) -> bool:
        """Return whether the step would need a slot that cannot be had."""
        if migration.in_flight:
            return False
        after = migration
        for entry in entries_for(migration, step, at):
            after = evolve(after, entry)
        return after.in_flight and not self.slots.claim(migration.node)

    def _do(
        self,
        migration: Migration,
        step: Step,
        at: datetime,
        consumed: Collection[int],
        source: Document | None = None,
    ) -> Migration:
        """Write the step down, and if it is an effect, perform it and write its outcome down.

        `at` is when the clouds were looked at, `source` the document that an effect writes from.
        """
        # A try begins now, however long ago it was decided.
        entries = entries_for(
            migration, step, self.lookout.clock() if isinstance(step, Perform) else at
        )
        document = step.document if isinstance(step, Keep) else self._wiped(migration, entries)
        migration = self.journal.append(migration, entries, document=document, consumed=consumed)
        if isinstance(step, Perform):
            migration = self._perform(migration, step.effect, at, source)
        if self.slots.settle(migration):
            self.freed()
        if any(isinstance(entry, Moved | Held | Lifted) for entry in entries):
            self.moved()
        for entry in entries:
            _log(migration, entry)
            self.tell(Written(migration.direction, entry))
        return migration

    def _perform(
        self, migration: Migration, effect: Effect, at: datetime, source: Document | None
    ) -> Migration:
        way = migration.direction
        clouds = self.lookout.clouds.facing(way)
        begun = self.monotonic()
        outcome = stale(self.lookout.clock() - at) or perform(
            effect, migration.node, clouds, source, way
        )
        seconds = self.monotonic() - begun
        words = outcome_words(outcome)
        LOG.info("node %s: %s: %s", _label(migration), describe(effect, way), words)
        concluded = Concluded(self.lookout.clock(), intent_for(migration, effect), outcome)
        # An operator may have held the node meanwhile; what became of the effect is true anyway.
        after = self.journal.insist(migration, concluded)
        again = migration.attempt is not None and migration.attempt.tries > 1
        self.tell(Performed(type(effect).__name__, outcome, seconds, again))
        return after

    def _wiped(self, migration: Migration, entries: Sequence[Entry]) -> Document | None:
        """Return the document without secrets once the migration is over and needs them no more."""
        for entry in entries:
            arrived = isinstance(entry, Moved) and entry.dest is State.COMPUTE_READY
            if arrived or isinstance(entry, Restored):
                document = self.lookout.document(migration.node)
                return None if document is None else without_secrets(document)
        return None


def entries_for(migration: Migration, step: Step, at: datetime) -> list[Entry]:
    """Return what a step writes into the journal before anything is done."""
    match step:
        case Perform(effect):
            return [Intended(at, intent_for(migration, effect), effect)]
        case Keep(document, before, final, rewriting):
            return [Kept(at, final, before, document.left_behind, rewriting)]
        case Witness(proof):
            return [Witnessed(at, proof)]
        case Owe(because):
            return [Owed(at, because)]
        case Recall(because):
            return [Recalled(at, BY_ITSELF, because)]
        case Hold(cause, reason, lifts_itself):
            return [Held(at, cause, reason, lifts_itself)]
        case Lift():
            return [Lifted(at, BY_ITSELF)]
        case Settle(trigger, because):
            dest = advance(migration.state, trigger)
            return [Moved(at, trigger, migration.state, dest, because)] if dest else []
        case Close(because):
            return [Restored(at, because)]
        case Rest() | WaitUntil():
            return []


def _waiting(step: WaitUntil) -> Waiting:
    return Waiting(step.what, min(step.again or step.deadline, step.deadline), step.deadline)


def _label(migration: Migration) -> str:
    return f"{migration.name or '-'} ({migration.node})"


def _log(migration: Migration, entry: Entry) -> None:
    match entry:
        case Moved(source=source, dest=dest, because=because):
            LOG.info("node %s: %s -> %s: %s", _label(migration), source, dest, because)
        case Held(cause=cause, reason=reason):
            LOG.warning("node %s: held (%s): %s", _label(migration), cause, reason)
        case Lifted(by=by):
            LOG.info("node %s: released by %s", _label(migration), by)
        case Restored(because=because):
            where = migration.direction.words("back in the old cloud")
            LOG.info("node %s: %s: %s", _label(migration), where, because)
        case _:
            LOG.debug("node %s: %s", _label(migration), entry)

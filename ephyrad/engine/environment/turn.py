# SPDX-License-Identifier: Apache-2.0
"""An item's turn: fold, look, decide, and the same order of intent, effect and outcome as a node's.

What differs from :mod:`ephyrad.engine.turn`: there are no slots but for uploads, no states and no
holds. A problem is written down when it is a new one, and the item goes on by itself once it is
gone.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.environment.look import ItemLookout, Look
from ephyrad.engine.environment.perform import Hands
from ephyrad.engine.environment.standing import Standings, standing_of, trouble
from ephyrad.engine.freshness import stale
from ephyrad.engine.summary import outcome_words
from ephyrad.engine.told import Performed, Tell, nobody
from ephyrad.engine.turn import Queued, Resting, TurnEnd, Waiting
from ephyrad.environment.decide import (
    Forget,
    Perform,
    Report,
    Rest,
    Seen,
    Settle,
    Step,
    Wait,
    decide,
)
from ephyrad.environment.effects import Effect, describe
from ephyrad.environment.entries import (
    Concluded,
    Entry,
    Forgotten,
    InStep,
    Intended,
    Troubled,
)
from ephyrad.environment.halves import merged, values_of
from ephyrad.environment.item import ItemId
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.environment.problems import Cause, Problem
from ephyrad.environment.record import Record, intent_for
from ephyrad.environment.translate import Wanted
from ephyrad.journal.environment import EnvironmentJournal
from ephyrad.journal.errors import ConflictError, DiskError
from ephyrad.migration.outcomes import Refused

LOG = logging.getLogger(__name__)

_PAUSE = timedelta(seconds=5)
_BLIND_PAUSE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class ItemTurns:
    """Takes items' turns; `policy` is asked at each, `stopping` between any two effects.

    `freed` is called when an upload ended, `looks` before the clouds are looked at, `wake` with
    what waited for an item that is in step now. `tell` is told of effects that were written down.
    """

    journal: EnvironmentJournal
    lookout: ItemLookout
    hands: Hands
    standings: Standings
    policy: Callable[[], EnvironmentPolicy]
    stopping: Callable[[], bool]
    freed: Callable[[], None]
    looks: Callable[[str], None]
    wake: Callable[[str], None]
    tell: Tell = nobody
    monotonic: Callable[[], float] = time.monotonic
    _waiting: dict[ItemId, set[ItemId]] = field(default_factory=dict)
    _blind_since: dict[ItemId, datetime] = field(default_factory=dict)

    def take(self, text: str) -> TurnEnd:
        """Do all that can be done with one item now. Not to be called twice at once for one item.

        Both clouds are read anew after each effect. While the journal cannot be written, no cloud
        is asked either.
        """
        try:
            if self.journal.can_write():
                return self._take(ItemId.parse(text))
        except DiskError:
            # The journal has told it, once for all.
            pass
        return Waiting(f"its journal: {self.journal.trouble}", self._later(_PAUSE))

    def is_followed(self, item: ItemId) -> bool:
        """Return whether an item is worked on: its kind is kept in step, or somebody asked for it.

        What was begun is ended, too, unless the new cloud refused it: that is for people to mend.
        """
        record = self.journal.record(item)
        refused = record.attempt is not None and isinstance(record.attempt.outcome, Refused)
        begun = record.pending and not refused
        return item.kind in self.policy().kept or record.asked or begun

    def _take(self, item: ItemId) -> TurnEnd:
        record = self.journal.record(item)
        if not self.is_followed(item):
            self.journal.append(record, (), consumed=self._mail(item))
            return Resting()
        try:
            end = self._work_on(record)
        except ConflictError:
            # Somebody asked for it meanwhile.
            return Waiting("a change of its journal", self.lookout.clock())
        except CloudReadError as error:
            why = str(error)
        else:
            self._blind_since.pop(item, None)
            return end
        return self._wait_blind(self.journal.record(item), why)

    def _work_on(self, record: Record) -> TurnEnd:
        """Look, decide and do until there is something to wait for, or the daemon stops."""
        unread: set[int] = set()
        while not self.stopping():
            policy = self.policy()
            self.looks(str(record.item))
            unread |= set(self._mail(record.item))
            look = self.lookout.look(record)
            seen, name = look.seen, look.name
            for needed in seen.lacking:
                self._waiting.setdefault(needed, set()).add(record.item)
            step = self._hopeful(decide(record, seen, policy), seen)
            self.standings.tell(record.item, standing_of(step, seen, name), seen.at)
            if isinstance(step, Perform) and not self._may(step.effect, record.item, name):
                self.journal.append(record, (), consumed=unread)
                return Queued()
            try:
                record = self._do(record, step, look, unread)
            finally:
                self._give_back(step, record.item)
            unread = set()
            if not isinstance(step, Perform):
                return _end(step)
        return Resting()

    def _hopeful(self, step: Step, seen: Seen) -> Step:
        """Wait for what is on its way, where else a problem would be that nobody has to mend."""
        match step:
            case Report(problem, again) if problem.cause is Cause.MISSING and again is not None:
                lacking = list(map(self.journal.record, seen.lacking))
                begun = all(each.asked or each.pending for each in lacking)
                # What stands in the way of those does so here.
                if begun and not any(each.problem for each in lacking):
                    return Wait(f"{', '.join(map(str, seen.lacking))} to be carried", again)
        return step

    def _mail(self, item: ItemId) -> list[int]:
        return [number for number, _ in self.journal.inbox(item)]

    def _may(self, effect: Effect, item: ItemId, name: str) -> bool:
        return effect is not Effect.UPLOAD or self.hands.uploads.claim(item, name)

    def _give_back(self, step: Step, item: ItemId) -> None:
        if step == Perform(Effect.UPLOAD):
            self.hands.uploads.end(item)
            self.freed()

    def _do(self, record: Record, step: Step, look: Look, consumed: set[int]) -> Record:
        """Write the step down, and if it is an effect, perform it and write its outcome down."""
        # A try begins now, however long ago it was decided.
        at = self.lookout.clock() if isinstance(step, Perform) else look.seen.at
        entry = entry_for(record, step, look, at)
        entries = [] if entry is None else [entry]
        record = self.journal.append(record, entries, consumed=consumed)
        if isinstance(entry, Intended):
            return self._perform(record, entry, look.seen)
        if entry is not None:
            _log(record, entry)
        if isinstance(entry, InStep):
            for each in self._waiting.pop(record.item, set()):
                self.wake(str(each))
        return record

    def _perform(self, record: Record, entry: Intended, seen: Seen) -> Record:
        begun = self.monotonic()
        outcome = stale(self.lookout.clock() - seen.at) or self.hands.perform(
            entry.effect, record.item, seen
        )
        seconds = self.monotonic() - begun
        words = outcome_words(outcome)
        LOG.info("%s: %s: %s", _label(record), describe(entry.effect), words)
        concluded = Concluded(self.lookout.clock(), entry.intent, outcome)
        # Somebody may have asked for it meanwhile; what became of the effect is true anyway.
        after = self.journal.insist(record, concluded)
        again = record.attempt is not None and record.attempt.tries > 1
        self.tell(Performed(entry.effect.value, outcome, seconds, again, on_item=True))
        return after

    def _wait_blind(self, record: Record, why: str) -> TurnEnd:
        """Wait for a cloud that cannot be read, and say so where that lasts."""
        at = self.lookout.clock()
        since = self._blind_since.setdefault(record.item, at)
        if since == at:
            LOG.warning("%s: %s; it is looked at again", _label(record), why)
        problem = Problem(Cause.UNREACHABLE, f"{why}: see to that cloud")
        self.standings.tell(record.item, trouble(record.name, problem), at)
        known = record.problem is not None and record.problem.cause is Cause.UNREACHABLE
        if at - since >= self.policy().retry_for and not known:
            words = (problem.cause, problem.reason, record.name)
            self.journal.append(record, [Troubled(at, *words, again=True)])
        return Waiting(why, at + _BLIND_PAUSE)

    def _later(self, pause: timedelta) -> datetime:
        return self.lookout.clock() + pause


def entry_for(record: Record, step: Step, look: Look, at: datetime) -> Entry | None:
    """Return what a step writes into the journal before anything is done."""
    match step:
        case Perform(effect):
            seen = look.seen
            wanted = seen.wanted.item if isinstance(seen.wanted, Wanted) else None
            digest = wanted.digest if wanted else None
            there = wanted or seen.found
            key = there.key if there else record.item.key
            intent = intent_for(record, effect, digest)
            may_be = values_of(effect, wanted, seen.found)
            if record.may_be is not None and merged(record.may_be, may_be) == record.may_be:
                may_be = {}
            return Intended(at, intent, effect, look.name, key, digest, may_be)
        case Settle(digest):
            return InStep(at, digest)
        case Forget():
            return Forgotten(at)
        case Report(problem, again):
            if problem == record.problem:
                return None
            return Troubled(at, problem.cause, problem.reason, look.name, again=again is not None)
        case Rest() | Wait():
            return None


def _end(step: Step) -> TurnEnd:
    match step:
        case Wait(what, again):
            return Waiting(what, again)
        case Report(problem, again) if again is not None:
            return Waiting(f"its cause to go: {problem.reason}", again)
        case _:
            return Resting()


def _label(record: Record) -> str:
    return f"{record.item.kind} {record.name or '-'} ({record.item.key})"


def _log(record: Record, entry: Entry) -> None:
    match entry:
        case Troubled(cause=cause, reason=reason):
            LOG.warning("%s: not carried (%s): %s", _label(record), cause, reason)
        case InStep():
            LOG.info("%s: in step", _label(record))
        case _:
            LOG.info("%s: forgotten: it is in neither cloud", _label(record))

# SPDX-License-Identifier: Apache-2.0
"""Has done what CI's messages come to: verifies what they name, and gives word.

A message is durable before anything is decided. What was named is then looked at by whoever took
it, and from then on by the scheduler, until it no longer waits. Both do the same, and may do it at
once: an entry of a node is written next to the one that was known, and a fate only where one waits.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.rollout.fleet import FleetReader
from ephyrad.engine.summary import summary
from ephyrad.journal.errors import ConflictError
from ephyrad.journal.journal import Journal
from ephyrad.migration.entries import Noticed
from ephyrad.reclaim.fate import Fate, Kind, Message, Named
from ephyrad.reclaim.nomination import Nomination
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.moves import GiveNotice
from ephyrad.rollout.nominated import Directory, Later, Never, came_since, of_job, verdict
from ephyrad.rollout.standing import Fleet, Standing
from ephyrad.rollout.windows import Zones

LOG = logging.getLogger(__name__)

FRESH = timedelta(seconds=5)
"""How old what the clouds showed may be when word is given."""


@dataclass(frozen=True, slots=True)
class ReclaimHands:
    """What it works with. `keep`: how long a thing may wait. `wake`: have a node's turn taken."""

    journal: Journal
    fleet: FleetReader
    keep: Callable[[], timedelta]
    wake: Callable[[str], None]
    clock: Callable[[], datetime]
    zones: Zones


class Reclaimer:
    """Looks at what waits. Every method may be called from any thread."""

    def __init__(self, hands: ReclaimHands) -> None:
        self._hands = hands
        self._directory = Directory({})
        self._reading = threading.Lock()
        self._failed: tuple[datetime, CloudReadError] | None = None

    def keep(self, nominations: Sequence[Nomination]) -> None:
        """Make messages durable, in one commit, and nothing else."""
        self._hands.journal.reclaims.take_all(nominations, self._hands.clock())

    def take(self, nomination: Nomination) -> tuple[Message, bool]:
        """Make a message durable, and look at what it names; return whether it is a new one."""
        journal = self._hands.journal.reclaims
        message, is_new = journal.take(nomination, self._hands.clock())
        if not is_new:
            return message, False
        self._look_at(message.named)
        message = journal.message(message.number)
        if message.named[0].kind is Kind.BUILD:
            # What it was mapped to.
            self._look_at(_waiting(message))
            message = journal.message(message.number)
        return message, True

    def look(self) -> None:
        """Look at all that waits."""
        after = 0
        while batch := self._hands.journal.reclaims.waiting(after):
            self._look_at(batch)
            after = batch[-1].number

    def _look_at(self, named: Sequence[Named]) -> None:
        if not named:
            return
        numbers = {each.message for each in named}
        messages = self._hands.journal.reclaims.without_things(numbers)
        pairs = [(each, messages[each.message]) for each in named]
        try:
            standing = self._standing()
        except CloudReadError as error:
            self._write([self._kept(*pair, f"{error}") for pair in pairs], named)
            return
        if standing is None:
            no = "no rollout is under way, and nothing else has nodes released"
            self._write([self._changed(each, Fate.REFUSED, no) for each in named], named)
            return
        self._write([self._seen(standing, *pair) for pair in pairs], named)

    def _standing(self) -> Standing | None:
        rollout = self._hands.journal.rollouts.active()
        if rollout is None:
            return None
        standing = Standing(rollout, self._fleet())
        if self._directory.nodes is not standing.leaving:
            self._directory = Directory(standing.leaving)
        return standing

    def _fleet(self) -> Fleet:
        """Return what both clouds show, or showed when it was asked for.

        A burst of messages has them read once, however long that takes, and not by each of them.

        :raises CloudReadError: a cloud could not be read, now or for somebody who asked before.
        """
        asked = self._hands.clock()
        with self._reading:
            now = self._hands.clock()
            oldest = FRESH + max(now - asked, timedelta())
            if self._failed is not None:
                at, error = self._failed
                if asked < now and timedelta() <= now - at <= oldest:
                    raise error.with_traceback(None)
            try:
                fleet, _ = self._hands.fleet.read(oldest)
            except CloudReadError as error:
                self._failed = now, error
                raise
            self._failed = None
            return fleet

    def _seen(self, standing: Standing, named: Named, message: Message) -> Named:
        """Return a thing with what comes of it now, and have that done."""
        directory = self._directory
        if named.kind is Kind.BUILD:
            return self._mapped(standing, directory, named, message)
        node = _found(directory, named)
        if isinstance(node, Never):
            return self._changed(named, Fate.REFUSED, node.why)
        instance = named.name if named.kind is Kind.INSTANCE else named.instance
        other = came_since(node, message.meant_at) if instance is None else None
        if other is not None:
            return self._changed(named, Fate.REFUSED, other.why)
        named = replace(named, node=node.uuid, instance=instance or node.facts.instance_uuid)
        match verdict(standing, self._hands.zones, node, instance, message.giver):
            case Never(why):
                return self._changed(named, Fate.REFUSED, why)
            case Later(why):
                return self._kept(named, message, why)
            case GiveNotice() as move:
                return self._given(move, named, message)

    def _mapped(
        self, standing: Standing, directory: Directory, named: Named, message: Message
    ) -> Named:
        found = of_job(standing, directory, message.label, message.result, message.meant_at)
        if isinstance(found, Never):
            return self._changed(named, Fate.REFUSED, found.why)
        build = self._changed(named, Fate.MAPPED, f"stands for {len(found)} nodes in use")
        self._hands.journal.reclaims.map(
            build,
            [(each.facts.name or each.uuid, each.uuid, each.facts.instance_uuid) for each in found],
        )
        return build

    def _given(self, move: GiveNotice, named: Named, message: Message) -> Named:
        """Give word, unless it was given before what came of it could be written down."""
        hands = self._hands
        migration = hands.journal.migration(move.node)
        if migration is None:
            return self._kept(named, message, "its turn has not come")
        words = f"ephyrad deletes instance {move.instance}, and carries the node on"
        notice = migration.notice
        if notice is None or notice.instance != move.instance:
            entry = Noticed(hands.clock(), move.instance, move.not_before, message.giver)
            try:
                hands.journal.append(migration, [entry])
            except ConflictError:
                return self._kept(named, message, "it is being worked on")
            LOG.info("node %s (%s): %s", migration.name or "-", move.node, summary(entry))
            hands.wake(move.node)
        return self._changed(named, Fate.GIVEN, words)

    def _kept(self, named: Named, message: Message, why: str) -> Named:
        until = message.taken_at + self._hands.keep()
        if self._hands.clock() >= until:
            return self._changed(named, Fate.LAPSED, f"it waited too long: {why}")
        return self._changed(named, Fate.WAITS, f"{why}; it is kept until {until:%F %T} UTC")

    def _changed(self, named: Named, fate: Fate, words: str) -> Named:
        if (fate, words) == (named.fate, named.words):
            return named
        return replace(named, fate=fate, words=words, since=self._hands.clock())

    def _write(self, found: Sequence[Named], before: Sequence[Named]) -> None:
        changed = [new for new, old in zip(found, before, strict=True) if new != old]
        self._hands.journal.reclaims.change(changed)
        for each in changed:
            if each.fate is not Fate.WAITS:
                LOG.info("reclaim: %s %s: %s: %s", each.kind, each.name, each.fate, each.words)


def _waiting(message: Message) -> Sequence[Named]:
    return [each for each in message.named if each.fate is Fate.WAITS]


def _found(directory: Directory, named: Named) -> Candidate | Never:
    if named.node is not None:
        known = directory.nodes.get(named.node)
        return known or Never("it is not in the cloud that the rollout leaves any more")
    if named.kind is Kind.INSTANCE:
        return directory.with_instance(named.name)
    return directory.named(named.name)

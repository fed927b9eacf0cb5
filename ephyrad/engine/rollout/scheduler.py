# SPDX-License-Identifier: Apache-2.0
"""The scheduler: has done what a rollout decides, one move after the other."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.rollout.fleet import FleetReader
from ephyrad.engine.rollout.gates import Gates
from ephyrad.engine.rollout.summary import summary
from ephyrad.engine.summary import summary as words
from ephyrad.journal.errors import ConflictError, DiskError
from ephyrad.journal.journal import Journal
from ephyrad.migration.entries import Aborting, Asked, Noticed, Recalled
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.decide import next_move
from ephyrad.rollout.entries import (
    Ended,
    Entry,
    GateBegun,
    GateEnded,
    Opened,
    Paused,
)
from ephyrad.rollout.gate_run import GateRun
from ephyrad.rollout.moves import (
    BeginNodes,
    End,
    GiveBack,
    GiveNotice,
    Move,
    OpenWave,
    Pause,
    RecallNotice,
    Rest,
    TryGate,
)
from ephyrad.rollout.notices import giver
from ephyrad.rollout.rollout import BY_ITSELF, GateTry, Rollout, Wave
from ephyrad.rollout.selection import limit_keys
from ephyrad.rollout.standing import Standing
from ephyrad.rollout.waves import member_of
from ephyrad.rollout.windows import Zones

LOG = logging.getLogger(__name__)

FRESH = timedelta(seconds=5)
"""How old what the clouds showed may be when it is told, or an owner is given notice."""

_TO_BEGIN = timedelta(seconds=15)
"""How old it may be when a node is begun with: with thousands of nodes one is every few seconds.

Its floors are looked after once more when it takes its slot, by a look that may be older.
"""
_STALE = timedelta(seconds=60)
_PAUSE = timedelta(seconds=10)
"""Between two looks where nothing tells of a change."""


@dataclass(frozen=True, slots=True)
class Hands:
    """What the scheduler works with.

    `slots`: how many there are, and `room` how many of them are free. `wake`: have a node's turn
    taken. `admit`: have those looked at that wait for a slot. `reclaim`: have that looked at
    which CI named and which waits.
    """

    journal: Journal
    fleet: FleetReader
    gates: Gates
    slots: Callable[[], int]
    room: Callable[[], int]
    wake: Callable[[str], None]
    admit: Callable[[], None]
    clock: Callable[[], datetime]
    zones: Zones
    reclaim: Callable[[], None] = lambda: None


class Scheduler:
    """Drives the active rollout."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._tried: set[str] = set()
        self._looked_at = ("", 0)
        self._told = (self._looked_at, "")
        self._stopped = False
        self._changed = threading.Condition()
        self._woken = False
        self._thread = threading.Thread(target=self._run, name="rollout", daemon=True)

    def start(self) -> None:
        """Begin to drive."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def wake(self) -> None:
        """Have a look taken now: something changed."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def alive(self) -> bool:
        """Return whether looks are still taken."""
        return self._thread.is_alive()

    def why(self, rollout: Rollout) -> str:
        """Return what it was seen to wait for since its last entry, in words; "": not seen yet."""
        of, why = self._told
        return why if of == (rollout.name, rollout.seq) else ""

    def woken(self) -> bool:
        """Return whether a look is wanted now, whatever the last one waits for."""
        with self._changed:
            return self._woken

    def go_on(self) -> float:
        """Look once, and let those go on that may now; return the seconds until the next look.

        For the thread that drives, or for whoever drives without one.
        """
        with self._changed:
            self._woken = False
        again = self.look()
        self._hands.admit()
        # The clock may have been set back meanwhile.
        return min(max((again - self._hands.clock()).total_seconds(), 0.0), _PAUSE.total_seconds())

    def look(self) -> datetime:
        """Do all that can be done now; return when to look again, if nothing happens before."""
        hands = self._hands
        later = hands.clock() + _PAUSE
        try:
            rest = self._work()
            hands.reclaim()
        except CloudReadError as error:
            self._tell(f"{error}; nothing is begun until it can be read")
            return later
        except DiskError as error:
            self._tell(str(error))
            return later
        except ConflictError:
            # An operator paused or stopped it meanwhile.
            return hands.clock()
        if rest is None:
            return later
        self._tell(rest.why)
        return later if rest.again is None else min(rest.again, later)

    def _work(self) -> Rest | None:
        """Make moves until there is something to wait for; None: there is no rollout."""
        while not self._stopped:
            rollout = self._hands.journal.rollouts.active()
            self._end_tries_but_of(rollout)
            if rollout is None:
                return None
            rollout = self._with_verdicts(rollout)
            self._looked_at = rollout.name, rollout.seq
            move, standing = self._decide(rollout)
            if isinstance(move, Rest):
                return move
            self._make(move, standing)
        return None

    def _decide(self, rollout: Rollout) -> tuple[Move, Standing]:
        """Decide on what is known; what begins something, on what both clouds show by now."""
        move, standing, age = self._decided(rollout, _STALE)
        oldest = _oldest(move)
        if age > oldest:
            move, standing, _ = self._decided(rollout, oldest)
        return move, standing

    def _decided(self, rollout: Rollout, oldest: timedelta) -> tuple[Move, Standing, timedelta]:
        hands = self._hands
        fleet, age = hands.fleet.read(oldest)
        standing = Standing(rollout, fleet)
        known = [each.run for each in _runs(rollout) if hands.gates.is_known(each.run)]
        move = next_move(standing, room=hands.room(), zones=hands.zones, under_way=known)
        return move, standing, age

    def _make(self, move: Move, standing: Standing) -> None:
        hands, rollout = self._hands, standing.rollout
        at = hands.clock()
        match move:
            case OpenWave(number, rule, nodes):
                keys = limit_keys(rollout.declared)
                members = tuple(member_of(node, keys) for node in nodes)
                self._write(rollout, Opened(at, number, rule, members))
            case BeginNodes() | GiveNotice() | RecallNotice() | GiveBack():
                self._make_of_nodes(move, rollout, at)
            case TryGate(wave, gate):
                run = f"{rollout.name}-{wave}-{gate}-{rollout.tries + 1}"
                rollout = self._write(rollout, GateBegun(at, run, wave, gate))
                self._tried.add(run)
                hands.gates.begin(_gate_run(rollout, standing, run, gate))
            case Pause(cause, reason):
                self._write(rollout, Paused(at, BY_ITSELF, cause, reason))
            case End(words):
                self._write(rollout, Ended(at, words))
            case Rest():
                pass

    def _make_of_nodes(
        self,
        move: BeginNodes | GiveNotice | RecallNotice | GiveBack,
        rollout: Rollout,
        at: datetime,
    ) -> None:
        match move:
            case BeginNodes(nodes):
                for node in nodes:
                    self._begin(rollout, node)
            case GiveNotice(uuid, instance, not_before):
                self._say(uuid, Noticed(at, instance, not_before, giver(rollout)))
            case RecallNotice(uuids, because):
                for uuid in uuids:
                    self._say(uuid, Recalled(at, giver(rollout), because))
            case GiveBack(uuids):
                for uuid in uuids:
                    self._say(uuid, Aborting(at, f"{giver(rollout)}, which was stopped"))

    def _say(self, node: str, entry: Noticed | Recalled | Aborting) -> None:
        """Write something of a node down, as an operator would, unless it changed meanwhile."""
        migration = self._hands.journal.migration(node)
        if migration is not None:
            self._hands.journal.append(migration, [entry])
            told = words(entry, migration.direction)
            LOG.info("node %s (%s): %s", migration.name or "-", node, told)
            self._hands.wake(node)

    def _begin(self, rollout: Rollout, node: Candidate) -> None:
        known = self._hands.journal.rollouts.rollout(rollout.name)
        if known is None or known.seq != rollout.seq:
            raise ConflictError(f"rollout {rollout.name} was paused, stopped or changed meanwhile")
        asked = Asked(
            self._hands.clock(), node.facts.name, giver(rollout), rollout.declared.direction
        )
        self._hands.journal.begin(node.uuid, asked)
        LOG.info(
            "node %s (%s): begun with by rollout %s",
            node.facts.name or "-",
            node.uuid,
            rollout.name,
        )
        self._hands.wake(node.uuid)

    def _with_verdicts(self, rollout: Rollout) -> Rollout:
        """Write down what came of the gates that ended."""
        for each in _runs(rollout):
            verdict = self._hands.gates.result(each.run) if each.result is None else None
            if verdict is not None:
                at = self._hands.clock()
                ended = GateEnded(at, each.run, verdict.result, verdict.words, verdict.output)
                rollout = self._write(rollout, ended)
                self._hands.gates.forget(each.run)
                self._tried.discard(each.run)
        return rollout

    def _end_tries_but_of(self, rollout: Rollout | None) -> None:
        """End the runs of gates of which nothing comes: it is over, or the gate is another now."""
        wanted = {each.run for each in _runs(rollout)} if rollout else set()
        for run in self._tried - wanted:
            LOG.info("gate %s is ended: its verdict is not waited for any more", run)
            self._hands.gates.forget(run)
        self._tried &= wanted

    def _write(self, rollout: Rollout, entry: Entry) -> Rollout:
        rollout = self._hands.journal.rollouts.append(rollout, entry)
        LOG.info("rollout %s: %s", rollout.name, summary(entry))
        return rollout

    def _tell(self, why: str) -> None:
        told = self._looked_at, why
        if told != self._told:
            self._told = told
            LOG.debug("the rollout waits for %s", why)

    def _run(self) -> None:
        pause = 0.0
        while True:
            with self._changed:
                if not self._woken and not self._stopped:
                    self._changed.wait(pause)
                if self._stopped:
                    return
            try:
                pause = self.go_on()
            except Exception:
                LOG.exception("the rollout's look failed by an error of ephyrad's own")
                pause = _PAUSE.total_seconds()


def _oldest(move: Move) -> timedelta:
    """Return how old what both clouds showed may be for a move to be made."""
    match move:
        case GiveNotice() | End():
            return FRESH
        case OpenWave() | BeginNodes():
            return _TO_BEGIN
        case _:
            return _STALE


def _runs(rollout: Rollout) -> list[GateTry]:
    return list(rollout.wave.tries.values()) if rollout.wave else []


def _gate_run(rollout: Rollout, standing: Standing, run: str, gate: str) -> GateRun:
    wave = rollout.wave
    return GateRun(
        id=run,
        gate=rollout.declared.gates[gate],
        nodes=_arrived(standing, wave) if wave else (),
        rollout=rollout.name,
        wave=wave.rule if wave else "",
        direction=rollout.declared.direction,
    )


def _arrived(standing: Standing, wave: Wave) -> tuple[str, ...]:
    journeys = (standing.journey(member.node) for member in wave.members)
    return tuple(each.node for each in journeys if each is not None and each.finished)

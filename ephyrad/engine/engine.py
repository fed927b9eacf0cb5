# SPDX-License-Identifier: Apache-2.0
"""The engine put together: one road for each node, and the three doors to it.

The doors are :meth:`Engine.receive` (a notification), the sweep, and :meth:`Engine.start`, which
takes up what a crash left. None decides anything: each only has a node's turn taken.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ephyrad.engine.crew import Crew
from ephyrad.engine.directories import Lists
from ephyrad.engine.environment.engine import EnvironmentEngine
from ephyrad.engine.look import Lookout, Secrets
from ephyrad.engine.perform import Clouds
from ephyrad.engine.reclaim.reclaimer import Reclaimer, ReclaimHands
from ephyrad.engine.rollout.fleet import FleetReader
from ephyrad.engine.rollout.gates import GateRunner, Gates
from ephyrad.engine.rollout.members import Members
from ephyrad.engine.rollout.scheduler import Hands, Scheduler
from ephyrad.engine.slots import Slots
from ephyrad.engine.strays import Strays
from ephyrad.engine.sweep import Sweep
from ephyrad.engine.told import Tell, nobody, safely
from ephyrad.engine.turn import TurnTaker
from ephyrad.engine.watches import Watches
from ephyrad.journal.errors import DiskError
from ephyrad.journal.journal import Journal
from ephyrad.migration.facts import Notification, Poison
from ephyrad.migration.policy import Policy
from ephyrad.reclaim.fate import ReclaimPolicy

LOG = logging.getLogger(__name__)


def utc_now() -> datetime:
    """Return the time of this machine's clock, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Tuning:
    """What may change while the daemon runs. `sweep_interval` is in seconds."""

    policy: Policy
    max_in_flight: int
    sweep_interval: float
    keep_notifications: timedelta
    reclaim: ReclaimPolicy = field(default_factory=ReclaimPolicy)


class Engine:
    """Carries nodes. `tuning` is asked each time, so that a reload takes effect at once."""

    def __init__(
        self,
        journal: Journal,
        clouds: Clouds,
        secrets: Secrets,
        *,
        tuning: Callable[[], Tuning],
        workers: int,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        environment: EnvironmentEngine | None = None,
        gates: Gates | None = None,
        tell: Tell = nobody,
    ) -> None:
        """`environment` keeps the clouds' items in step, beside the nodes; None: nobody does.

        `gates` tries those of a rollout; None: no gate can be tried. `tell` is told what was
        written down of nodes.
        """
        self.environment = environment
        self.journal = journal
        self.clouds = clouds
        self.secrets = secrets
        self.tuning = tuning
        self.clock = clock
        self.tell = safely(tell)
        self.members = Members(journal, FleetReader(journal, clouds, clock), clock, ZoneInfo)
        self.slots = Slots(
            lambda: tuning().max_in_flight, journal.migrations(), self.members.refusal
        )
        self.crew = Crew(
            self._taker(monotonic).take,
            workers,
            clock,
            monotonic,
            admits=lambda node: not self.slots.refusal(node),
        )
        self.gates = gates or GateRunner({})
        self.reclaimer = self._reclaimer()
        self.hands = self._hands()
        self.rollouts = Scheduler(self.hands)
        self.strays = Strays(self.unfinished)
        self.sweep = Sweep(
            (clouds.old, clouds.new),
            self.unfinished,
            self.crew.wake,
            lambda: tuning().sweep_interval,
            clock,
            at_first=self.strays.look_at_first,
        )
        self._stopped = threading.Event()
        self._trimmer = threading.Thread(target=self._trim, name="trim", daemon=True)

    def _taker(self, monotonic: Callable[[], float]) -> TurnTaker:
        """Return what takes turns; the crew and the rollouts, which it tells, are made after it."""
        clouds, clock = self.clouds, self.clock
        return TurnTaker(
            lookout=Lookout(clouds, Lists(clouds, clock), self.journal, self.secrets, clock),
            slots=self.slots,
            policy=lambda node: self.members.policy(self.tuning().policy, node),
            stopping=lambda: self.crew.stopping,
            freed=lambda: self.crew.wake_queued(),  # noqa: PLW0108
            looks=lambda node: self.crew.looks(node),  # noqa: PLW0108
            watches=Watches(clouds),
            moved=lambda: self.rollouts.wake(),  # noqa: PLW0108
            tell=self.tell,
            monotonic=monotonic,
        )

    def _hands(self) -> Hands:
        """Return what the scheduler of rollouts works with."""
        return Hands(
            journal=self.journal,
            fleet=self.members.fleet,
            gates=self.gates,
            slots=lambda: self.tuning().max_in_flight,
            room=lambda: self.tuning().max_in_flight - self.slots.taken,
            wake=self.crew.wake,
            admit=self.crew.wake_all_queued,
            clock=self.clock,
            zones=ZoneInfo,
            reclaim=self.reclaimer.look,
        )

    def _reclaimer(self) -> Reclaimer:
        return Reclaimer(
            ReclaimHands(
                journal=self.journal,
                fleet=FleetReader(self.journal, self.clouds, self.clock),
                keep=lambda: self.tuning().reclaim.keep,
                wake=self.crew.wake,
                clock=self.clock,
                zones=ZoneInfo,
            )
        )

    def start(self) -> None:
        """Take up every migration that is not over, then keep sweeping.

        Those in flight come first: a site has thousands of others, whose owners use them still.
        """
        left = [each for each in self.journal.migrations() if not each.over]
        for migration in sorted(left, key=lambda each: not each.in_flight):
            self.crew.wake(migration.node)
        self.crew.start()
        self.sweep.start()
        self.gates.start()
        self.rollouts.start()
        if self.environment is not None:
            self.environment.start()
        self._trimmer.start()

    def stop(self) -> None:
        """Return when the effects that are being performed have ended and are written down."""
        self._stopped.set()
        self.rollouts.stop()
        self.gates.stop()
        self.sweep.stop()
        self.crew.halt()
        if self.environment is not None:
            self.environment.stop()
        self.crew.stop()

    def retuned(self) -> None:
        """Heed at once what changed in the tuning: nodes may wait for a slot that is there now."""
        self.crew.wake_all_queued()
        self.rollouts.wake()
        if self.environment is not None:
            self.environment.retuned()

    def receive(self, notifications: Sequence[Notification], poison: Sequence[Poison] = ()) -> None:
        """Make notifications durable and wake the nodes and items they name; decide nothing.

        What could not be read is counted with them.
        """
        named = self.journal.receive(notifications, poison)
        for node in named.nodes:
            migration = self.journal.migration(node)
            if migration is not None and not migration.over:
                self.crew.wake(node)
        if self.environment is not None:
            self.environment.told(named.items)

    def unfinished(self) -> list[str]:
        """Return the UUIDs of the nodes whose migration is not over."""
        return [each.node for each in self.journal.migrations() if not each.over]

    def alive(self) -> bool:
        """Return whether turns are still taken."""
        alive = self.crew.alive() and self.rollouts.alive()
        return alive and (self.environment is None or self.environment.alive())

    def _trim(self) -> None:
        while not self._stopped.wait(self.tuning().sweep_interval):
            try:
                # The journal has told what ails its disk; there is nothing that cannot wait.
                with suppress(DiskError):
                    self.journal.trim(self.clock() - self.tuning().keep_notifications)
                    self.journal.reclaims.trim(self.clock() - self.tuning().reclaim.remember)
            except Exception:  # this thread must outlive it: the journal would grow unseen
                LOG.exception("trimming the journal failed by an error of ephyrad's own")

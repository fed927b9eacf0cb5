# SPDX-License-Identifier: Apache-2.0
"""The real engine and journal carrying a fleet between two simulated clouds, on one thread.

What ephyrad spends is told apart from what the simulation spends.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

from sqlite_utils import Database

from ephyrad.bus.envelope import decode
from ephyrad.clouds.port import Cloud
from ephyrad.engine.answers import BusAnswer
from ephyrad.engine.engine import Engine, Tuning
from ephyrad.engine.operations import EngineOperations
from ephyrad.engine.perform import Clouds
from ephyrad.journal.journal import Journal
from ephyrad.migration.facts import CloudName, Notification
from ephyrad.migration.migration import Migration
from ephyrad.migration.outcomes import Unreachable
from ephyrad.migration.policy import Policy
from ephyrad.secrets.keys import KeyRing
from ephyrad.testing.bus import Message
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.records import RELEASE_2023_1, RELEASE_2026_2
from ephyrad.testing.settings import IronicSettings
from tests.bench.laps import Account
from tests.simulation.fleet import BY_NAME, Kind, enrol

SWEEP_INTERVAL = 60.0
_LONGEST = 30 * 86400.0


@dataclass(frozen=True)
class Fleet:
    """How many nodes, of which kind, and how many of them at once: slots, and cleans of a cloud.

    `look_again` is in seconds: how often ephyrad looks where no notification tells.
    """

    nodes: int
    kind: Kind = Kind.IN_USE
    in_flight: int = 20
    cleans: int = 1_000_000
    look_again: float = Policy().look_again.total_seconds()


class _CountingJournal(Journal):
    """Counts its commits, and the nodes that were retired in use, and that have arrived."""

    commits = 0
    retired = 0
    arrived = 0

    @contextmanager
    def _writing(self, evolved: Migration | None = None) -> Iterator[Database]:
        self.commits += 1
        before = self.migration(evolved.node) if evolved else None
        with super()._writing(evolved) as db:
            yield db
        if before is not None and evolved is not None:
            self.retired += evolved.was_in_use and not before.was_in_use
            self.arrived += evolved.finished and not before.finished


class _Metered:
    """A cloud whose time is not ours; counts its calls, and those that it had no room for."""

    def __init__(self, cloud: SimulatedCloud, account: Account) -> None:
        self.name = cloud.name
        self.calls = 0
        self.rejected = 0
        self._cloud = cloud
        self._account = account

    def __getattr__(self, method: str) -> Callable[..., Any]:
        call = getattr(self._cloud, method)

        def metered(*args: Any, **more: Any) -> Any:
            self.calls += 1
            with self._account.span(ours=False):
                answer = call(*args, **more)
            self.rejected += isinstance(answer, Unreachable) and "limit for cleaning" in str(answer)
            return answer

        return metered


class Carrying:
    """One run: a fleet is carried; servers of nodes in use are deleted once all are retired."""

    def __init__(self, fleet: Fleet, directory: Path, seed: int = 0) -> None:
        self.fleet = fleet
        self._clock = VirtualClock()
        self._room = MachineRoom(self._clock)
        self._rng = random.Random(seed)
        self.account = Account()
        old, new = (self._cloud(name) for name in CloudName)
        enrol(
            (fleet.kind,) * fleet.nodes,
            old=old,
            new=new,
            room=self._room,
            clock=self._clock,
            rng=self._rng,
            furnished=True,
        )
        for cloud in (old, new):
            cloud.settings.max_concurrent_clean = fleet.cleans
        assert old.nova is not None
        self._nova = old.nova
        self.clouds = [_Metered(cloud, self.account) for cloud in (old, new)]
        self.journal = _CountingJournal.open(
            directory, KeyRing.open(directory / "keys"), self._clock.now
        )
        policy = Policy(look_again=timedelta(seconds=fleet.look_again), names=BY_NAME)
        tuning = Tuning(policy, fleet.in_flight, SWEEP_INTERVAL, timedelta(days=1))
        self._engine = Engine(
            self.journal,
            Clouds(*(cast(Cloud, cloud) for cloud in self.clouds)),
            _no_secrets,
            tuning=lambda: tuning,
            workers=1,
            clock=self._clock.now,
            monotonic=self._clock.monotonic,
        )
        self._sweep_due = 0.0
        for cloud in (old, new):
            cloud.bus.listen(partial(self._publish, cloud.name))

    def run(self) -> float:
        """Carry all nodes until they are compute-ready; return the virtual seconds it took."""
        begun = self._clock.monotonic()
        heard = BusAnswer("listening", None, 0)
        with self.account.span(ours=True):
            EngineOperations(self._engine, lambda _: heard, "0").migrate_all(by="bench")
        if self._nova.servers:
            self._until(lambda: self.journal.retired == self.fleet.nodes)
        for server in list(self._nova.servers):
            self._nova.delete(server)
        self._until(lambda: self.journal.arrived == self.fleet.nodes)
        return self._clock.monotonic() - begun

    def _until(self, reached: Callable[[], bool]) -> None:
        """Take turns, sweep, and let time pass where there is nothing to do."""
        end = self._clock.monotonic() + _LONGEST
        while not reached():
            assert self._clock.monotonic() < end, "the nodes do not arrive"
            if self._sweep_due <= self._clock.monotonic():
                self._sweep_due = self._clock.monotonic() + SWEEP_INTERVAL
                self._sweep()
            if not self._turn():
                pauses = (self._clock.until_next(), self._engine.crew.due_in(), SWEEP_INTERVAL)
                self._clock.advance(max(min(p for p in pauses if p is not None), 0.001))

    def _cloud(self, name: CloudName) -> SimulatedCloud:
        release = RELEASE_2023_1 if name is CloudName.OLD else RELEASE_2026_2
        settings = IronicSettings(
            release=release, host=f"{name}-conductor", max_concurrent_clean=self.fleet.nodes
        )
        return SimulatedCloud(name, self._clock, self._room, rng=self._rng, settings=settings)

    def _sweep(self) -> None:
        for cloud in self.clouds:
            with self.account.span(ours=True):
                self._engine.sweep.sweep(cast(Cloud, cloud))

    def _turn(self) -> bool:
        with self.account.span(ours=True):
            return self._engine.crew.take_one(lambda ready: next(iter(ready)))

    def _publish(self, name: CloudName, message: Message) -> None:
        self._clock.call_later(0.0, partial(self._receive, name, message))

    def _receive(self, name: CloudName, message: Message) -> None:
        with self.account.span(ours=True):
            found = decode(name, message)
            if isinstance(found, Notification):
                self._engine.receive([found])


def _no_secrets(node: str, name: str | None) -> Mapping[str, Any]:
    return {}

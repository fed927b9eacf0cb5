# SPDX-License-Identifier: Apache-2.0
"""An engine over two simulated clouds and a real journal, on a virtual clock, without threads."""

import random
from dataclasses import dataclass, replace
from pathlib import Path

from ephyrad.engine.answers import BusAnswer
from ephyrad.engine.engine import Engine, Tuning
from ephyrad.engine.operations import EngineOperations
from ephyrad.engine.perform import Clouds
from ephyrad.engine.rollout.gates import Gates
from ephyrad.engine.told import Tell, nobody
from ephyrad.journal.journal import Journal
from ephyrad.migration.facts import CloudName
from ephyrad.migration.policy import Policy
from ephyrad.reclaim.authentic import Credentials
from ephyrad.reclaim.fate import ReclaimPolicy
from ephyrad.secrets.keys import KeyRing
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.records import RELEASE_2023_1, RELEASE_2026_2
from ephyrad.testing.settings import IronicSettings
from tests.simulation.fleet import BY_NAME, Kind, Member, enrol

HMAC_KEY, TOKEN = b"k" * 32, b"t" * 32


@dataclass
class Rig:
    """The parts, and the fleet that stands in the old cloud."""

    clock: VirtualClock
    old: SimulatedCloud
    new: SimulatedCloud
    journal: Journal
    engine: Engine
    operations: EngineOperations
    fleet: list[Member]
    room: MachineRoom

    def with_journal(self, directory: Path) -> "Rig":
        """Return another ephyrad on the same clouds, with the journal of another directory."""
        directory.mkdir(exist_ok=True)
        journal = Journal.open(directory, KeyRing.open(directory / "keys"), self.clock.now)
        limit = self.engine.tuning().max_in_flight
        engine = _engine(journal, Clouds(self.old, self.new), self.clock, limit)
        return replace(self, journal=journal, engine=engine, operations=_operations(engine))

    def turn(self) -> bool:
        """Take one turn that is due; False where none is."""
        return self.engine.crew.take_one(lambda ready: random.Random(0).choice(list(ready)))

    def run(self, seconds: float) -> None:
        """Take every turn that comes due within so many seconds of virtual time."""
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            self.engine.rollouts.look()
            while self.turn():
                pass
            pause = self.engine.crew.due_in()
            self.clock.advance(min(pause or 10.0, 10.0))
            # The sweep's part: whatever changed, it is looked at.
            for node in self.engine.unfinished():
                self.engine.crew.wake(node)


def rig(
    directory: Path,
    *kinds: Kind,
    limit: int = 3,
    gates: Gates | None = None,
    tell: Tell = nobody,
) -> Rig:
    """Return an engine that was asked nothing yet."""
    clock = VirtualClock()
    room = MachineRoom(clock)
    old, new = (
        SimulatedCloud(
            name,
            clock,
            room,
            rng=random.Random(name.value),
            settings=IronicSettings(release=release, host=f"{name}-conductor"),
        )
        for name, release in (
            (CloudName.OLD, RELEASE_2023_1),
            (CloudName.NEW, RELEASE_2026_2),
        )
    )
    fleet = enrol(
        kinds, old=old, new=new, room=room, clock=clock, rng=random.Random(0), furnished=True
    )
    directory.mkdir(exist_ok=True)
    journal = Journal.open(directory, KeyRing.open(directory / "keys"), clock.now)
    engine = _engine(journal, Clouds(old, new), clock, limit, gates, tell=tell)
    return Rig(clock, old, new, journal, engine, _operations(engine), fleet, room)


def _engine(
    journal: Journal,
    clouds: Clouds,
    clock: VirtualClock,
    limit: int,
    gates: Gates | None = None,
    *,
    tell: Tell = nobody,
) -> Engine:
    reclaim = ReclaimPolicy(Credentials((HMAC_KEY,), (TOKEN,)))
    tuning = Tuning(Policy(names=BY_NAME), limit, 60.0, clock.now() - clock.now(), reclaim)
    return Engine(
        journal,
        clouds,
        lambda _uuid, _name: {},
        tuning=lambda: tuning,
        workers=1,
        clock=clock.now,
        monotonic=clock.monotonic,
        gates=gates,
        tell=tell,
    )


def _operations(engine: Engine) -> EngineOperations:
    return EngineOperations(engine, lambda _name: BusAnswer("listening", None, 0), "1.0")

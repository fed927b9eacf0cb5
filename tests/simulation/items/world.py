# SPDX-License-Identifier: Apache-2.0
"""The world of items: two clouds, their people, and the environment's real engine and journal.

Everything happens on one thread and one virtual clock, in an order that the seed decides.
"""

import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ephyrad.engine.answers import OperationError
from ephyrad.engine.environment.engine import EnvironmentTuning
from ephyrad.engine.environment.look import Environments
from ephyrad.engine.environment.people import Rules
from ephyrad.engine.perform import Clouds
from ephyrad.environment import entries as words
from ephyrad.environment.entries import Entry
from ephyrad.environment.item import ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.environment.problems import Cause
from ephyrad.journal.database import FILE_NAME
from ephyrad.migration.facts import CloudName
from ephyrad.migration.identity import By, Rule
from ephyrad.secrets.keys import KeyRing
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.records import RELEASE_2023_1, RELEASE_2026_2
from ephyrad.testing.settings import IronicSettings
from tests.simulation.boundary import Boundaries, Crash
from tests.simulation.items.auditor import Auditor
from tests.simulation.items.clouds import BoundedEnvironment
from tests.simulation.items.people import People
from tests.simulation.items.process import Process, Surroundings
from tests.simulation.items.truth import ACTIVE, KINDS, Key, Truth, is_equal, there, truth_of
from tests.simulation.mail import Mail, Mailroom
from tests.simulation.tally import Tally
from tests.simulation.trace import Trace
from tests.simulation.weather import Climate, Weather

CALM = 3 * 3600.0
"""How many seconds of good weather are enough: what was refused is tried again after one hour."""

_STAYS = frozenset({Cause.UNREACHABLE, Cause.STUCK, Cause.MISSING})
"""What is no reason for an item's not being carried, once the weather is good."""


class _Told(NamedTuple):
    """What an item was when it was read."""

    key: Key
    at: float
    truth: Any


"""When an item was read, and how it truly was then."""


class Astray(AssertionError):
    """An item is not equal in the new cloud, and no problem says why."""


class Objected(AssertionError):
    """The auditor objected."""


@dataclass(frozen=True)
class ItemPlan:
    """What a run is made of; all else comes from the seed.

    `storm`: for how many seconds the weather lasts. `loses`: the chance that a crash costs the
    journal. `deletions`: of which kinds the policy has deletions done. `cuts`: the chance that the
    bytes of an image break off. `runbooks`: both clouds are of a release that has them.
    """

    seed: int
    climate: Climate = field(default_factory=Climate)
    deletions: frozenset[Kind] = frozenset()
    sweep_interval: float = 300.0
    cuts: float = 0.0
    runbooks: bool = False
    storm: float = 3600.0
    loses: float = 0.0
    mail: Mail = Mail.FRESH


class ItemWorld:
    """One run. `directory` is for the journal."""

    def __init__(self, plan: ItemPlan, directory: Path) -> None:
        self.plan = plan
        self.clock = VirtualClock()
        self.trace = Trace(self.clock)
        self.tally = Tally()
        self.boundaries = Boundaries()
        self.process: Process | None = None
        self._asked_for: Kind | None = None
        self._directory = directory
        self._steps = self._rng("steps")
        self._cuts = self._rng("cuts")
        self._set_back = 0.0
        self.weather = Weather(plan.climate, self._rng("weather"), self.tally)
        self.mailroom = Mailroom(plan.mail, self._rng("mail"), self.tally)
        self.old, self.new = self._cloud(CloudName.OLD), self._cloud(CloudName.NEW)
        self.auditor = Auditor(self.old, self.new, self.clock, plan.deletions, self.trace.add)
        environments = Environments(self._environment(self.old), self._environment(self.new))
        environments.new.began = self._began  # type: ignore[attr-defined]
        self._looked: dict[str, float] = {}
        self._shown: dict[str, tuple[Any, Any]] = {}
        self._around = Surroundings(
            directory,
            KeyRing.open(directory / "keys"),
            Clouds(self.old, self.new),
            environments,
            self.boundaries,
            self.clock,
            self._written,
        )
        self.people = People(
            self.old,
            self.new,
            self.auditor,
            clock=self.clock,
            rng=self._rng("people"),
            trace=self.trace,
            kinds=[kind for kind in KINDS if plan.runbooks or kind is not Kind.RUNBOOK],
        )
        self._begin()

    def _rng(self, name: str) -> random.Random:
        return random.Random(f"{self.plan.seed} items {name}")

    def _cloud(self, name: CloudName) -> SimulatedCloud:
        is_late = name is CloudName.NEW or self.plan.runbooks
        release = RELEASE_2026_2 if is_late else RELEASE_2023_1
        room = MachineRoom(self.clock)
        settings = IronicSettings(release=release)
        return SimulatedCloud(name, self.clock, room, rng=self._rng(name.value), settings=settings)

    def _environment(self, cloud: SimulatedCloud) -> BoundedEnvironment:
        made = BoundedEnvironment(cloud, self.boundaries, self.trace, self.clock.monotonic)
        made.read_one = partial(self._looks, cloud)
        made.reread = partial(self._looks_again, cloud)
        made.lag = self.weather.lag
        made.cuts = self._cut
        return made

    def _begin(self) -> None:
        for cloud in (self.old, self.new):
            cloud.troubles.weather = self.weather.trouble
            cloud.latency = self.weather.latency
            self.mailroom.watch(cloud.bus)
            cloud.bus.deliver(self.mailroom.deliver, self.weather.fate, self.weather.spoil)
        self.boundaries.dies = lambda _number, _name: self.weather.strikes("crash")
        self.people.begin()
        self.clock.call_later(600.0, self._operator)
        self._minute()

    def _minute(self) -> None:
        """Have the wall clocks jump every now and then."""
        self.clock.call_later(60.0, self._minute)
        if self.weather.strikes("jump"):
            hours = self._steps.choice((-1, 1, 30))
            self.trace.add(f"ephyrad is told of it: the clock jumps by {hours} hours")
            self.clock.jump(timedelta(hours=hours))
            # So much longer last the waits that had begun.
            self._set_back += max(-hours, 0) * 3600.0

    def _operator(self) -> None:
        """Have somebody ask for a kind every now and then, whatever stands in its way."""
        self.clock.call_later(self._steps.expovariate(1 / 900.0), self._operator)
        if self.people.working:
            self._asked_for = self._steps.choice(KINDS)

    def _ask(self, process: Process, kind: Kind) -> None:
        self._asked_for = None
        self.trace.add(f"the operator asks for every {kind}")
        with contextlib.suppress(OperationError):
            process.operations.environment_sync([kind], [], by="operator")

    # What ephyrad does, as the auditor is told of it

    @property
    def _item(self) -> str:
        """The item whose turn is taken."""
        return self.process.working_on[-1] if self.process and self.process.working_on else ""

    def _looks(self, cloud: SimulatedCloud, kind: Kind, key: str) -> _Told:
        told = _Told((kind, key), self.clock.monotonic(), truth_of(cloud).get((kind, key)))
        self._looks_again(cloud, told)
        return told

    def _looks_again(self, cloud: SimulatedCloud, told: _Told) -> None:
        """Note what the turn's own item was when it was looked at; others are read in it too."""
        if not self._item:
            return
        key = _key(ItemId.parse(self._item))
        old, new = self._shown.get(self._item, (None, None))
        if cloud is self.old and told.key == key:
            self._looked[self._item] = told.at
            self._shown[self._item] = (told.truth, None)
        elif cloud is self.new and told.key == there(key) and new is None:
            self._looked[self._item] = min(told.at, self._looked.get(self._item, told.at))
            self._shown[self._item] = (old, told.truth)

    def _cut(self) -> bool:
        struck = self.people.working and self._cuts.random() < self.plan.cuts
        if struck:
            self.tally.add("fault", "cut")
        return struck

    def _in(self, cloud: SimulatedCloud, item: str) -> Any:
        key = _key(ItemId.parse(item))
        return truth_of(cloud).get(there(key) if cloud is self.new else key)

    def _began(self, call: str) -> Callable[[], None]:
        item, looked = self._item, self._looked.get(self._item, 0.0)

        def carried_out() -> None:
            self.auditor.ephyrad_did(f"{call} {item}", looked)

        return carried_out

    def _written(self, item: ItemId, entry: Entry) -> None:
        kind, body = words.kind_of(entry), words.to_json(entry)
        if kind == "trouble":
            self.tally.add("hold", body["cause"])
        self.trace.add(f"{item.key} journal: {kind} {body}")
        old, new = self._shown.get(str(item), (None, None))
        self.auditor.written(there(_key(item)), kind, body, new, old)

    # The run

    def start(self) -> None:
        """Start ephyrad on what the journal's file holds."""
        policy = EnvironmentPolicy(kept=frozenset(KINDS), deletions=self.plan.deletions)
        by_name = Rules(Rule(By.NAME), Rule(By.NAME))
        tuning = EnvironmentTuning(policy, 3, self.plan.sweep_interval, by_name)
        process = self.process = Process(self._around, tuning, self._steps)
        self.boundaries.passed = process.interleave
        self.mailroom.receive = process.receive
        self.trace.add("ephyrad starts")
        process.engine.take_up()
        self.mailroom.redeliver()

    def close(self) -> None:
        """Let ephyrad die."""
        self.mailroom.receive = None
        self.boundaries.passed = lambda _name: None
        if self.process is not None:
            self.process.die()
        self.process = None

    def _crash(self, crash: Crash) -> None:
        self.tally.crash(str(crash), "item")
        self.trace.add(f"ephyrad is killed {crash}")
        self.close()
        if self._steps.random() < self.plan.loses:
            self.tally.add("fault", "journal lost")
            self.trace.add("its journal is lost")
            for path in sorted(self._directory.glob(f"{FILE_NAME}*")):
                path.unlink()
            self.auditor.lost()

    def run(self) -> None:
        """Go through the weather, then see that in the sun all comes to its end.

        :raises Objected: the auditor objected.
        :raises Astray: an item is neither equal in the new cloud, nor is it told why.
        """
        self._until(self.plan.storm)
        self.trace.add("the weather clears")
        self.weather.clear()
        self.people.working = False
        self._until(self.plan.storm + CALM + self._set_back)
        self.auditor.at_the_end()
        self._expect_no_objection()
        self._expect_all_carried()

    def _until(self, end: float) -> None:
        while self.clock.monotonic() < end:
            try:
                self._step(end - self.clock.monotonic())
            except Crash as crash:
                self._crash(crash)
            self._expect_no_objection()

    def _step(self, longest: float) -> None:
        if self.process is None:
            self.clock.advance(min(self._steps.expovariate(1 / 30.0), longest))
            self.start()
        elif self._asked_for is not None:
            self._ask(self.process, self._asked_for)
        elif not self.process.turn():
            self.process.sweep_if_due()
            pauses = (self.clock.until_next(), self.process.pause(), longest)
            pause = min(each for each in pauses if each is not None)
            self.clock.advance(max(pause, 0.001))

    def _expect_no_objection(self) -> None:
        if self.auditor.objections:
            raise Objected(self.auditor.objections[0])

    def _expect_all_carried(self) -> None:
        new = truth_of(self.new)
        for key, value in truth_of(self.old).items():
            if not is_equal(value, new.get(there(key))) and not self._is_told(key):
                raise Astray(f"{key[0]} {key[1]}: {value}, and in the new {new.get(there(key))}")

    def _is_told(self, key: Key) -> bool:
        """Say whether a problem tells why an item is not carried, for people to mend."""
        assert self.process is not None
        known = self.process.engine.standings.of(key[0]).items or {}
        standing = known.get(ItemId(*key))
        if standing is None or standing.cause is None:
            return False
        if standing.cause in _STAYS and not self._lacks_kernel(key):
            return False
        self.tally.add("effect", "told at the end", standing.cause.value)
        return bool(standing.why.strip())

    def _lacks_kernel(self, key: Key) -> bool:
        """Say whether what an image needs is not carried either."""
        kernel = truth_of(self.old)[key].get("kernel_id")
        found = truth_of(self.new).get((Kind.IMAGE, kernel))
        return kernel is not None and (found is None or found["status"] != ACTIVE)

    def carried(self) -> Truth:
        """Return what of the old cloud is equal in the new one."""
        new = truth_of(self.new)
        old = truth_of(self.old)
        return {key: each for key, each in old.items() if is_equal(each, new.get(there(key)))}


def _key(item: ItemId) -> Key:
    return item.kind, item.key

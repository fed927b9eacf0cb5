# SPDX-License-Identifier: Apache-2.0
"""The world: two clouds, two buses, a fleet, people, and the real engine over the real journal.

Everything happens on one thread and one virtual clock, in an order that the seed decides. Other
turns, notifications and people come in wherever a call of ephyrad's to a cloud takes time.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ephyrad.engine.answers import OperationError
from ephyrad.engine.engine import Engine, Tuning
from ephyrad.engine.operations import EngineOperations
from ephyrad.engine.perform import Clouds
from ephyrad.migration.facts import CloudName
from ephyrad.migration.policy import Policy
from ephyrad.rollout.declaration import Declaration
from ephyrad.secrets.keys import KeyRing
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.records import RELEASE_2023_1, RELEASE_2026_2
from ephyrad.testing.settings import IronicSettings
from tests.simulation.auditor import Auditor
from tests.simulation.boundary import Boundaries, BoundedCloud, Crash
from tests.simulation.campaign import Campaign
from tests.simulation.campaigners import Campaigner, ChanceGates
from tests.simulation.fleet import BY_NAME, UNFIT, Kind, enrol
from tests.simulation.leaks import CANARY
from tests.simulation.mail import Mail, Mailroom
from tests.simulation.noticers import Noticers
from tests.simulation.past import Past
from tests.simulation.people import People
from tests.simulation.process import Process, Surroundings, is_refused
from tests.simulation.tally import Tally
from tests.simulation.trace import Trace
from tests.simulation.weather import Climate, Weather

# How many seconds of good weather, with an operator who mends and releases, are enough.
_PATIENCE = 2 * 86400.0
_KEPT = timedelta(days=1)
ENDS = ("compute-ready", "restored")


class Stuck(AssertionError):
    """A node did not arrive, although the weather is good and the operator mends what he can."""


class Objected(AssertionError):
    """The auditor objected."""


@dataclass(frozen=True)
class Plan:
    """What a run is made of; all else comes from the seed.

    `storm`: for how many seconds the weather lasts. `masked`: the old cloud masks secrets, until
    the operator changes the policy, so many seconds from the beginning. `furnished`: every node
    has parts of every kind. `cleans`: the old cloud's `automated_clean`. `booting`: CIs boot
    servers too, not only delete them. `killed_at`: the numbers of the boundaries at which ephyrad
    is killed, whatever the weather. `mail`: what the brokers deliver after a crash. `aborts`: how
    often a minute the operator changes his mind about a node. `aborted_in`: the state in which each
    node is aborted. `sent_about`: how many seconds pass, in the mean, until an operator has another
    node returned, or carried once more. `returned`: once all have arrived, they are asked back; "in
    use": with servers on them. `released`: CI deletes no server, and word is given that ephyrad
    may. `rollout`: the fleet is carried by it; `steered`: its operator has changing wishes, and its
    gates fail, while the storm lasts.
    """

    seed: int
    kinds: tuple[Kind, ...]
    climate: Climate = field(default_factory=Climate)
    policy: Policy = field(default_factory=Policy)
    limit: int = 3
    sweep_interval: float = 60.0
    storm: float = 3600.0
    masked: float | None = None
    furnished: bool = False
    cleans: bool = True
    booting: bool = True
    killed_at: frozenset[int] = frozenset()
    mail: Mail = Mail.FRESH
    aborts: float = 0.0
    aborted_in: str | None = None
    sent_about: float | None = None
    returned: str | None = None
    released: bool = False
    rollout: Declaration | None = None
    steered: bool = False


class World:
    """One run. `directory` is for the journal."""

    auditor_class = Auditor

    def __init__(self, plan: Plan, directory: Path) -> None:
        self.plan = plan
        self._directory = directory
        self.clock = VirtualClock()
        self.trace = Trace(self.clock)
        self.boundaries = Boundaries()
        self.room = MachineRoom(self.clock)
        self.tally = Tally()
        self.weather = Weather(plan.climate, self._rng("weather"), self.tally)
        self.old = self._cloud(CloudName.OLD)
        self.new = self._cloud(CloudName.NEW)
        self.fleet = enrol(
            plan.kinds,
            old=self.old,
            new=self.new,
            room=self.room,
            clock=self.clock,
            rng=self._rng("fleet"),
            furnished=plan.furnished,
        )
        self.old.settings.automated_clean = plan.cleans
        self.auditor = self.auditor_class(self.old, self.new, self.fleet, plan.limit, self.trace)
        self._steps = self._rng("steps")
        self.process: Process | None = None
        self.mailroom = Mailroom(plan.mail, self._rng("mail"), self.tally)
        self.crashes = 0
        self._to_abort: set[str] = set()
        self.offset = timedelta()
        self._around = Surroundings(
            directory,
            KeyRing.open(directory / "keys"),
            Clouds(self.old, self.new),
            self.boundaries,
            self.clock,
            self.now,
            self._written,
            self._secrets,
            self._rollout_written,
        )
        self.campaign: Campaign | None = None
        self.campaigner: Campaigner | None = None
        self.gates: ChanceGates | None = None
        if plan.rollout is not None:
            self._plan_rollout(plan.rollout)
        self._begin()

    def _rng(self, name: str) -> random.Random:
        return random.Random(f"{self.plan.seed} {name}")

    def _cloud(self, name: CloudName) -> BoundedCloud:
        release = RELEASE_2023_1 if name is CloudName.OLD else RELEASE_2026_2
        settings = IronicSettings(release=release, host=f"{name}-conductor")
        cloud = BoundedCloud(
            name, self.clock, self.room, rng=self._rng(name.value), settings=settings
        )
        cloud.boundaries, cloud.trace, cloud.looked = self.boundaries, self.trace, {}
        cloud.past, cloud.weather = Past(cloud.ironic, self.clock), self.weather
        return cloud

    def _begin(self) -> None:
        """Let the weather break, and people begin."""
        weather, plan = self.weather, self.plan
        for cloud in (self.old, self.new):
            cloud.troubles.weather = weather.trouble
            cloud.latency = weather.latency
            cloud.settings.fails = weather.fails
            self.mailroom.watch(cloud.bus)
            cloud.bus.deliver(self.mailroom.deliver, weather.fate, weather.spoil)
        self.new.settings.show_secrets = False
        if plan.masked is not None:
            self.old.settings.show_secrets = False
            self.clock.call_later(plan.masked, self._unmask)
        self.boundaries.dies = lambda number, name: (
            number in plan.killed_at or weather.strikes("crash")
        )
        self.people = People(
            (self.old, self.new),
            self.fleet,
            clock=self.clock,
            rng=self._rng("people"),
            weather=weather,
            trace=self.trace,
            operations=lambda: self.operations,
            aborts=plan.aborts,
            whims=self._rng("whims"),
            roles=self.auditor.roles,
        )
        if plan.sent_about is not None:
            self.people.send_about(self._rng("sent about"), plan.sent_about)
        self.noticers = Noticers(
            self.auditor.roles,
            self.fleet,
            clock=self.clock,
            rng=self._rng("noticers"),
            trace=self.trace,
            meddlers=self.people.meddlers,
            operations=lambda: self.operations,
            now=self.now,
        )
        self.people.booting, self.people.deleting = plan.booting, not plan.released
        if plan.released:
            self.noticers.give_all()
        self.people.begin()
        self.auditor.meddlers, self.auditor.now = self.people.meddlers, self.now
        self.clock.call_later(60.0, self._minute)

    def _secrets(self, node: str, name: str | None) -> Mapping[str, Any]:
        """Return what the operator's file says of a node: the new cloud masks what is to go back.

        It is written when a node is to go back, and the operator sees that it is held.
        """
        leaves, _ = self.auditor.roles(node)
        found = next(member for member in self.fleet if member.uuid == node)
        if leaves is self.old or "hold" not in self.auditor.since_asked(node):
            return {}
        return {"redfish_password": found.password, "fake_password": found.password}

    def _plan_rollout(self, declared: Declaration) -> None:
        self.campaign = Campaign((self.old, self.new), self.auditor, self.now)
        self.gates = ChanceGates(self.clock, self._rng("gates"))
        self.gates.fails = 0.3 if self.plan.steered else 0.0
        self.campaigner = Campaigner(
            declared,
            self.clock,
            self._rng("campaigner"),
            self.trace,
            lambda: self.operations,
            spoiled=lambda: self.people.meddlers.spoiled,
            calm=not self.plan.steered,
        )

    def _unmask(self) -> None:
        self.old.settings.show_secrets = True

    def _minute(self) -> None:
        """What may happen to the services themselves, each minute."""
        self.clock.call_later(60.0, self._minute)
        for cloud in (self.old, self.new):
            if self.weather.strikes("restart"):
                self.trace.add(f"the {cloud.name} conductor dies and is started again")
                cloud.ironic.conductor.restart()
            assert cloud.nova is not None
            cloud.nova.stalled = self.weather.strikes("stall") or (
                cloud.nova.stalled and self._steps.random() < 0.7
            )
            full = self.weather.strikes("full")
            cloud.settings.max_concurrent_clean = 0 if full else 50
        if self.process is not None:
            self.process.trim(_KEPT)
            if self.weather.strikes("second"):
                self._second()
        if self.weather.strikes("noticing"):
            self.noticers.act()
        if self.weather.strikes("jump"):
            # Set back by days, its clock has one node of a rollout after the other wait for days.
            hours = self._steps.choice((-30, -1, 1, 30) if self.campaign is None else (-1, 1))
            self.trace.add(f"the clock of ephyrad's machine jumps by {hours} hours")
            self.offset += timedelta(hours=hours)
            self.auditor.jumped = self.clock.monotonic()
        for machine in self.room.machines.values():
            if not machine.answers:
                machine.answers = self._steps.random() < 0.3 or not self.weather.climate.outage
            else:
                machine.answers = not self.weather.strikes("outage")

    def _second(self) -> None:
        """Somebody starts ephyrad once more, on the same state directory."""
        self.trace.add("somebody starts a second ephyrad")
        if not is_refused(self._directory):
            self.auditor.started()
            self.auditor.ended()

    def now(self) -> datetime:
        """Return the time of ephyrad's machine, whose clock is not that of the clouds."""
        return self.clock.now() + self.offset

    # ephyrad's process

    @property
    def engine(self) -> Engine | None:
        """The engine of ephyrad's process, None while there is none."""
        return self.process.engine if self.process else None

    @property
    def operations(self) -> EngineOperations | None:
        """What an operator may ask of it, None while there is none."""
        return self.process.operations if self.process else None

    def start(self) -> None:
        """Start ephyrad on what the journal's file holds."""
        tuning = Tuning(
            policy=replace(self.plan.policy, names=BY_NAME),
            max_in_flight=self.plan.limit,
            sweep_interval=self.plan.sweep_interval,
            keep_notifications=_KEPT,
        )
        process = self.process = Process(self._around, tuning, self._steps, self.gates)
        self.auditor.started()
        self.boundaries.passed = process.interleave
        self.mailroom.receive = process.receive
        self.trace.add(f"ephyrad starts; {len(process.journal.migrations())} migrations")
        process.begin()
        self._abort()
        self.mailroom.redeliver()

    def crash(self, crash: Crash) -> None:
        """Kill ephyrad: forget all that was in memory."""
        self.crashes += 1
        self.trace.add(f"ephyrad is killed {crash}")
        state = self.auditor.state(crash.node) if crash.node else "no node's"
        self.tally.crash(str(crash), state)
        self._end()

    def _end(self) -> None:
        self.mailroom.receive = None
        self.boundaries.passed = lambda name: None
        if self.process is not None:
            self.process.die()
            if self.gates is not None:
                self.gates.stop()
            self.auditor.ended()
        self.process = None

    def _written(self, node: str, kind: str, body: dict[str, Any]) -> None:
        self.tally.entry(node, kind, body)
        self.auditor.written(node, kind, body)
        if self.campaign is not None:
            self.campaign.written(node, kind, body)
        if kind == "transition" and body["dest"] == self.plan.aborted_in:
            self._to_abort.add(node)
            self.clock.call_later(1.0, self._abort)
        if kind == "aborting":
            self._to_abort.discard(node)

    def _abort(self) -> None:
        """Have the operator abort what the plan says, now or when ephyrad has started again."""
        for node in sorted(self._to_abort) if self.operations else ():
            assert self.operations is not None
            self.operations.abort(node, by="operator")

    def _rollout_written(self, at: datetime, kind: str, body: dict[str, Any]) -> None:
        self.trace.add(f"the rollout's journal: {kind} {body.get('wave', '')}")
        self.tally.add("rollout", kind, str(body.get("cause") or body.get("result") or ""))
        assert self.campaign is not None
        self.campaign.rollout_written(at, kind, body)

    def _turn(self) -> bool:
        return self.process is not None and self.process.turn()

    def close(self) -> None:
        """Close the journal's file, and forget ephyrad."""
        self._end()

    # The run

    def ask(self) -> None:
        """Ask for the whole fleet to be carried, until it is taken on."""
        while True:
            try:
                self.step(1.0)
                if self.operations is not None:
                    self._ask(self.operations)
                    return
            except OperationError:
                self.step(10.0)
            except Crash as crash:
                self.crash(crash)

    def _ask(self, operations: EngineOperations) -> None:
        if self.campaigner is None:
            operations.migrate_all(by="operator")
        else:
            self.campaigner.start(operations)
            self.campaigner.begin()

    def run(self) -> None:
        """Carry the fleet through the weather, then in the sun, until nothing is left to do.

        :raises Objected: an invariant was broken.
        :raises Stuck: a node is neither compute-ready nor held at the end.
        """
        self.ask()
        end_of_storm = self.clock.monotonic() + self.plan.storm
        self._until(end_of_storm)
        if self.plan.returned is not None:
            self._send_back(in_use=self.plan.returned == "in use")
            self._until(self.clock.monotonic() + self.plan.storm)
        self.weather.clear()
        self.offset = timedelta()
        self.people.booting = False
        self.people.aborts = 0.0
        if self.campaigner is not None and self.gates is not None:
            self.campaigner.calm, self.gates.fails = True, 0.0
        self.trace.add("the weather clears")
        self._until(self.clock.monotonic() + _PATIENCE)
        self._expect_all_settled()
        self._expect_secrets_wiped()
        self.auditor.at_the_end()
        self._expect_no_objection()

    def _send_back(self, *, in_use: bool) -> None:
        """Ask for the whole fleet to be returned, until it is taken on."""
        nodes = [member.uuid for member in self.fleet]
        for node in nodes if in_use else ():
            assert self.new.nova is not None
            assert self.new.nova.boot(node) is not None, node
        self.clock.advance(300.0)
        while True:
            try:
                if self.operations is None:
                    self.start()
                assert self.operations is not None
                self.operations.return_nodes(nodes, by="operator")
                return
            except OperationError:
                self.step(10.0)
            except Crash as crash:
                self.crash(crash)

    def _until(self, end: float) -> None:
        while self.clock.monotonic() < end and not self._arrived():
            self.step(end - self.clock.monotonic())

    def step(self, longest: float) -> None:
        """Do one thing: start ephyrad, take a turn, sweep a cloud, or let time pass."""
        try:
            self._step(longest)
        except Crash as crash:
            self.crash(crash)
        self._expect_no_objection()

    def _expect_no_objection(self) -> None:
        if self.auditor.objections:
            raise Objected(str(self.auditor.objections[0]))

    def _step(self, longest: float) -> None:
        if self.process is None:
            self.clock.advance(min(self._steps.expovariate(1 / 30.0), longest))
            self.start()
        elif not self._turn():
            self.process.sweep_if_due()
            self.process.drive_if_due()
            pauses = (self.clock.until_next(), self.process.pause(), longest)
            pause = min(each for each in pauses if each is not None)
            self.clock.advance(max(pause, 0.001))

    def _arrived(self) -> bool:
        """Whether every node has come as far as it can: the unfit are to be held for good."""
        if self.process is None:
            return False
        migrations = self.process.journal.migrations()
        may_be_held = self.may_be_held()
        if self.campaign is not None and not self.campaign.all_asked:
            return False
        return all(
            each.over or (each.node in may_be_held and each.hold is not None) for each in migrations
        )

    def may_be_held(self) -> set[str]:
        """Return the nodes that need not arrive: the unfit, and those that people spoiled."""
        unfit = {member.uuid for member in self.fleet if member.kind in UNFIT}
        return unfit | self.people.meddlers.spoiled

    def states(self) -> dict[str, str]:
        """Return how each node stands."""
        assert self.operations is not None
        return {
            answer.node: f"held: {answer.cause}"
            if answer.held
            else "restored"
            if answer.node in self._restored()
            else answer.state
            for answer in self.operations.nodes()
        }

    def _restored(self) -> set[str]:
        """Return the nodes that were aborted and are back in the old cloud."""
        assert self.process is not None
        return {each.node for each in self.process.journal.migrations() if each.restored}

    def _expect_secrets_wiped(self) -> None:
        assert self.process is not None
        journal = self.process.journal
        for migration in journal.migrations():
            document = journal.document(migration.node) if migration.over else None
            if document is not None and CANARY in str((document.node, document.parts)):
                raise Objected(f"I3 broken: the secrets of {migration.name} were not wiped")

    def straggler(self) -> str | None:
        """Return a node that has not arrived and is not meant to be held."""
        if self.operations is None:
            return None
        late = [node for node, end in self.states().items() if end not in ENDS]
        return next((node for node in late if node not in self.may_be_held()), None)

    def _expect_all_settled(self) -> None:
        if not self._arrived():
            assert self.operations is not None
            ends = self.states()
            stuck = [each for each in self.operations.nodes() if ends[each.node] not in ENDS]
            raise Stuck("; ".join(f"{n.name} ({n.node}) {n.state}: {n.doing}" for n in stuck))

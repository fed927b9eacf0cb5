# SPDX-License-Identifier: Apache-2.0
"""The forecast: what would become of a rollout, by its own decisions and by how long nodes took.

It is the rollout played through with the very decision that drives it. What nobody can know is left
out: owners who use their nodes stay where they are, unless the file has their instances deleted,
and gates pass at once.
"""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ephyrad.migration.direction import Direction
from ephyrad.migration.entries import Noticed
from ephyrad.migration.facts import Provision
from ephyrad.migration.migration import Migration
from ephyrad.migration.states import State
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.decide import kept, next_move
from ephyrad.rollout.declaration import Declaration
from ephyrad.rollout.entries import Approved, GateBegun, GateEnded, Opened, Started
from ephyrad.rollout.moves import (
    BeginNodes,
    GiveNotice,
    OpenWave,
    Pause,
    RecallNotice,
    Rest,
    TryGate,
)
from ephyrad.rollout.notices import giver, to_give
from ephyrad.rollout.rollout import Rollout, evolve, start
from ephyrad.rollout.selection import belongs, limit_keys
from ephyrad.rollout.standing import Fleet, Standing
from ephyrad.rollout.verdict import Result
from ephyrad.rollout.waves import member_of
from ephyrad.rollout.windows import Zones

_LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Point:
    """What both clouds have available, by resource class, when a wave begins or all is over."""

    at: datetime
    wave: int
    old: Mapping[str, int]
    new: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would become of it.

    `waves`: the wave of each node that gets into one. `points`: the capacity over time. `end`: when
    the last node arrives that need not wait for its owner. `left`: why nothing happens after that,
    in words. `arrivals`: the moment of each, in order. `kept`: which nodes of the last wave are
    not begun with even then, and why, in words.
    """

    waves: Mapping[str, int]
    points: tuple[Point, ...]
    end: datetime
    arrived: int
    left: str
    arrivals: tuple[datetime, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long an idle node takes from its beginning to its arrival; how many slots there are."""

    carry: timedelta
    slots: int


class _Play:
    def __init__(self, standing: Standing, pace: Pace, zones: Zones, unfit: frozenset[str]) -> None:
        self.rollout = standing.rollout
        self.at = standing.fleet.at
        self.pace = pace
        self.zones = zones
        # What is left of the fleet is changed in place: a copy for each node would be quadratic.
        self.old = dict(standing.fleet.old)
        self.new = dict(standing.fleet.new)
        self.migrations = dict(standing.fleet.migrations)
        for node in unfit:
            self.leaving.pop(node, None)
        self.arrivals: list[tuple[datetime, str]] = []
        self.notices: list[tuple[datetime, str]] = []
        self.points: list[Point] = []
        self.arrived: list[datetime] = []
        self.end = self.at
        self._take_up(standing)

    @property
    def leaving(self) -> dict[str, Candidate]:
        return self.old if self._forward else self.new

    @property
    def entering(self) -> dict[str, Candidate]:
        return self.new if self._forward else self.old

    @property
    def _forward(self) -> bool:
        return self.rollout.declared.direction is Direction.FORWARD

    def _take_up(self, standing: Standing) -> None:
        """Let what is under way already go on: it occupies slots, and arrives."""
        for each in standing.fleet.migrations.values():
            mine = each.direction is self.rollout.declared.direction
            if not mine or each.over or each.hold or standing.waits_for_owner(each):
                continue
            if each.aborting:
                back = replace(each, aborting=False, restored=True, since=self.at)
                self.migrations[each.node] = back
            else:
                begun = replace(each, state=State.CLEANING, released=False)
                self.migrations[each.node] = begun
                due = max(self.at, each.since + self.pace.carry)
                heapq.heappush(self.arrivals, (due, each.node))

    def run(self) -> str:
        limit = self.at + _LONGEST
        while self.at < limit:
            standing = Standing(self.rollout, Fleet(self.at, self.old, self.new, self.migrations))
            move = next_move(standing, room=self.pace.slots - len(self.arrivals), zones=self.zones)
            match move:
                case OpenWave(number, rule, nodes):
                    self.mark(number)
                    keys = limit_keys(self.rollout.declared)
                    members = tuple(member_of(node, keys) for node in nodes)
                    self._tell(Opened(self.at, number, rule, members))
                case BeginNodes(nodes):
                    for node in nodes:
                        self._begin(node)
                case TryGate(wave, gate):
                    self._tell(GateBegun(self.at, f"{wave}-{gate}", wave, gate))
                    self._tell(GateEnded(self.at, f"{wave}-{gate}", Result.PASS, "", ""))
                case GiveNotice():
                    self._give_notices(standing, move)
                case RecallNotice(nodes):
                    for uuid in nodes:
                        self.migrations[uuid] = replace(self.migrations[uuid], notice=None)
                case Pause(reason=reason):
                    return f"it pauses: {reason}"
                case Rest(why, again):
                    if not (self._pass_time(again) or self._approve()):
                        return why
                case _:
                    return ""
        return f"it would not be over within {_LONGEST.days} days"

    def _tell(self, entry: Opened | GateBegun | GateEnded | Approved) -> None:
        self.rollout = evolve(self.rollout, entry)

    def _begin(self, node: Candidate) -> None:
        way = self.rollout.declared.direction
        migration = Migration(
            node.uuid, node.facts.name, self.at, "", self.at, intents=1, direction=way
        )
        if node.in_use:
            self.migrations[node.uuid] = replace(migration, was_in_use=True)
            return
        self.migrations[node.uuid] = replace(migration, state=State.CLEANING)
        heapq.heappush(self.arrivals, (self.at + self.pace.carry, node.uuid))

    def _give_notices(self, standing: Standing, first: GiveNotice) -> None:
        # One by one would be quadratic; but by floors each decides on the next.
        due = [first] if self.rollout.declared.floors else list(to_give(standing))
        for each in due:
            noticed = Noticed(self.at, each.instance, each.not_before, giver(self.rollout))
            known = self.migrations[each.node]
            self.migrations[each.node] = replace(known, notice=noticed)
            heapq.heappush(self.notices, (each.not_before, each.node))

    def _pass_time(self, again: datetime | None) -> bool:
        """Let the next thing happen, or the time come that is waited for; False: nothing comes."""
        known = [each[0][0] for each in (self.arrivals, self.notices) if each]
        moments = known if again is None else [*known, again]
        if not moments:
            return False
        self.at = min(moments)
        while self.arrivals and self.arrivals[0][0] == self.at:
            self.end = self.at
            self._arrive(heapq.heappop(self.arrivals)[1])
        while self.notices and self.notices[0][0] == self.at:
            self._release(heapq.heappop(self.notices)[1])
        return True

    def _release(self, node: str) -> None:
        """Have the instance of a node deleted whose notice is over, and the node on its way."""
        migration = self.migrations[node]
        if migration.notice is not None and node in self.leaving:
            self.leaving[node] = idle(self.leaving[node])
            self.migrations[node] = replace(migration, state=State.CLEANING, notice=None)
            heapq.heappush(self.arrivals, (self.at + self.pace.carry, node))

    def _arrive(self, node: str) -> None:
        self.arrived.append(self.at)
        self.migrations[node] = replace(
            self.migrations[node], state=State.COMPUTE_READY, since=self.at
        )
        # Of one that was under way, the record that it leaves may be gone.
        found = self.leaving.pop(node, None) or self.entering.get(node)
        if found is not None:
            self.entering[node] = idle(found)

    def kept(self) -> Mapping[str, str]:
        standing = Standing(self.rollout, Fleet(self.at, self.old, self.new, self.migrations))
        return kept(standing, self.pace.slots - len(self.arrivals))

    def _approve(self) -> bool:
        wave = self.rollout.wave
        if wave is None or wave.approved_by is not None or not self.rollout.declared.gates:
            return False
        self._tell(Approved(self.at, "", wave.number))
        return True

    def mark(self, wave: int) -> None:
        self.points.append(Point(self.at, wave, _available(self.old), _available(self.new)))


def forecast(
    standing: Standing, *, pace: Pace, zones: Zones, unfit: frozenset[str] = frozenset()
) -> Forecast:
    """Play a rollout through from where it stands; `unfit` nodes stay where they are."""
    play = _Play(standing, pace, zones, unfit)
    left = play.run()
    play.mark(0)
    waves = {member.node: wave.number for wave in play.rollout.waves for member in wave.members}
    return Forecast(
        waves=waves,
        points=tuple(play.points),
        end=play.end,
        arrived=len(play.arrived),
        left=left,
        arrivals=tuple(play.arrived),
        kept=play.kept(),
    )


def imagined(declared: Declaration, fleet: Fleet) -> Standing:
    """Return a rollout that would be started now."""
    leaving = fleet.leaving(declared.direction)
    selected = sum(belongs(declared, node) for node in leaving.values())
    begun = Started(fleet.at, "", declared, selected)
    rollout: Rollout = start(declared.name, begun)
    return Standing(rollout, fleet)


def idle(node: Candidate) -> Candidate:
    """Return a node as it would be without an instance, and free."""
    facts = replace(
        node.facts,
        provision_state=Provision.AVAILABLE,
        instance_uuid=None,
        maintenance=False,
        retired=False,
    )
    return replace(node, facts=facts)


def _available(nodes: Mapping[str, Candidate]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for node in nodes.values():
        if node.available:
            of = node.facts.resource_class or ""
            found[of] = found.get(of, 0) + 1
    return found

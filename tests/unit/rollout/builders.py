# SPDX-License-Identifier: Apache-2.0
"""Rollouts, fleets and migrations, to say in a test only what it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import NodeFacts, Provision
from ephyrad.migration.migration import Migration, OnHold
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.decide import next_move
from ephyrad.rollout.declaration import Declaration, Selection
from ephyrad.rollout.entries import Entry, Member, Opened, Started
from ephyrad.rollout.moves import BeginNodes, Move, OpenWave, Rest
from ephyrad.rollout.rollout import Rollout, evolve, start
from ephyrad.rollout.standing import Fleet, Standing

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
"""A Wednesday."""
MINUTE = timedelta(minutes=1)


def zones(name: str) -> tzinfo:
    return ZoneInfo(name)


def node(name: str, *, instance: str | None = None, **fields: Any) -> Candidate:
    """A node, available or with an instance on it. Its UUID is its name."""
    facts = NodeFacts(
        name,
        name,
        fields.pop("state", Provision.ACTIVE if instance else Provision.AVAILABLE),
        instance_uuid=instance,
        resource_class=fields.pop("resource_class", "baremetal"),
        maintenance=fields.pop("maintenance", False),
    )
    return Candidate(facts, **fields)


def migration(
    name: str, state: State = State.ACTIVE, *, at: datetime = NOON, **more: Any
) -> Migration:
    more = {"intents": 0 if state is State.ACTIVE else 3, **more}
    return Migration(name, name, at, "rollout spring", more.pop("since", at), state=state, **more)


def held(
    name: str,
    *,
    at: datetime = NOON,
    cause: Cause = Cause.UNVERIFIED,
    reason: str = "no answer",
) -> Migration:
    hold = OnHold(at, cause, reason, lifts_itself=False)
    return migration(name, State.TRANSFERRED, hold=hold)


def arrived(name: str, *, at: datetime = NOON) -> Migration:
    return migration(name, State.COMPUTE_READY, since=at)


def aborted(name: str, *, at: datetime = NOON, since: datetime = NOON) -> Migration:
    """A node that was asked for, and that is back where it was since then."""
    return migration(name, at=at, since=since, intents=3, restored=True)


@dataclass
class Story:
    """A rollout and its fleet as they become in a test."""

    nodes: Iterable[Candidate] = ()
    new: list[Candidate] = field(default_factory=list)
    declared: Declaration = field(default_factory=lambda: Declaration("spring", (Selection(),)))
    at: datetime = NOON
    journeys: dict[str, Migration] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.old = {each.uuid: each for each in self.nodes}
        begun = Started(self.at, "operator", self.declared, len(self.old))
        self.rollout: Rollout = start(self.declared.name, begun)

    def declares(self, **changes: Any) -> "Story":
        self.declared = replace(self.declared, **changes)
        self.rollout = replace(self.rollout, declared=self.declared)
        return self

    def tell(self, *entries: Entry) -> "Story":
        for entry in entries:
            self.rollout = evolve(self.rollout, entry)
        return self

    def returns(self) -> "Story":
        """Turn the rollout round: the nodes are in the new cloud."""
        self.new, self.old = list(self.old.values()), {}
        return self.declares(direction=Direction.BACK)

    def opened(self, *names: str, **values: Mapping[str, str]) -> "Story":
        number = len(self.rollout.waves)
        rule = self.declared.waves[min(number, len(self.declared.waves) - 1)].name
        members = tuple(Member(name, name, values.get(name, {})) for name in names)
        return self.tell(Opened(self.at, number + 1, rule, members))

    def has(self, *journeys: Migration) -> "Story":
        self.journeys |= {each.node: each for each in journeys}
        return self

    @property
    def standing(self) -> Standing:
        new = {each.uuid: each for each in self.new}
        return Standing(self.rollout, Fleet(self.at, self.old, new, self.journeys))

    def move(self, *, room: int = 10, under_way: Iterable[str] = ()) -> Move:
        return next_move(self.standing, room=room, zones=zones, under_way=set(under_way))

    def opens(self) -> list[str]:
        """Which nodes the next wave has."""
        move = self.move()
        assert isinstance(move, OpenWave), move
        return [each.uuid for each in move.nodes]


def begun(story: Story, room: int = 1) -> str | None:
    """The nodes that are begun with next, by their names; None: there is none."""
    move = story.move(room=room)
    return "".join(node.uuid for node in move.nodes) if isinstance(move, BeginNodes) else None


def why(story: Story, room: int = 9, under_way: tuple[str, ...] = ()) -> str:
    """What is waited for, in words."""
    move = story.move(room=room, under_way=under_way)
    assert isinstance(move, Rest), move
    return move.why

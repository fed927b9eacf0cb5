# SPDX-License-Identifier: Apache-2.0
"""What the engine answers to operators about rollouts: frozen types of plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ephyrad.rollout.declaration import Declaration


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """A gate of a wave: `result` is None while it is tried, `words` say why it passed or not."""

    gate: str
    began: datetime
    ended: datetime | None
    result: str | None
    words: str
    output: str


@dataclass(frozen=True, slots=True)
class WaveAnswer:
    """A wave that was opened. Its nodes by how they stand; the gates that were tried after it."""

    number: int
    rule: str
    opened: datetime
    nodes: int
    arrived: int
    held: int
    back: int
    approved_by: str | None
    gates: tuple[GateAnswer, ...]


@dataclass(frozen=True, slots=True)
class HeldAnswer:
    """A node that is held: since when, the `cause` in one word, the `reason` in words."""

    node: str
    name: str | None
    since: datetime
    cause: str
    reason: str


@dataclass(frozen=True, slots=True)
class FlyingAnswer:
    """A node that is in flight, and since when it is in its `state`.

    `aborted`: it turned round, and goes back to the cloud that it came from.
    """

    node: str
    name: str | None
    state: str
    since: datetime
    aborted: bool = False


@dataclass(frozen=True, slots=True)
class RolloutAnswer:
    """Where a rollout stands, in short. Times are UTC.

    `reason` says in words why it pauses or how it ended, `waits_for` what it waits for otherwise.
    `nodes`: all that are its, as far as is known; of them `begun` were asked for, and of those so
    many are `in_flight`, `waiting` for their owners, `held`, `arrived`, or went `back`: they were
    aborted or returned, or are about to be back. Of those in flight and of those held, the longest
    first, are the first 20 in `in_flight_nodes` and `held_nodes`.

    `pace`: how many arrived within the last hour. `eta`: when all that need not wait for their
    owners would have arrived at that pace, None where `eta_unknown` says why nobody can tell.
    """

    name: str
    status: str
    since: datetime
    by: str
    cause: str | None
    reason: str
    waits_for: str
    direction: str
    started_at: datetime
    started_by: str
    nodes: int
    begun: int
    in_flight: int
    waiting: int
    held: int
    arrived: int
    back: int
    waves: tuple[WaveAnswer, ...]
    pace: int = 0
    eta: datetime | None = None
    eta_unknown: str = ""
    in_flight_nodes: tuple[FlyingAnswer, ...] = ()
    held_nodes: tuple[HeldAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class RolloutEntryAnswer:
    """One entry of a rollout's journal."""

    seq: int
    at: datetime
    kind: str
    summary: str


@dataclass(frozen=True, slots=True)
class ChangeAnswer:
    """What a changed file changes at a place in it, in the file's words: None where nothing is."""

    place: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class PlannedAnswer:
    """A node of the cloud that a rollout would leave: its wave, or None and why it gets in none.

    `why` also says of a node in a wave what only its owner decides, or which floor keeps it.
    """

    node: str
    name: str | None
    wave: int | None
    why: str


@dataclass(frozen=True, slots=True)
class PointAnswer:
    """What both clouds have available by resource class when a wave begins; 0: at the end."""

    at: datetime
    wave: int
    old: Mapping[str, int]
    new: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """What would become of a rollout. Times are UTC.

    `nodes` are all of the cloud that it would leave, first those in waves, in their order.
    `arrived` of them would have arrived by `end`, where a node takes `carry_seconds`; `left` says
    what is waited for then, in words. `measured`: that time is the median of what was carried so
    far, and not a guess.
    """

    name: str
    selected: int
    nodes: tuple[PlannedAnswer, ...]
    points: tuple[PointAnswer, ...]
    end: datetime
    arrived: int
    left: str
    carry_seconds: float
    measured: bool


class RolloutOperations(Protocol):
    """What operators can ask about rollouts.

    Each method may raise :class:`ephyrad.engine.answers.OperationError`. `by` names who asks.
    """

    def plan(self, declared: Declaration) -> PlanAnswer:
        """Return what would become of a rollout; change nothing."""

    def start(self, declared: Declaration, *, by: str) -> RolloutAnswer:
        """Start a rollout."""

    def reverse(self, name: str, *, by: str) -> RolloutAnswer:
        """Start a rollout by which the nodes that arrived by this one go back, when empty."""

    def changes(self, declared: Declaration) -> Sequence[ChangeAnswer]:
        """Return what a changed declaration of a rollout changes."""

    def apply(self, declared: Declaration, *, by: str) -> RolloutAnswer:
        """Give a rollout that is not over a changed declaration."""

    def all(self) -> Sequence[RolloutAnswer]:
        """Return all rollouts, the newest first."""

    def one(self, name: str) -> RolloutAnswer:
        """Return one rollout."""

    def history(self, name: str) -> Sequence[RolloutEntryAnswer]:
        """Return what happened to a rollout, oldest first."""

    def pause(self, name: str, *, reason: str, by: str) -> RolloutAnswer:
        """Begin nothing new."""

    def resume(self, name: str, *, by: str) -> RolloutAnswer:
        """Let it go on; holds and gates that did not pass are forgiven."""

    def stop(self, name: str, *, by: str) -> RolloutAnswer:
        """Finish what is in flight, and begin nothing any more."""

    def approve(self, name: str, *, by: str) -> RolloutAnswer:
        """Let it go on after the wave that is over."""

# SPDX-License-Identifier: Apache-2.0
"""What an operator declares of a rollout: which nodes, in which order, within what bounds."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta

from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import CloudName


@dataclass(frozen=True, slots=True)
class Amount:
    """So many, or so many of a hundred: one of `count` and `percent` is given."""

    count: int | None = None
    percent: float | None = None

    def __str__(self) -> str:
        return f"{self.percent:g} %" if self.percent is not None else str(self.count)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which nodes: those that meet all that is named. Of each, one pattern has to fit.

    Patterns are of :mod:`fnmatch` (``rack-*``) and heed the case. `keys` has a node's own keys, as
    ``extra.rack`` or ``properties.vendor``; a value that is no text is compared as JSON has it.
    `traits`: the node has all of them.
    """

    names: tuple[str, ...] = ()
    uuids: tuple[str, ...] = ()
    resource_classes: tuple[str, ...] = ()
    conductor_groups: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Drain(enum.StrEnum):
    """How a node gets empty.

    WAIT: its owner deletes the instance. RECLAIM: CI says that nobody needs it any more. RELEASE:
    ephyrad deletes the instance when its notice is over.
    """

    WAIT = "wait"
    RECLAIM = "reclaim"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class DrainRule:
    """How the selected nodes get empty. `notice` is for RELEASE: how long before it is told."""

    policy: Drain = Drain.WAIT
    nodes: Selection = field(default_factory=Selection)
    notice: timedelta | None = None


@dataclass(frozen=True, slots=True)
class ReclaimRule:
    """Which nodes nobody needs any more when a CI job ended with one of these results.

    Patterns of jobs are of :mod:`fnmatch`. Results are in capital letters; none means any.
    """

    jobs: tuple[str, ...]
    nodes: Selection
    results: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WaveRule:
    """A wave of so many nodes, percent of all that were selected at the start.

    None: all that are left. The last rule goes on until no node is left. `gates` name what has to
    pass after it. `waits_for_owners`: it is not over while a node waits for its owner.
    """

    name: str
    size: Amount | None = None
    gates: tuple[str, ...] = ()
    waits_for_owners: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many starts within any span of this length."""

    count: int
    span: timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """How many nodes may be in flight at once, and how fast nodes are begun with.

    `by_value`: at most so many of the nodes that have the same value of a key
    (``conductor_group``, ``resource_class``, ``extra.rack``). None: as `[migration]` says.
    """

    in_flight: int | None = None
    by_value: Mapping[str, int] = field(default_factory=dict)
    starts: Rate | None = None


@dataclass(frozen=True, slots=True)
class Floor:
    """At least so many nodes of a resource class stay available in a cloud.

    Percent are of all nodes of the class in both clouds. The class is a pattern.
    """

    cloud: CloudName
    resource_class: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Window:
    """When nodes may be begun with: on these days (0 is Monday) from `start` to before `end`.

    Where `end` is not after `start`, it is of the next day. `zone` is of the tz database.
    """

    days: frozenset[int]
    start: time
    end: time
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """`drain`: how long an owner may take before the node is held. `rollout`: then it pauses."""

    drain: timedelta | None = None
    rollout: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What is too much trouble, so that the rollout pauses.

    `held`: so many nodes held at once (percent: of all that were selected at the start).
    `in_a_row`: so many one after the other that were held and did not arrive.
    """

    held: Amount | None = None
    in_a_row: int | None = None


@dataclass(frozen=True, slots=True)
class CommandGate:
    """Run a program: its exit status 0 within the time is a pass."""

    command: tuple[str, ...]
    within: timedelta


@dataclass(frozen=True, slots=True)
class PrometheusGate:
    """Ask a Prometheus until each value of the answer is within the bounds, `within` at most.

    No value is no pass. `url` is the server's, without a path of its API.
    """

    url: str
    query: str
    within: timedelta
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class BootGate:
    """Boot an instance on a node of the wave in the cloud it entered, then delete it.

    Image, flavor and network by id or name; `port`: a TCP port that has to answer.
    """

    image: str
    flavor: str
    within: timedelta
    network: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class ApprovalGate:
    """A person has to say ``ephyra rollout approve``; the rollout waits for it."""


Gate = CommandGate | PrometheusGate | BootGate | ApprovalGate


@dataclass(frozen=True, slots=True)
class Declaration:
    """All of it. A node is of the rollout if a selection of `nodes` fits and none of `exclude`.

    `order`: keys to sort by, first the first: ``idle`` (idle nodes first), ``name``,
    ``conductor_group``, ``extra.rack`` ... `windows`: none means always. `drains`: the first rule
    that fits a node counts; without one its owner is waited for. `reclaims`: which nodes a CI job
    stands for; all rules that fit count.
    """

    name: str
    nodes: tuple[Selection, ...]
    exclude: tuple[Selection, ...] = ()
    direction: Direction = Direction.FORWARD
    order: tuple[str, ...] = ("idle", "name")
    waves: tuple[WaveRule, ...] = (WaveRule("all"),)
    limits: Limits = field(default_factory=Limits)
    floors: tuple[Floor, ...] = ()
    windows: tuple[Window, ...] = ()
    drains: tuple[DrainRule, ...] = ()
    reclaims: tuple[ReclaimRule, ...] = ()
    deadlines: Deadlines = field(default_factory=Deadlines)
    budget: Budget = field(default_factory=Budget)
    gates: Mapping[str, Gate] = field(default_factory=dict)

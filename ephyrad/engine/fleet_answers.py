# SPDX-License-Identifier: Apache-2.0
"""What the engine answers about the whole fleet: frozen types of plain values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class MarkAnswer:
    """One node, in as few words as a mark needs. Times are UTC.

    `group`: what it has under the key that was asked for, "" where it has nothing or no cloud
    showed it. `state` is None, and so is `since`, where nobody asked for the node. `reason` says
    why it is held. `direction` is `forward`, or `back` to the old cloud; `restored`: it was aborted
    and is where it was; `aborting`: it goes there.
    """

    node: str
    name: str | None
    group: str
    state: str | None = None
    since: datetime | None = None
    direction: str = "forward"
    in_flight: bool = False
    restored: bool = False
    aborting: bool = False
    cause: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FleetAnswer:
    """All nodes of the old cloud and all that were asked for, by name.

    `read_at`: when both clouds were read, None where they were not yet; `trouble`: why they could
    not be read the last time. `keys`: by what nodes can be grouped here, the most telling first.
    """

    by: str
    keys: tuple[str, ...]
    marks: tuple[MarkAnswer, ...]
    read_at: datetime | None
    trouble: str | None


@dataclass(frozen=True, slots=True)
class BurnUpAnswer:
    """How a rollout goes on over time, against its plan. Times are UTC.

    `arrived` has the moment of each arrival that stands, `planned` the moment of each that the
    rollout's file would have given, played through from its start; `measured`: at the pace of the
    nodes that arrived since, and not at a guess. `until`: its deadline, if it has one. `approval`:
    the wave that is over, and that a person has to approve, and did not yet.
    """

    name: str
    started_at: datetime
    nodes: int
    arrived: tuple[datetime, ...]
    planned: tuple[datetime, ...] = ()
    measured: bool = False
    until: datetime | None = None
    approval: int | None = None


class FleetOperations(Protocol):
    """What operators can see of the whole fleet.

    Each method may raise :class:`ephyrad.engine.answers.OperationError`.
    """

    def marks(self, by: str | None) -> FleetAnswer:
        """Return every node, grouped by a key; None: by the most telling one.

        No cloud is asked: who looks often has them read anew in the background.
        """

    def rollout(self) -> str | None:
        """Return the rollout under way, or else the newest; None: there never was any."""

    def burn_up(self, rollout: str) -> BurnUpAnswer:
        """Return how a rollout goes on over time."""

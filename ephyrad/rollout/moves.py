# SPDX-License-Identifier: Apache-2.0
"""Moves: what a rollout can do next."""

from dataclasses import dataclass
from datetime import datetime

from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.entries import PauseCause


@dataclass(frozen=True, slots=True)
class OpenWave:
    """Begin the next wave with these nodes."""

    number: int
    rule: str
    nodes: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class BeginNodes:
    """Ask for these nodes of the open wave to be carried; one or more."""

    nodes: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class GiveNotice:
    """Say that ephyrad deletes this instance on a node, from that moment on."""

    node: str
    instance: str
    not_before: datetime


@dataclass(frozen=True, slots=True)
class RecallNotice:
    """Take back the words that were given of these nodes' instances; `because` says why."""

    nodes: tuple[str, ...]
    because: str | None = None


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Leave these nodes to the cloud that they are in: nothing was done but to retire them."""

    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TryGate:
    """Try a gate of the wave that is over."""

    wave: int
    gate: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Begin nothing new until an operator has seen to it."""

    cause: PauseCause
    reason: str


@dataclass(frozen=True, slots=True)
class End:
    """Nothing will come of it any more."""

    words: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Wait for something to change, or until a time; `why` says in words for what."""

    why: str
    again: datetime | None = None


Move = OpenWave | BeginNodes | GiveNotice | RecallNotice | GiveBack | TryGate | Pause | End | Rest

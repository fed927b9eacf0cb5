# SPDX-License-Identifier: Apache-2.0
"""What the engine answers to operators who ask for a report: frozen types of plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ephyrad.engine.rollout_answers import RolloutAnswer, RolloutEntryAnswer


@dataclass(frozen=True, slots=True)
class SpreadAnswer:
    """How long something took, `count` times, in seconds: half of them ended within
    `median_seconds`, nine of ten within `ninety_seconds`, all within `longest_seconds`.
    """

    count: int
    median_seconds: float
    ninety_seconds: float
    longest_seconds: float


@dataclass(frozen=True, slots=True)
class HoldsAnswer:
    """The holds of one `cause`: how many (`count`), on how many `nodes`, how many are `standing`,
    and how long they `lasted`, those that stand until now.
    """

    cause: str
    count: int
    nodes: int
    standing: int
    lasted: SpreadAnswer


@dataclass(frozen=True, slots=True)
class ArrivalsAnswer:
    """So many nodes `arrived` within the step that begins `at`."""

    at: datetime
    arrived: int


@dataclass(frozen=True, slots=True)
class FiguresAnswer:
    """A campaign in figures.

    `outcomes`: how many `nodes` arrived, went back, are held, are under way. `states`: how long
    they were in each; `whole`: from the request to the arrival, None where none arrived. `pace`:
    arrivals by steps of `step_seconds`.
    """

    nodes: int
    outcomes: Mapping[str, int]
    states: Mapping[str, SpreadAnswer]
    whole: SpreadAnswer | None
    holds: tuple[HoldsAnswer, ...]
    step_seconds: float
    pace: tuple[ArrivalsAnswer, ...]


@dataclass(frozen=True, slots=True)
class ThingAnswer:
    """A thing that is left, with `words` of its own, "" where there is nothing to say of it."""

    id: str
    name: str | None
    words: str


@dataclass(frozen=True, slots=True)
class LeftoverAnswer:
    """Things that are left for the same reason, `text`, with the `cure` in words."""

    kind: str
    text: str
    cure: str
    things: tuple[ThingAnswer, ...]


@dataclass(frozen=True, slots=True)
class CampaignAnswer:
    """A rollout with all that happened to it, in order."""

    rollout: RolloutAnswer
    story: tuple[RolloutEntryAnswer, ...]


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """A report. Times are UTC.

    `name`: the rollout that was asked for, None where all of the journal was. `cloud` is the one
    that nodes leave, `leftovers` what still stands there, and `unread` what could not be read, so
    that more may stand there.
    """

    at: datetime
    name: str | None
    cloud: str
    campaigns: tuple[CampaignAnswer, ...]
    figures: FiguresAnswer
    leftovers: tuple[LeftoverAnswer, ...]
    unread: tuple[str, ...]

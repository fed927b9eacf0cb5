# SPDX-License-Identifier: Apache-2.0
"""What is on the front page."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from ephyrad.engine.answers import StatusAnswer
from ephyrad.engine.fleet_answers import BurnUpAnswer, FleetAnswer
from ephyrad.engine.rollout_answers import RolloutAnswer
from ephyrad.web.looks import BACK, LOOKS, look_of
from ephyrad.web.views.fleet import FleetView, Row, fleet_view, held_rows
from ephyrad.web.views.rollout import RolloutView, rollout_view


@dataclass(frozen=True, slots=True)
class Tile:
    """So many nodes look so; `href` lists them."""

    code: str
    word: str
    means: str
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class FrontView:
    """The front page."""

    version: str
    tiles: tuple[Tile, ...]
    troubles: tuple[str, ...]
    rollout: RolloutView | None
    held: tuple[Row, ...]
    fleet: FleetView


def front_view(
    status: StatusAnswer | None,
    fleet: FleetAnswer,
    rollout: RolloutAnswer | None,
    course: BurnUpAnswer | None,
    now: datetime,
) -> FrontView:
    """Return the front page; None for what there is not, or is not for who asks."""
    return FrontView(
        version=status.version if status else "",
        tiles=tuple(_tiles(fleet)),
        troubles=tuple(_troubles(status)) if status else (),
        rollout=rollout_view(rollout, course, now) if rollout and course else None,
        held=held_rows(fleet, now),
        fleet=fleet_view(fleet),
    )


def _tiles(fleet: FleetAnswer) -> Iterable[Tile]:
    counts = Counter(look_of(each).code for each in fleet.marks)
    for look in LOOKS:
        # What seldom is needs no place as long as it is not.
        if look is BACK and not counts[look.code]:
            continue
        href = urlencode({"by": fleet.by, "look": look.code})
        yield Tile(look.code, look.word, look.means, counts[look.code], href)


def _troubles(status: StatusAnswer) -> Iterable[str]:
    if status.journal_error:
        yield status.journal_error
    for cloud in status.clouds:
        if cloud.sweep_error:
            yield f"the {cloud.cloud} cloud cannot be read: {cloud.sweep_error}"
        if cloud.bus.startswith("down"):
            yield f"the {cloud.cloud} cloud's bus is {cloud.bus}; the sweep goes on"

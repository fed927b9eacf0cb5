# SPDX-License-Identifier: Apache-2.0
"""A rollout: its course, its waves, and what can be asked of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ephyrad.drawing.burn_up import Course, burn_up
from ephyrad.engine.fleet_answers import BurnUpAnswer
from ephyrad.engine.rollout_answers import GateAnswer, RolloutAnswer, WaveAnswer

_COARSE = timedelta(minutes=5)
"""What is an estimate is told no finer, or every look would find another one."""
_GRAINS = tuple(timedelta(seconds=seconds) for seconds in (300, 60, 15, 5))
"""The end of the line moves on by one of these, as the chart gets longer."""


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A wave of a rollout, and in words what its gates say."""

    number: int
    rule: str
    opened: datetime
    nodes: int
    arrived: int
    held: int
    back: int
    gates: tuple[tuple[str, str, str], ...]
    approved_by: str | None


@dataclass(frozen=True, slots=True)
class RolloutView:
    """A rollout. `chart` is SVG, `told` says the same in words. `may`: what can be asked of it."""

    name: str
    status: str
    since: datetime
    by: str
    reason: str
    waits_for: str
    counts: tuple[tuple[str, int], ...]
    outlook: str
    chart: str
    told: str
    planned: bool
    estimated: bool
    waves: tuple[WaveRow, ...]
    approval: int | None
    may: frozenset[str]


def rollout_view(rollout: RolloutAnswer, course: BurnUpAnswer, now: datetime) -> RolloutView:
    """Return a rollout; `now` is where its line ends while it goes on."""
    counts = [
        ("nodes", rollout.nodes),
        ("begun", rollout.begun),
        ("in flight", rollout.in_flight),
        ("wait for owners", rollout.waiting),
        ("held", rollout.held),
        ("arrived", rollout.arrived),
        ("went back", rollout.back),
    ]
    over = rollout.status in ("stopped", "finished")
    end = rollout.since if over else now
    drawn = Course(
        start=course.started_at,
        now=_coarse(end, _grain(end - course.started_at)),
        nodes=max(rollout.nodes, course.nodes),
        arrived=course.arrived,
        planned=course.planned,
        eta=None if rollout.eta is None else _coarse(rollout.eta, _COARSE) + _COARSE,
        to_come=rollout.nodes - rollout.held - rollout.waiting - rollout.back,
        until=course.until,
    )
    return RolloutView(
        name=rollout.name,
        status=rollout.status,
        since=rollout.since,
        by=rollout.by,
        reason=rollout.reason,
        waits_for=rollout.waits_for,
        counts=tuple(counts),
        outlook=_outlook(rollout),
        chart=burn_up(drawn),
        told=_told(drawn, measured=course.measured),
        planned=bool(course.planned),
        estimated=rollout.eta is not None,
        waves=tuple(_wave(each) for each in reversed(rollout.waves)),
        approval=course.approval,
        may=frozenset(_may(rollout, course)),
    )


def _may(rollout: RolloutAnswer, course: BurnUpAnswer) -> Iterable[str]:
    if rollout.status == "running":
        yield "pause"
    if rollout.status == "paused":
        yield "resume"
    if course.approval is not None and rollout.status in ("running", "paused"):
        yield "approve"


def _outlook(rollout: RolloutAnswer) -> str:
    if rollout.eta is not None:
        about = f"{_coarse(rollout.eta, _COARSE) + _COARSE:%Y-%m-%d %H:%M}"
        return f"{rollout.pace} arrived within the last hour; at that pace all would by {about}"
    return rollout.eta_unknown


def _told(drawn: Course, *, measured: bool) -> str:
    words = f"{len(drawn.arrived)} of {drawn.nodes} nodes arrived"
    if not drawn.planned:
        return words
    due = sum(at <= drawn.now for at in drawn.planned)
    basis = "at the pace of those that arrived" if measured else "at a guess of 30 minutes a node"
    return f"{words}; by its plan, {basis}, {due} would have"


def _wave(wave: WaveAnswer) -> WaveRow:
    return WaveRow(
        number=wave.number,
        rule=wave.rule,
        opened=wave.opened,
        nodes=wave.nodes,
        arrived=wave.arrived,
        held=wave.held,
        back=wave.back,
        gates=tuple(map(_gate, wave.gates)),
        approved_by=wave.approved_by,
    )


def _gate(gate: GateAnswer) -> tuple[str, str, str]:
    return gate.gate, gate.result or "is tried", gate.words


def _grain(length: timedelta) -> timedelta:
    return next((grain for grain in _GRAINS if grain <= length / 200), _GRAINS[-1])


def _coarse(at: datetime, step: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (at - epoch) // step * step

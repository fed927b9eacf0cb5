# SPDX-License-Identifier: Apache-2.0
"""The burn-up: how many nodes arrived over time, against the plan and with what is to come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape

from ephyrad.drawing.frame import HIGH, LEFT, RIGHT, TOP, WIDE, drawing, grid, heights

_MOST_TICKS = 7
_STEPS = tuple(
    timedelta(minutes=minutes)
    for minutes in (1, 5, 15, 60, 180, 360, 720, 1440, 2880, 10080, 40320, 161280)
)
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHORTEST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Course:
    """`arrived` and `planned` are moments, in order. `eta`: when `to_come` would have arrived.

    `until` is a deadline.
    """

    start: datetime
    now: datetime
    nodes: int
    arrived: Sequence[datetime]
    planned: Sequence[datetime] = ()
    eta: datetime | None = None
    to_come: int = 0
    until: datetime | None = None


class _Scale:
    """Where a moment and a count lie on the drawing."""

    def __init__(self, course: Course) -> None:
        ends = [course.now, course.start + _SHORTEST, *course.planned[-1:], *course.arrived[-1:]]
        if course.eta is not None:
            ends.append(course.eta)
        self.start, self.end = course.start, max(ends)
        self.length = self.end - self.start
        if course.until is not None and course.until - self.start <= 2 * self.length:
            self.end = max(self.end, course.until)
            self.length = self.end - self.start
        self.most = max(course.nodes, 1)

    def x(self, at: datetime) -> float:
        share = min(max((at - self.start) / self.length, 0.0), 1.0)
        return LEFT + (WIDE - LEFT - RIGHT) * share

    def y(self, count: int) -> float:
        return TOP + HIGH * (1 - min(count / self.most, 1.0))


def burn_up(course: Course) -> str:
    """Return the drawing."""
    scale = _Scale(course)
    foot = TOP + HIGH
    parts = [grid(y, value) for y, value in heights(scale.most)]
    parts.extend(_ticks(scale, foot))
    now, here = scale.x(max(course.now, *course.arrived[-1:], course.start)), len(course.arrived)
    line = f"{_stairs(scale, course.arrived)}H{now:.1f}"
    if course.planned:
        parts.append(
            f'<path class="plan" d="{_stairs(scale, course.planned)}H{scale.x(scale.end):.1f}"/>'
        )
    parts.append(f'<path class="area" d="{line}V{foot}H{LEFT}Z"/><path class="line" d="{line}"/>')
    if course.eta is not None and course.eta > course.now:
        end = f"{scale.x(course.eta):.1f} {scale.y(max(course.to_come, here)):.1f}"
        parts.append(f'<path class="outlook" d="M{now:.1f} {scale.y(here):.1f}L{end}"/>')
    if course.until is not None and course.until <= scale.end:
        x = f"{scale.x(course.until):.1f}"
        parts.append(
            f'<line class="limit" x1="{x}" x2="{x}" y1="{TOP}" y2="{foot}"><title>deadline</title>'
            "</line>"
        )
    return drawing(foot + 24, "nodes that arrived over time, against the plan", parts)


def _stairs(scale: _Scale, moments: Sequence[datetime]) -> str:
    """Return a line that steps up at each moment; of those in one place, the last one counts."""
    steps: dict[int, int] = {}
    for count, at in enumerate(moments, start=1):
        steps[round(scale.x(at))] = count
    path = "".join(f"H{x}V{scale.y(count):.1f}" for x, count in steps.items())
    return f"M{LEFT} {scale.y(0):.1f}{path}"


def _ticks(scale: _Scale, foot: float) -> Iterator[str]:
    step = next((each for each in _STEPS if scale.length / each <= _MOST_TICKS), _STEPS[-1])
    at = _EPOCH + -(-(scale.start - _EPOCH) // step) * step
    while at <= scale.end:
        x = scale.x(at)
        midnight = step >= _DAY or (at.hour, at.minute) == (0, 0)
        words = escape(f"{at:%d %b}" if midnight else f"{at:%H:%M}")
        anchor = "end" if x > WIDE - 30 else "middle"
        yield f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{foot}" y2="{foot + 5}"/>'
        place = f'x="{x:.1f}" y="{foot + 19}" text-anchor="{anchor}"'
        yield f'<text class="soft" {place}>{words}</text>'
        at += step

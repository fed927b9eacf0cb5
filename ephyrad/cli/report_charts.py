# SPDX-License-Identifier: Apache-2.0
"""The drawings of a report, as SVG within the page; colours are the page's."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log
from typing import Any

from ephyrad.cli.report_text import length, moment
from ephyrad.drawing.frame import HIGH, LEFT, RIGHT, TOP, WIDE, drawing, grid, heights

_Json = Mapping[str, Any]

_FEWEST = 24
"""So many steps at least share the width, so that a short campaign's bars are no walls."""
_ROW = 26
_NAMES = 110
_MARGIN = 24
_TICKS = {
    "1 s": 1,
    "10 s": 10,
    "1 min": 60,
    "10 min": 600,
    "1 h": 3600,
    "6 h": 21600,
    "1 d": 86400,
    "1 week": 604800,
    "4 weeks": 2419200,
}


def arrivals(points: Sequence[_Json]) -> str:
    """Return a bar for each step of the pace."""
    most = max(point["arrived"] for point in points) or 1
    room = (WIDE - LEFT - RIGHT) / max(len(points), _FEWEST)
    foot = TOP + HIGH
    parts = [grid(y, value) for y, value in heights(most)]
    for at, point in enumerate(points):
        high = HIGH * point["arrived"] / most
        words = escape(f"{moment(point['at'])}: {point['arrived']}")
        parts.append(
            f'<rect class="bar" x="{LEFT + at * room + room * 0.1:.1f}" y="{foot - high:.1f}"'
            f' width="{room * 0.8:.1f}" height="{high:.1f}"><title>{words}</title></rect>'
        )
    ends = [("start", float(LEFT), points[0])]
    if len(points) >= _FEWEST // 2:
        ends.append(("end", LEFT + len(points) * room, points[-1]))
    for anchor, x, point in ends:
        place = f'x="{x:.1f}" y="{foot + 18}" text-anchor="{anchor}"'
        parts.append(f'<text class="soft" {place}>{escape(moment(point["at"]))}</text>')
    return drawing(foot + 26, "arrivals over time", parts)


def stays(spreads: Mapping[str, _Json]) -> str:
    """Return for each state where the median, nine of ten and the longest lie, on a logarithmic
    scale: seconds stand beside days.
    """
    foot = len(spreads) * _ROW + 8
    most = max(each["longest_seconds"] for each in spreads.values())
    ticks = {name: at for name, at in _TICKS.items() if at <= most}

    def x(seconds: float) -> float:
        share = log(max(seconds, 1.0)) / log(max(most, 2.0))
        return _NAMES + (WIDE - _NAMES - _MARGIN) * share

    parts = [
        f'<line class="axis" x1="{x(at):.1f}" x2="{x(at):.1f}" y1="0" y2="{foot}"/>'
        f'<text class="soft" x="{x(at):.1f}" y="{foot + 16}" text-anchor="middle">{name}</text>'
        for name, at in ticks.items()
    ]
    for row, (name, each) in enumerate(spreads.items()):
        y = row * _ROW + _ROW // 2 + 4
        median, ninety, longest = (
            x(each[f"{key}_seconds"]) for key in ("median", "ninety", "longest")
        )
        words = f"{length(each['median_seconds'])} / {length(each['ninety_seconds'])}"
        parts.append(
            f'<text x="{_NAMES - 14}" y="{y + 4}" text-anchor="end">{escape(name)}</text>'
            f'<line class="thin" x1="{median:.1f}" x2="{longest:.1f}" y1="{y}" y2="{y}"/>'
            f'<line class="thick" x1="{median:.1f}" x2="{ninety:.1f}" y1="{y}" y2="{y}"/>'
            f'<circle class="bar" cx="{median:.1f}" cy="{y}" r="6">'
            f"<title>{escape(words)}</title></circle>"
        )
    return drawing(foot + 24, "how long nodes were in each state", parts)

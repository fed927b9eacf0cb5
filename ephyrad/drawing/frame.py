# SPDX-License-Identifier: Apache-2.0
"""The frame of a chart: its size, its grid, and the SVG around its parts."""

from collections.abc import Sequence
from html import escape

WIDE = 800
LEFT, RIGHT = 44, 8
HIGH = 150
TOP = 14


def grid(y: float, value: int) -> str:
    """Return a line across the chart, with its value before it."""
    return (
        f'<line class="axis" x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="soft" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value}</text>'
    )


def heights(most: int) -> Sequence[tuple[float, int]]:
    """Return where lines of the grid lie, and for which values: whole numbers alone."""
    shares = (0.0, 0.5, 1.0) if most % 2 == 0 else (0.0, 1.0)
    return [(TOP + HIGH * (1 - share), round(most * share)) for share in shares]


def drawing(high: float, name: str, parts: Sequence[str]) -> str:
    """Return the SVG of these parts; `name` says what it shows to who cannot see it."""
    return (
        f'<svg viewBox="0 0 {WIDE} {high:.0f}" role="img" aria-label="{escape(name)}">'
        f"{''.join(parts)}</svg>"
    )

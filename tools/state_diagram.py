# SPDX-License-Identifier: Apache-2.0
"""Draws the states as SVG, from the table: six boxes, whose the power is, what leads on.

usage: python -m tools.state_diagram > docs/_generated/states.svg
"""

import textwrap
from collections.abc import Iterator
from html import escape
from itertools import groupby

from ephyrad.migration.states import BACK, FORTH, MEANS, Edge, State

# All lengths are in the SVG's own unit, a pixel where it is shown in its natural size.
STEP = 198
BOX = 142
BOX_HEIGHT = 46
LEFT = 18
TOP = 34
BAND_TOP = TOP + BOX_HEIGHT + 16
BAND_HEIGHT = 24
MEANS_TOP = BAND_TOP + BAND_HEIGHT + 24
LINE = 16
MEANS_COLUMNS = 23
EDGE_COLUMNS = 27
INK = "#1f2933"
PALE = "#52606d"
ARROW = "#3e4c59"
POWER = {
    "old cloud": ("#fde9c9", "#8a5a12"),
    "nobody": ("#eceff2", "#52606d"),
    "new cloud": ("#d6f0e0", "#22683f"),
}


def svg() -> str:
    """Return the drawing."""
    known = [textwrap.wrap(f"{each.known}.", MEANS_COLUMNS) for each in MEANS.values()]
    led = [textwrap.wrap(edge.known, EDGE_COLUMNS) for edge in FORTH]
    edges_top = MEANS_TOP + max(map(len, known)) * LINE + 20
    width = LEFT * 2 + STEP * (len(MEANS) - 1) + BOX
    back_top = edges_top + (max(map(len, led)) + 2) * LINE
    height = back_top + 12
    parts = [
        *_frame(width, height),
        *_boxes(),
        *_band(),
        *(line for at, lines in enumerate(known) for line in _known(at, lines)),
        *(line for at, edge in enumerate(FORTH) for line in _edge(at, edge)),
        *(
            line
            for at, edge in enumerate(FORTH)
            for line in _condition(at, edge, led[at], edges_top)
        ),
        _text(width // 2, back_top, back(), colour=PALE),
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def back() -> str:
    """Return what the drawing says of the edges that lead back."""
    sources = ", ".join(edge.source for edge in BACK)
    return f"{BACK[0].trigger}, from {sources} to {BACK[0].dest}: {BACK[0].known}"


def _frame(width: int, height: int) -> Iterator[str]:
    names = ", ".join(state.value for state in State)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" role="img" font-family="Helvetica, Arial, sans-serif">'
    )
    yield f"<title>The states of a migration: {escape(names)}</title>"
    yield (
        '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7"'
        f' markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" fill="{ARROW}"/></marker>'
        "</defs>"
    )
    yield f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>'


def _boxes() -> Iterator[str]:
    for at, (state, meaning) in enumerate(MEANS.items()):
        fill, stroke = POWER[meaning.power]
        yield (
            f'<rect x="{_x(at)}" y="{TOP}" width="{BOX}" height="{BOX_HEIGHT}" rx="8"'
            f' fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>'
        )
        middle = _x(at) + BOX // 2
        yield _text(middle, TOP + BOX_HEIGHT // 2 + 5, state.value, size=15, weight="bold")


def _band() -> Iterator[str]:
    """Draw whose the power is, once for neighbours that agree."""
    numbered = enumerate(meaning.power for meaning in MEANS.values())
    for power, members in groupby(numbered, key=lambda member: member[1]):
        places = [at for at, _ in members]
        fill, stroke = POWER[power]
        left, right = _x(places[0]), _x(places[-1]) + BOX
        yield (
            f'<rect x="{left}" y="{BAND_TOP}" width="{right - left}" height="{BAND_HEIGHT}" rx="4"'
            f' fill="{fill}"/>'
        )
        yield _text((left + right) // 2, BAND_TOP + 16, f"power: {power}", colour=stroke)


def _known(at: int, lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield _text(_x(at) + BOX // 2, MEANS_TOP + number * LINE, line)


def _edge(at: int, edge: Edge) -> Iterator[str]:
    begin, end, y = _x(at) + BOX + 3, _x(at + 1) - 3, TOP + BOX_HEIGHT // 2
    yield (
        f'<path d="M{begin} {y}H{end}" stroke="{ARROW}" stroke-width="1.5" fill="none"'
        ' marker-end="url(#head)"/>'
    )
    yield _text((begin + end) // 2, y - 9, edge.trigger.value, colour=PALE)


def _condition(at: int, edge: Edge, lines: list[str], top: int) -> Iterator[str]:
    middle = _x(at) + BOX + (STEP - BOX) // 2
    yield _text(middle, top, edge.trigger.value, weight="bold", colour=PALE)
    for number, line in enumerate(lines, start=1):
        yield _text(middle, top + number * LINE, line, colour=PALE)


def _x(at: int) -> int:
    return LEFT + at * STEP


def _text(
    x: int, y: int, words: str, *, size: int = 12, weight: str = "normal", colour: str = INK
) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{colour}"'
        f' text-anchor="middle">{escape(words)}</text>'
    )


if __name__ == "__main__":
    print(svg(), end="")

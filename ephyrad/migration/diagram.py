# SPDX-License-Identifier: Apache-2.0
"""The states and their edges as text: `python -m ephyrad.migration.diagram`."""

import textwrap
from collections.abc import Iterator

from ephyrad.migration.states import ALLOWED, BACK, FORTH, IGNORED, MEANS, State, Trigger

_WIDTH = 79
_MARGIN = 16


def text() -> str:
    """Return the states from top to bottom, the way back, and what each trigger does where."""
    return "\n".join([*_way(), "", *_back(), "", *_table(), ""])


def mark(trigger: Trigger, state: State) -> str:
    """Return what a trigger does in a state: the state it leads to, `ignored` or `refused`."""
    for edge in ALLOWED:
        if (edge.trigger, edge.source) == (trigger, state):
            return edge.dest.value
    return "ignored" if (trigger, state) in IGNORED else "refused"


def _way() -> Iterator[str]:
    edges = {edge.source: edge for edge in FORTH}
    for state, meaning in MEANS.items():
        yield from _beside(state.value, f"{meaning.known}.")
        yield from _beside("", f"Power: {meaning.power}.")
        if state in edges:
            yield "   |"
            yield from _beside("   |", f"{edges[state].trigger}: {edges[state].known}")
            yield "   v"


def _back() -> Iterator[str]:
    for edge in BACK:
        yield from textwrap.wrap(f"{edge.source} -> {edge.dest}", _WIDTH)
    yield from _beside("", f"{BACK[0].trigger}: {BACK[0].known}.")


def _beside(left: str, right: str) -> Iterator[str]:
    lines = textwrap.wrap(right, _WIDTH - _MARGIN)
    rest = "   |" if left.endswith("|") else ""
    for number, line in enumerate(lines):
        yield f"{rest if number else left:<{_MARGIN}}{line}"


def _table() -> Iterator[str]:
    width = max(len(state) for state in State) + 2
    first = max(len(trigger) for trigger in Trigger) + 2
    yield (" " * first + "".join(f"{state.value:<{width}}" for state in State)).rstrip()
    for trigger in Trigger:
        cells = (f"{mark(trigger, state):<{width}}" for state in State)
        yield f"{trigger.value:<{first}}{''.join(cells)}".rstrip()


if __name__ == "__main__":
    print(text(), end="")

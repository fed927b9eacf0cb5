# SPDX-License-Identifier: Apache-2.0
"""What the demo shows while it runs, and the table at its end."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

STATES = ("active", "drained", "cleaning", "transferred", "registered", "compute-ready")

Row = Mapping[str, Any]


class Board:
    """One line per node, redrawn in place on a terminal; elsewhere a line for each change."""

    def __init__(self, live: bool | None = None) -> None:
        self._live = sys.stdout.isatty() if live is None else live
        self._drawn = 0
        self._last: dict[str, str] = {}

    def show(self, rows: Iterable[Row]) -> None:
        """Show where the nodes stand."""
        lines = {str(row["name"]): _line(row) for row in rows}
        if self._live:
            up = f"\x1b[{self._drawn}A" if self._drawn else ""
            print(up + "\n".join(f"\x1b[2K{line}" for line in lines.values()), flush=True)
            self._drawn = len(lines)
            return
        for name, line in lines.items():
            if self._last.get(name) != line:
                print(line, flush=True)
        self._last = lines

    def pause(self, words: str) -> None:
        """Say something between two drawings."""
        self._drawn = 0
        say(words)


def say(words: str) -> None:
    """Say what happens next."""
    print(f"\n== {words}", flush=True)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table with aligned columns."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (header, ["-" * width for width in widths], *rows)
    ]
    return "\n".join(lines)


def _line(row: Row) -> str:
    done = STATES.index(row["state"])
    bar = "#" * done + "." * (len(STATES) - 1 - done)
    doing = f"HELD: {row['doing']}" if row["held"] else row["doing"]
    return f"{row['name']:<15} [{bar}] {row['state']:<13} {doing}"[:110]

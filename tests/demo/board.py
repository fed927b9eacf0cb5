# SPDX-License-Identifier: Apache-2.0
"""What the demo shows while it runs."""

import shutil
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TextIO

STATES = ("active", "drained", "cleaning", "transferred", "registered", "compute-ready")

Row = Mapping[str, Any]


class Screen:
    """Chapters, sentences, and a board with a line per node.

    The board is redrawn in place on a terminal that is high enough; elsewhere each change of a
    line is printed, with the seconds since the beginning.
    """

    def __init__(
        self,
        out: TextIO = sys.stdout,
        clock: Callable[[], float] = time.monotonic,
        size: tuple[int, int] | None = None,
    ) -> None:
        """`size` is the terminal's, in columns and lines; by default it is asked."""
        self._out = out
        self._clock = clock
        self._began = clock()
        self._size = size
        self._chapters = 0
        self._drawn = 0
        self._last: dict[str, str] = {}

    def chapter(self, words: str) -> None:
        """Begin something new."""
        self._chapters += 1
        self.say(f"\n{self._chapters}. {words}\n")

    def say(self, words: str) -> None:
        """Print a text; the board begins anew below it."""
        self._drawn = 0
        print(words, file=self._out, flush=True)

    def show(self, rows: Iterable[Row]) -> None:
        """Show where the nodes stand: rows of `ephyra node list`."""
        lines = {str(row["name"]): node_line(row) for row in rows}
        columns, height = self._size or shutil.get_terminal_size()
        if self._out.isatty() and len(lines) + 2 < height:
            self._redraw([self._summary(lines), *lines.values()], columns - 1)
            return
        for name, line in lines.items():
            if self._last.get(name) != line:
                print(f"{self._seconds():6.1f} s  {line}", file=self._out, flush=True)
        self._last = lines

    def _redraw(self, lines: Sequence[str], columns: int) -> None:
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        text = "\n".join(f"\x1b[2K{clipped(line, columns)}" for line in lines)
        print(up + text, file=self._out, flush=True)
        self._drawn = len(lines)

    def _summary(self, lines: Mapping[str, str]) -> str:
        counts = ", ".join(
            f"{count} {state}"
            for state in STATES
            if (count := sum(f" {state} " in f"{line} " for line in lines.values()))
        )
        return f"{self._seconds():6.0f} s  {counts}"

    def _seconds(self) -> float:
        return self._clock() - self._began


def node_line(row: Row) -> str:
    """Return a node's line: its name, how far it is, its state, and what is done with it."""
    done = STATES.index(row["state"])
    bar = "#" * done + "." * (len(STATES) - 1 - done)
    doing = f"HELD: {row['doing']}" if row["held"] else row["doing"]
    return f"{row['name']:<15} [{bar}] {row['state']:<13} {doing}"


def clipped(line: str, columns: int) -> str:
    """Return the line, shortened where it would not fit."""
    return line if len(line) <= columns else line[: columns - 3] + "..."


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table with aligned columns."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (header, ["-" * width for width in widths], *rows)
    ]
    return "\n".join(lines)

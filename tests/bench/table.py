# SPDX-License-Identifier: Apache-2.0
"""The table of ratios that the benchmark prints."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_HEADS = ("what", "ours", "the other", "ratio", "unit", "the other is")


@dataclass(frozen=True)
class Row:
    """One measurement: ours and the other in the same unit; `other` is None: `against` says why."""

    what: str
    ours: float
    other: float | None
    unit: str
    against: str

    def cells(self) -> tuple[str, ...]:
        shown = "-" if self.other is None else _shown(self.other)
        ratio = f"{self.ours / self.other:.2g}" if self.other else "-"
        return (self.what, _shown(self.ours), shown, ratio, self.unit, self.against)


@dataclass
class Table:
    """The rows in the order in which they were measured."""

    rows: list[Row] = field(default_factory=list)

    def add(self, what: str, ours: float, other: float | None, unit: str, against: str) -> None:
        self.rows.append(Row(what, ours, other, unit, against))

    def lines(self) -> Iterator[str]:
        """Give the table as text, numbers to the right."""
        cells = [_HEADS, *(row.cells() for row in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(_HEADS))]
        for row in cells:
            yield "  ".join(_aligned(row, widths)).rstrip()


def _aligned(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
        yield cell.rjust(width) if column in {1, 2, 3} else cell.ljust(width)


def _shown(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"

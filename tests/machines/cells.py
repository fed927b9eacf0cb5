# SPDX-License-Identifier: Apache-2.0
"""The tables of stories: how a row is read, and what a cell says of the end.

A row is what happens, a column the moment: the first three letters of its name. A cell is how the
node then stands: `go` it comes where it is to go by itself, `-` the cloud does not allow that, or
it comes too late or too early to matter, and the node comes there; `.` it cannot happen and is not
tried; else the cause of its hold, in three letters (CAUSES). Clouds are named by their roles.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from ephyrad.migration.steps import Cause
from tests.machines.story import Story
from tests.simulation.fleet import Kind

CAUSES = {
    "bmc": Cause.UNVERIFIED,
    "cln": Cause.CLEAN_FAILED,
    "ddl": Cause.DEADLINE,
    "dif": Cause.DIFFERENT,
    "mnt": Cause.MAINTENANCE,
    "new": Cause.NEW_GONE,
    "occ": Cause.OCCUPIED,
    "old": Cause.OLD_GONE,
    "prt": Cause.PROTECTED,
    "ret": Cause.RETIRED,
    "unf": Cause.UNFIT,
    "unr": Cause.UNREACHABLE,
    "van": Cause.VANISHED,
}

_NAME = 36


@dataclass(frozen=True)
class Cell:
    """What happens to a node of this kind at this moment, and how it then stands."""

    kind: Kind
    what: str
    moment: str
    end: str

    def __str__(self) -> str:
        return f"{self.what}, {self.moment}, {self.kind.name.lower()}"


def cells(table: str, kind: Kind, moments: tuple[str, ...]) -> list[Cell]:
    """Return the cells of a table that are tried; its first line names these moments."""
    head, *rows = table.strip("\n").splitlines()
    assert head.split() == [moment[:3] for moment in moments]
    return [
        Cell(kind, row[:_NAME].strip(), moment, end)
        for row in rows
        for moment, end in zip(moments, row[_NAME:].split(), strict=True)
        if end != "."
    ]


def edges(table: Iterable[Cell]) -> list[Cell]:
    """Return the cells of each row at which the end becomes another; of holds, the last ones too.

    Those in which nothing happens are left out.
    """
    chosen = []
    for _, row in groupby(table, key=lambda cell: (cell.kind, cell.what)):
        for end, run in groupby(row, key=lambda cell: cell.end):
            first, *more = run
            if end != "-":
                chosen.append(first)
            if more and end in CAUSES:
                chosen.append(more[-1])
    return chosen


def goes_its_way(told: Story, cell: Cell) -> None:
    """Expect the cell's end, do what a hold says, and expect the node to go its way to the end."""
    assert told.happened
    assert told.refused <= (cell.end == "-")
    assert told.end() == CAUSES.get(cell.end, "arrives"), told.held
    told.cure()
    assert told.wrongs == []

# SPDX-License-Identifier: Apache-2.0
"""A node that is returned has the way forward, with the clouds' roles swapped.

Each decision is tried in both directions (``tests/unit/migration/test_mirror``). What is left are
the marks on the records, what a hold says and what its release answers, and they change where the
end does: so of the table of the way forward those cells are tried.
"""

from pathlib import Path

import pytest

from ephyrad.migration.direction import Direction
from tests.machines.cells import Cell, edges, goes_its_way
from tests.machines.deeds import DEEDS
from tests.machines.story import story
from tests.machines.test_table import CELLS


@pytest.mark.parametrize("cell", edges(CELLS), ids=str)
def test_a_node_that_is_returned(cell: Cell, tmp_path: Path) -> None:
    told = story(tmp_path, cell.kind, Direction.BACK)
    told.happens((cell.moment, DEEDS[cell.what]))

    told.carry()

    goes_its_way(told, cell)
    assert told.uuid not in told.rig.new.ironic.nodes
    assert told.machine.data == set()

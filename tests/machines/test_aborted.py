# SPDX-License-Identifier: Apache-2.0
"""Things that happen to machines that are aborted, how it ends, and that the cure cures.

Wherever a node is held, an operator does what the reason says, to the letter, and it is back in the
cloud that it was to leave, as it was. The tables are read as :mod:`tests.machines.cells` says. The
first columns are where the node is aborted, and what happens does so at once; then come the moments
on its way back, after it was aborted where the new cloud owned its BMC, and where it was not yet
cleaned.
"""

from pathlib import Path

import pytest

from ephyrad.migration.direction import Direction
from tests.machines.cells import CAUSES, Cell, cells, edges, goes_its_way
from tests.machines.deeds import DEEDS
from tests.machines.story import AT_ONCE, Deed, Story, story
from tests.simulation.fleet import Kind
from tests.simulation.ledger import unequal

WHERE = (
    *("waits", "undeploy", "clean", "fence", "create", "parts", "traits"),
    *("manage", "verify", "owned"),
)
OWNED = ("remove", "unfence", "unretire", "offer")
UNCLEANED = ("again", "unset")

# Retired with an instance on it: cleaned by the old cloud, where it was not aborted before.
IN_USE = """
                                    wai und cle fen cre par tra man ver own rem unf unr off aga uns
deleted in the old cloud            -   -   -   old old old old old old old old old old old -   old
renamed in the old cloud            go  -   -   go  go  go  go  go  go  go  go  go  go  go  -   go
another BMC in the old cloud        go  -   -   go  go  go  go  go  go  go  go  go  go  go  -   go
another password in the old cloud   go  -   -   go  go  go  go  go  go  go  go  go  go  go  -   go
a port more in the old cloud        go  go  go  go  go  go  go  go  go  go  go  go  go  go  go  go
a port less in the old cloud        go  go  go  go  go  go  go  go  go  go  go  go  go  go  go  go
other traits in the old cloud       go  -   go  go  go  go  go  go  go  go  go  go  go  go  go  go
in maintenance in the old cloud     go  -   mnt go  mnt mnt mnt mnt mnt mnt mnt go  mnt go  mnt go
maintenance unset in the old cloud  go  -   go  go  go  go  go  go  go  go  go  go  go  go  go  go
managed by hand in the old cloud    -   -   -   -   -   -   -   -   -   -   -   -   -   -   -   go
provided by hand in the old cloud   -   -   -   -   -   -   -   -   -   -   -   -   -   go  -   -
claimed in the old cloud            -   -   -   occ occ occ occ occ occ occ occ occ occ go  -   go
its conductor dies in the old cloud go  go  go  go  go  go  go  go  go  go  go  go  go  go  go  go
gone for an hour in the old cloud   unr .   unr .   .   unr .   .   .   unr unr .   .   unr .   .
deleted in the new cloud            .   .   .   .   .   new new new -   new go  .   .   .   .   .
renamed in the new cloud            .   .   .   .   .   go  go  go  -   go  go  .   .   .   .   .
another BMC in the new cloud        .   .   .   .   .   go  go  go  -   go  go  .   .   .   .   .
another password in the new cloud   .   .   .   .   .   go  go  go  -   go  go  .   .   .   .   .
a port more in the new cloud        .   .   .   .   .   go  go  go  go  go  go  .   .   .   .   .
a port less in the new cloud        .   .   .   .   .   -   go  go  go  go  go  .   .   .   .   .
other traits in the new cloud       .   .   .   .   .   go  go  go  -   go  go  .   .   .   .   .
in maintenance in the new cloud     .   .   .   .   .   go  go  go  -   go  go  .   .   .   .   .
maintenance unset in the new cloud  .   .   .   .   .   go  go  go  -   go  go  .   .   .   .   .
managed by hand in the new cloud    .   .   .   .   .   go  go  go  -   -   -   .   .   .   .   .
provided by hand in the new cloud   .   .   .   .   .   -   -   -   -   go  go  .   .   .   .   .
claimed in the new cloud            .   .   .   .   .   occ occ occ -   occ occ .   .   .   .   .
its conductor dies in the new cloud go  go  go  go  go  go  go  go  go  go  go  go  go  go  go  go
gone for an hour in the new cloud   unr .   unr .   .   unr .   .   .   unr unr .   .   unr .   .
cleaning fails in the old cloud     go  cln cln go  go  go  go  go  go  go  go  go  go  go  cln go
cleaning fails in the new cloud     .   .   .   .   .   .   .   .   .   go  .   .   .   .   .   .
the same, and managed by hand       go  go  go  go  go  go  go  go  go  go  go  go  go  go  go  go
unretired in the old cloud          go  -   -   go  go  go  go  go  go  go  go  go  go  go  -   go
not to be cleaned in the old cloud  go  -   -   go  go  go  go  go  go  go  go  go  go  go  -   go
protected in the old cloud          go  -   -   -   -   -   -   -   -   -   -   -   -   -   -   -
its BMC is silent for 20 minutes    go  unf cln go  go  go  go  go  go  go  go  go  go  go  cln go
the clocks jump a day ahead         go  go  go  go  go  go  go  go  go  go  go  go  go  go  go  go
the clocks jump a day back          go  go  go  go  go  go  go  go  go  go  go  go  go  go  go  go
ephyrad is stopped for ten minutes  go  go  go  go  go  go  go  go  go  go  go  go  go  go  go  go
"""

# Idle, and offered again as it was.
IDLE = """
                                    wit ret own off
deleted in the old cloud            old old old old
in maintenance in the old cloud     mnt mnt mnt go
managed by hand in the old cloud    go  -   -   -
provided by hand in the old cloud   -   go  -   go
claimed in the old cloud            occ occ occ go
its conductor dies in the old cloud go  go  go  go
deleted in the new cloud            .   .   new .
claimed in the new cloud            .   .   occ .
unretired in the old cloud          go  go  go  go
its BMC is silent for 20 minutes    go  go  go  go
"""

CELLS = [
    *cells(IN_USE, Kind.IN_USE, (*WHERE, *OWNED, *UNCLEANED)),
    *cells(IDLE, Kind.IDLE, ("withdraw", "retire", "owned", "offer")),
]


def _nothing(_: Story) -> None:
    pass


def _plan(cell: Cell) -> list[tuple[str, Deed]]:
    """Return what happens to the node: it is aborted, and then the cell's deed."""
    moment, deed = cell.moment, DEEDS[cell.what]
    match moment:
        case "again":
            # It is cleaned once more, as that it was cleaned is not known.
            return [("clean", Story.abort), ("offer", _nothing), ("clean", deed)]
        case "unset":
            return [("clean", Story.abort), ("unset", deed)]
        case _ if moment in OWNED:
            return [("owned", Story.abort), (moment, deed)]
        case _:
            return [(moment, Story.abort), (AT_ONCE, deed)]


def _is_back(told: Story, cell: Cell) -> None:
    """Expect it where it was, as it was, but for what others did."""
    node = told.ironic("old").nodes[told.uuid]
    assert told.migration.restored
    assert told.uuid not in told.ironic("new").nodes
    assert set(unequal(told.before, node)) <= told.changed
    assert node.body["automated_clean"] == told.record["automated_clean"]
    assert not node.body["retired"]
    assert "ephyrad" not in str(node.body["maintenance_reason"])
    # What becomes of one that was left to its owner is that cloud's to say.
    assert node.state == "available" or (node.state, cell.moment) == ("active", "waits")
    assert told.machine.data == set() or cell.moment == "waits"


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_node_that_is_aborted(cell: Cell, tmp_path: Path) -> None:
    told = story(tmp_path, cell.kind)
    told.happens(*_plan(cell))

    told.carry()

    goes_its_way(told, cell)
    _is_back(told, cell)


@pytest.mark.parametrize("cell", [cell for cell in edges(CELLS) if cell.end in CAUSES], ids=str)
def test_a_node_whose_return_is_aborted(cell: Cell, tmp_path: Path) -> None:
    told = story(tmp_path, cell.kind, Direction.BACK)
    told.happens(*_plan(cell))

    told.carry()

    goes_its_way(told, cell)
    _is_back(told, cell)

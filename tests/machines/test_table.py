# SPDX-License-Identifier: Apache-2.0
"""Things that happen to machines at each moment of their way, how it ends, and that the cure cures.

Wherever a node is held, an operator does what the reason says, to the letter, and it arrives. The
tables are read as :mod:`tests.machines.cells` says.
"""

from pathlib import Path

import pytest

from tests.machines.cells import CAUSES, Cell, cells, goes_its_way
from tests.machines.deeds import DEEDS
from tests.machines.story import MOMENTS, story
from tests.simulation.fleet import Kind

# Retired with an instance on it, and cleaned by the old cloud.
IN_USE = """
                                    ret wai und cle fen cre par tra man ver del shi pro res ope
deleted in the old cloud            -   -   -   -   van van van van old old go  -   -   -   -
renamed in the old cloud            go  go  -   -   go  dif dif dif dif dif go  -   -   -   -
another BMC in the old cloud        unf unf -   -   bmc dif dif dif dif dif go  -   -   -   -
another password in the old cloud   unf unf -   -   bmc dif dif dif dif dif go  -   -   -   -
a port more in the old cloud        go  go  go  go  go  dif dif dif dif dif go  -   -   -   -
a port less in the old cloud        go  go  go  go  go  dif dif dif dif dif go  -   -   -   -
other traits in the old cloud       go  go  -   go  go  dif dif dif dif dif go  -   -   -   -
in maintenance in the old cloud     mnt mnt -   mnt go  mnt mnt mnt go  go  go  -   -   -   -
maintenance unset in the old cloud  go  go  -   go  go  go  go  go  go  go  go  -   -   -   -
managed by hand in the old cloud    -   -   -   -   -   -   -   -   -   -   -   -   -   -   -
provided by hand in the old cloud   -   -   -   -   -   -   -   -   -   -   -   -   -   -   -
claimed in the old cloud            -   -   -   -   occ occ occ occ occ occ go  -   -   -   -
its conductor dies in the old cloud go  go  go  go  go  go  go  go  go  go  go  go  go  go  go
gone for an hour in the old cloud   unr unr unr unr unr unr unr unr unr unr unr unr unr unr unr
deleted in the new cloud            -   -   -   -   -   -   go  go  new -   new new new new new
renamed in the new cloud            -   -   -   -   -   -   dif dif dif -   go  go  go  go  go
another BMC in the new cloud        -   -   -   -   -   -   dif dif bmc -   go  go  go  go  go
another password in the new cloud   -   -   -   -   -   -   dif dif bmc -   go  go  go  go  go
a port more in the new cloud        -   -   -   -   -   -   dif dif dif dif go  go  go  go  go
a port less in the new cloud        -   -   -   -   -   -   -   go  dif dif go  go  go  go  go
other traits in the new cloud       -   -   -   -   -   -   go  go  dif -   go  go  go  go  go
in maintenance in the new cloud     -   -   -   -   -   -   mnt mnt mnt -   mnt go  mnt ddl go
maintenance unset in the new cloud  -   -   -   -   -   -   go  go  go  -   go  go  go  go  go
managed by hand in the new cloud    -   -   -   -   -   -   go  go  go  -   -   -   -   go  go
provided by hand in the new cloud   -   -   -   -   -   -   -   -   -   -   go  go  go  -   -
claimed in the new cloud            -   -   -   -   -   -   go  go  go  -   go  go  go  go  go
its conductor dies in the new cloud go  go  go  go  go  go  go  go  go  bmc go  go  go  go  go
gone for an hour in the new cloud   unr unr unr unr unr unr unr unr unr unr unr unr unr unr unr
cleaning fails in the old cloud     cln cln cln cln go  go  go  go  go  go  go  go  go  go  go
cleaning fails in the new cloud     go  go  go  go  go  go  go  go  go  go  go  go  go  go  go
the same, and managed by hand       go  go  go  go  go  go  go  go  go  go  go  go  go  go  go
unretired in the old cloud          go  go  -   -   ret ret ret ret go  go  go  -   -   -   -
not to be cleaned in the old cloud  go  go  -   -   ret ret ret ret go  go  go  -   -   -   -
protected in the old cloud          prt prt -   -   -   -   -   -   -   -   -   -   -   -   -
its BMC is silent for 20 minutes    unf unf unf cln bmc bmc bmc bmc bmc bmc go  go  go  go  go
the clocks jump a day ahead         go  go  go  go  go  go  go  go  go  go  go  go  go  go  go
the clocks jump a day back          go  go  go  go  go  go  go  go  go  go  go  go  go  go  go
ephyrad is stopped for ten minutes  go  go  go  go  go  go  go  go  go  go  go  go  go  go  go
"""

# Idle, and cleaned by the new cloud.
IDLE = """
                                    pro rec
deleted in the new cloud            new -
in maintenance in the new cloud     mnt mnt
its conductor dies in the new cloud go  go
cleaning fails in the new cloud     cln cln
its BMC is silent for 20 minutes    cln cln
gone for an hour in the new cloud   unr unr
the clocks jump a day ahead         go  go
ephyrad is stopped for ten minutes  go  go
"""

CELLS = [
    *cells(IN_USE, Kind.IN_USE, MOMENTS),
    *cells(IDLE, Kind.IDLE, ("provide", "reclean")),
]


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_node(cell: Cell, tmp_path: Path) -> None:
    told = story(tmp_path, cell.kind)
    told.happens((cell.moment, DEEDS[cell.what]))

    told.carry()

    goes_its_way(told, cell)
    assert told.uuid not in told.ironic("old").nodes
    assert told.machine.data == set()


def test_nothing_is_missing_from_the_table() -> None:
    assert {cell.what for cell in CELLS} == set(DEEDS)
    assert {cell.end for cell in CELLS} == {*CAUSES, "go", "-"}

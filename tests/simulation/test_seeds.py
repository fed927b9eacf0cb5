# SPDX-License-Identifier: Apache-2.0
"""Whatever the weather, no invariant is broken, and in the end each node has arrived or is held."""

from tests.simulation.fleet import UNFIT
from tests.simulation.plans import plan_of, run


def test_a_seed(seed: int) -> None:
    world = run(plan_of(seed))

    assert world.auditor.objections == []
    for kind, ends in world.states().items():
        if kind not in UNFIT:
            assert set(ends) == {"compute-ready"}, world.trace.about(None)

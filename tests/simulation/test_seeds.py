# SPDX-License-Identifier: Apache-2.0
"""Whatever the weather, no invariant is broken, and in the end each node has arrived or is held."""

from tests.simulation.plans import plan_of, run


def test_a_seed(seed: int) -> None:
    world = run(plan_of(seed))

    assert world.auditor.objections == []
    may_be_held = world.may_be_held()
    for node, end in world.states().items():
        assert end == "compute-ready" or (node in may_be_held and end.startswith("held")), end

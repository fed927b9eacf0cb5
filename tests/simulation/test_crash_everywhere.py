# SPDX-License-Identifier: Apache-2.0
"""ephyrad dies at each boundary of a migration of each kind, and carries on to the same end."""

import random
from dataclasses import replace

import pytest

from tests.simulation.fleet import Kind
from tests.simulation.plans import Ran, run
from tests.simulation.world import Plan

_PAIRS = 40


def _plan(kind: Kind, masked: float | None) -> Plan:
    return Plan(seed=1, kinds=(kind,), limit=1, masked=masked, booting=False, furnished=True)


_WAYS = [
    pytest.param(_plan(Kind.IN_USE, None), id="in use"),
    pytest.param(_plan(Kind.IDLE, None), id="idle"),
    pytest.param(_plan(Kind.IN_USE, 300.0), id="masked at first"),
    pytest.param(_plan(Kind.DIRTY, None), id="to be cleaned by the new cloud"),
]
_CHANGES = {
    "patch_node in the old cloud",
    "set_maintenance in the old cloud",
    "create_node in the new cloud",
    "create_part in the new cloud",
    "set_traits in the new cloud",
    "provision in the new cloud",
    "delete_node in the old cloud",
}


def _expect_arrival(ran: Ran, at: str) -> None:
    assert set(ran.states.values()) == {"compute-ready"}, f"killed {at}"


@pytest.mark.parametrize("plan", _WAYS)
def test_one_crash_at_each_boundary(plan: Plan) -> None:
    names = run(plan).boundaries
    reached = {f"{when} {change}" for when in ("before", "after") for change in _CHANGES}
    assert reached <= set(names)

    for number, name in enumerate(names):
        ran = run(replace(plan, killed_at=frozenset({number})))

        assert ran.crashes == 1, name
        assert ran.boundaries[: number + 1] == names[: number + 1]
        _expect_arrival(ran, name)


@pytest.mark.parametrize("plan", _WAYS)
def test_two_crashes_at_boundaries_that_chance_chooses(plan: Plan) -> None:
    rng = random.Random("pairs")
    names = run(plan).boundaries

    for _ in range(_PAIRS):
        first = rng.randrange(len(names))
        second = first + rng.randint(1, 12)
        ran = run(replace(plan, killed_at=frozenset({first, second})))

        _expect_arrival(ran, f"{names[first]} and again {second - first} boundaries later")

# SPDX-License-Identifier: Apache-2.0
"""The slots of a rollout stay busy, within limits by rack, floors and waves."""

from math import ceil
from pathlib import Path

import pytest

from ephyrad.migration.facts import CloudName
from ephyrad.rollout.declaration import Amount, Declaration, Floor, Limits, Selection, WaveRule
from tests.simulation.fleet import Kind
from tests.simulation.large import LargeWorld
from tests.simulation.world import Plan

_ALONE = 10
"""Nodes carried one after the other, to learn how long one takes when nothing is in its way."""


def _took(declared: Declaration, nodes: int, slots: int, directory: Path) -> float:
    kinds = (Kind.IDLE,) * nodes
    plan = Plan(seed=1, kinds=kinds, limit=slots, booting=False, rollout=declared)
    world = LargeWorld(plan, directory)
    try:
        return world.carry()
    finally:
        world.close()


@pytest.mark.parametrize(
    ("nodes", "slots"),
    [
        (64, 4),
        pytest.param(2300, 48, marks=(pytest.mark.bench, pytest.mark.timeout(7200))),
    ],
)
def test_the_makespan_is_within_a_twentieth_of_the_ideal(
    nodes: int, slots: int, tmp_path: Path
) -> None:
    one = Declaration("one", (Selection(),), limits=Limits(in_flight=1))
    declared = Declaration(
        "large",
        (Selection(),),
        waves=(WaveRule("canary", Amount(percent=2.0)), WaveRule("rest")),
        limits=Limits(in_flight=slots, by_value={"extra.rack": ceil(slots / 3)}),
        floors=(Floor(CloudName.OLD, "*", Amount(percent=5.0)),),
    )
    for name in ("one", "large"):
        (tmp_path / name).mkdir(mode=0o700)
    alone = _took(one, _ALONE, 1, tmp_path / "one") / _ALONE

    took = _took(declared, nodes, slots, tmp_path / "large")

    canary = ceil(nodes * 0.02)
    ideal = (ceil(canary / slots) + ceil((nodes - canary) / slots)) * alone
    assert took <= ideal / 0.95

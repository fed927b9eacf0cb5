# SPDX-License-Identifier: Apache-2.0
"""A node of each kind goes its way in good weather, under the auditor's eyes."""

from typing import Any

import pytest

from tests.simulation.fleet import UNFIT, Kind
from tests.simulation.plans import run
from tests.simulation.weather import Climate
from tests.simulation.world import Plan

_HALF_AN_HOUR = 1800.0


def _plan(*kinds: Kind, **more: Any) -> Plan:
    return Plan(seed=1, kinds=kinds, furnished=True, booting=False, **more)


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.name.lower())
def test_a_node_arrives_or_is_held_untouched(kind: Kind) -> None:
    ran = run(_plan(kind))

    (end,) = ran.states.values()
    assert end.startswith("held") if kind in UNFIT else end == "compute-ready"


@pytest.mark.parametrize("kind", [Kind.IN_USE, Kind.IDLE], ids=lambda kind: kind.name.lower())
def test_a_node_whose_password_is_masked_at_first_arrives(kind: Kind) -> None:
    ran = run(_plan(kind, masked=_HALF_AN_HOUR))

    assert set(ran.states.values()) == {"compute-ready"}
    assert ("masked", "") in ran.tally.counts["hold"]


def test_no_more_nodes_are_in_flight_than_are_allowed() -> None:
    ran = run(_plan(*[Kind.IDLE] * 3, limit=1))

    assert set(ran.states.values()) == {"compute-ready"}


def test_slots_outlive_a_crash() -> None:
    ran = run(_plan(*[Kind.IDLE] * 3, limit=1, killed_at=frozenset(range(20, 400, 40))))

    assert ran.crashes == 10
    assert set(ran.states.values()) == {"compute-ready"}


def test_a_second_ephyrad_refuses_to_start() -> None:
    ran = run(_plan(Kind.IN_USE, climate=Climate(second=1.0)))

    assert ran.tally.counts["fault"]["second", ""] > 1
    assert set(ran.states.values()) == {"compute-ready"}

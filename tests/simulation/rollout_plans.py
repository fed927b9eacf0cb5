# SPDX-License-Identifier: Apache-2.0
"""What each seed's rollout is made of: a chance declaration, under chance weather."""

import random
from dataclasses import replace
from datetime import time, timedelta

from ephyrad.migration.facts import CloudName
from ephyrad.rollout.declaration import (
    Amount,
    ApprovalGate,
    Budget,
    CommandGate,
    Declaration,
    Floor,
    Gate,
    Limits,
    Rate,
    Selection,
    WaveRule,
    Window,
)
from tests.simulation.fleet import Kind
from tests.simulation.plans import Ran, plan_of, run
from tests.simulation.world import Plan

_COMMON = (Kind.IDLE, Kind.IDLE, Kind.IDLE, Kind.IN_USE, Kind.MANAGEABLE, Kind.FAKE_IDLE)
_GATES: dict[str, Gate] = {
    "smoke": CommandGate(("/bin/true",), timedelta(minutes=10)),
    "person": ApprovalGate(),
}
_ORDERS = (("idle", "name"), ("name",), ("extra.rack", "idle"))


def rollout_plan_of(seed: int) -> Plan:
    """Return the plan of a seed of rollouts: the same for ever."""
    rng = random.Random(f"{seed} rollout")
    kinds = (*rng.choices(_COMMON, k=rng.randint(4, 7)), rng.choice(list(Kind)))
    calm = rng.random() < 0.2
    plan = plan_of(seed)
    return replace(
        plan,
        kinds=kinds,
        climate=replace(plan.climate, second=0.0),
        rollout=_declaration(rng),
        steered=not calm,
        # The auditor of rollouts follows the way forward.
        sent_about=None,
    )


def rollout_command(seed: int) -> str:
    """Return the command that runs one seed."""
    return f"./test tests/simulation/test_rollout_seeds.py --seeds 1 --first-seed {seed}"


def run_rollout_seed(seed: int) -> Ran:
    """Run a seed.

    :raises SeedFailed: it went wrong.
    """
    return run(rollout_plan_of(seed), rollout_command(seed))


def _declaration(rng: random.Random) -> Declaration:
    return Declaration(
        "campaign",
        (Selection(),),
        order=rng.choice(_ORDERS),
        waves=_waves(rng),
        limits=_limits(rng),
        floors=_floors(rng),
        windows=_windows(rng),
        budget=Budget(
            held=rng.choice((None, Amount(1), Amount(2), Amount(percent=30.0))),
            in_a_row=rng.choice((None, 1, 2)),
        ),
        gates=_GATES,
    )


def _waves(rng: random.Random) -> tuple[WaveRule, ...]:
    def rule(name: str, *sizes: Amount | None) -> WaveRule:
        gates = rng.choice(((), ("smoke",), ("person",), ("smoke", "person")))
        return WaveRule(name, rng.choice(sizes), gates, waits_for_owners=rng.random() < 0.3)

    if rng.random() < 0.3:
        return (rule("all", None),)
    return (rule("canary", Amount(1), Amount(percent=20.0)), rule("rest", Amount(2), None))


def _limits(rng: random.Random) -> Limits:
    span = timedelta(minutes=rng.choice((5, 30)))
    return Limits(
        in_flight=rng.choice((None, 1, 2, 3)),
        by_value=rng.choice(({}, {"extra.rack": 1}, {"resource_class": 2, "extra.rack": 2})),
        starts=rng.choice((None, None, Rate(rng.randint(1, 2), span))),
    )


def _floors(rng: random.Random) -> tuple[Floor, ...]:
    amount = rng.choice((None, Amount(1), Amount(2), Amount(percent=30.0)))
    return (Floor(CloudName.OLD, "baremetal.*", amount),) if amount else ()


def _windows(rng: random.Random) -> tuple[Window, ...]:
    """None, or some that are open half of an hour's day, so that a run meets both ends."""
    if rng.random() < 0.5:
        return ()
    days = frozenset(range(7))
    first = rng.randrange(60)
    spans = [((first + 20 * part) % 60, (first + 20 * part + 10) % 60) for part in range(3)]
    return tuple(
        Window(days, time(hour, start), time((hour + (end < start)) % 24, end))
        for hour in range(24)
        for start, end in spans
    )

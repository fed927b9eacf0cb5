# SPDX-License-Identifier: Apache-2.0
"""What each seed's run is made of."""

import random
import tempfile
from pathlib import Path

from tests.simulation.fleet import Kind
from tests.simulation.leaks import expect_no_leak_in_files, no_leak_in_the_log
from tests.simulation.weather import draw
from tests.simulation.world import Plan, World

_COMMON = (
    *(Kind.IN_USE, Kind.IN_USE, Kind.IDLE, Kind.MANAGEABLE, Kind.DIRTY),
    *(Kind.FAKE_IN_USE, Kind.FAKE_IDLE),
)
_MEMORY = Path("/dev/shm")


class SeedFailed(AssertionError):
    """A run went wrong: says how, what led to it, and how to see it again."""


def plan_of(seed: int) -> Plan:
    """Return the plan of a seed: the same for ever."""
    rng = random.Random(f"{seed} plan")
    kinds = [*rng.choices(_COMMON, k=rng.randint(2, 5)), rng.choice(list(Kind))]
    return Plan(
        seed,
        tuple(kinds),
        climate=draw(rng),
        limit=rng.choice((1, 2, 6)),
        masked=rng.choice((None, None, rng.uniform(0.0, 3600.0))),
        cleans=rng.random() < 0.7,
        sweep_interval=rng.choice((30.0, 60.0, 600.0)),
    )


def run(plan: Plan) -> World:
    """Run a plan on a journal in a directory of its own; return the world at its end.

    :raises SeedFailed: it went wrong.
    """
    # In memory where that is possible: the journal syncs at every commit.
    where = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="ephyrad-", dir=where) as directory:
        world = World(plan, Path(directory))
        try:
            with no_leak_in_the_log():
                world.run()
            expect_no_leak_in_files(Path(directory))
        except Exception as error:
            raise SeedFailed(_story(plan, world, error)) from error
        finally:
            world.close()
        return world


def _story(plan: Plan, world: World, error: Exception) -> str:
    node = world.auditor.objections[0].node if world.auditor.objections else world.straggler()
    return "\n".join(
        (
            f"{type(error).__name__}: {error}",
            world.trace.about(node),
            f"to see it again: pytest tests/simulation --seeds 1 --first-seed {plan.seed}",
        )
    )

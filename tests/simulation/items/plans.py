# SPDX-License-Identifier: Apache-2.0
"""What each seed's run of items is made of, and what a run leaves to look at."""

import random
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from tests.simulation.items.truth import KINDS
from tests.simulation.items.world import ItemPlan, ItemWorld
from tests.simulation.mail import Mail
from tests.simulation.plans import SeedFailed
from tests.simulation.tally import Tally
from tests.simulation.weather import draw

_MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class RanItems:
    """A run that went as it must: how many items were carried of how many, and what it met."""

    carried: int
    digest: str
    tally: Tally


def plan_of(seed: int) -> ItemPlan:
    """Return the plan of a seed."""
    rng = random.Random(f"{seed} items plan")
    some = frozenset(kind for kind in KINDS if rng.random() < 0.7)
    return ItemPlan(
        seed,
        # Few calls change anything: it takes more crashes to meet those.
        climate=replace(draw(rng), crash=rng.choice((0.0, rng.random() * 0.1))),
        deletions=some if rng.random() < 0.6 else frozenset(),
        sweep_interval=rng.choice((120.0, 300.0)),
        loses=rng.choice((0.0, 0.0, 0.2)),
        mail=rng.choice(list(Mail)),
        cuts=rng.choice((0.0, 0.3)),
        runbooks=rng.random() < 0.4,
    )


def run(plan: ItemPlan) -> RanItems:
    """Run a plan on a journal in a directory of its own.

    :raises SeedFailed: it went wrong.
    """
    # In memory where that is possible: the journal syncs at every commit.
    where = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="ephyrad-", dir=where) as directory:
        world = ItemWorld(plan, Path(directory))
        try:
            world.run()
            world.tally.runs = 1
            return RanItems(len(world.carried()), world.trace.digest(), world.tally)
        except Exception as error:
            raise SeedFailed(_story(world, error)) from error
        finally:
            world.close()


def run_seed(seed: int) -> RanItems:
    """Run a seed.

    :raises SeedFailed: it went wrong.
    """
    return run(plan_of(seed))


def _story(world: ItemWorld, error: Exception) -> str:
    """Tell of the item that an error begins with, and how to see it again."""
    named = str(error).split(" ")[1:2]
    words = [*(each.strip(":") for each in named), "ephyrad", "journal is lost", "the weather"]
    lines = [line for line in world.trace.lines if any(each in line for each in words)]
    command = f"./test tests/simulation/items --seeds 1 --first-seed {world.plan.seed}"
    story = "\n".join(lines[-60:])
    return f"{type(error).__name__}: {error}\n{story}\nto see it again: {command}"

# SPDX-License-Identifier: Apache-2.0
"""What each seed's run is made of, and what a run leaves to look at."""

import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.boundary import Crash
from tests.simulation.fleet import Kind
from tests.simulation.leaks import expect_no_leak_in_files, no_leak_in_the_log
from tests.simulation.mail import Mail
from tests.simulation.tally import Tally
from tests.simulation.weather import draw
from tests.simulation.world import ENDS, Plan, World

_COMMON = (
    *(Kind.IN_USE, Kind.IN_USE, Kind.IDLE, Kind.MANAGEABLE, Kind.DIRTY),
    *(Kind.FAKE_IN_USE, Kind.FAKE_IDLE),
)
_MEMORY = Path("/dev/shm")


class SeedFailed(AssertionError):
    """A run went wrong: says how, what led to it, and how to see it again."""


@dataclass(frozen=True)
class Ran:
    """A run that went as it must.

    `states`: how each node stands at its end, of which those in `may_be_held` need not arrive.
    `boundaries`: the names of those that were reached, in order. `digest`: of all that happened.
    """

    states: dict[str, str]
    may_be_held: frozenset[str]
    boundaries: tuple[str, ...]
    crashes: int
    digest: str
    tally: Tally

    @property
    def unfinished(self) -> dict[str, str]:
        """The nodes that had to come to an end and did not, with how they stand."""
        return {
            node: state
            for node, state in self.states.items()
            if state not in ENDS and not (node in self.may_be_held and state.startswith("held"))
        }


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
        mail=rng.choice(list(Mail)),
        aborts=_aborts(seed),
        sent_about=random.Random(f"{seed} sent about").choice((None, 300.0, 1200.0)),
    )


def _aborts(seed: int) -> float:
    """Return how often the operator changes his mind: in half of the runs never."""
    rng = random.Random(f"{seed} aborts")
    return rng.uniform(0.05, 1.0) if rng.random() < 0.5 else 0.0


def seed_command(seed: int) -> str:
    """Return the command that runs one seed."""
    return f"./test tests/simulation/test_seeds.py --seeds 1 --first-seed {seed}"


def run(plan: Plan, command: str | None = None) -> Ran:
    """Run a plan on a journal in a directory of its own.

    `command`: what one types to see this run again, if it is not that of a seed.

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
            world.tally.runs = 1
            return Ran(
                states=world.states(),
                may_be_held=frozenset(world.may_be_held()),
                boundaries=tuple(world.boundaries.names),
                crashes=world.crashes,
                digest=world.trace.digest(),
                tally=world.tally,
            )
        except (Exception, Crash) as error:
            story = _story(world, error, command or seed_command(plan.seed))
            raise SeedFailed(story) from error
        finally:
            world.close()


def run_seed(seed: int) -> Ran:
    """Run a seed.

    :raises SeedFailed: it went wrong.
    """
    return run(plan_of(seed))


def _story(world: World, error: BaseException, command: str) -> str:
    node = world.auditor.objections[0].node if world.auditor.objections else world.straggler()
    return "\n".join(
        (
            f"{type(error).__name__}: {error}",
            world.trace.about(node),
            f"to see it again: {command}",
        )
    )

# SPDX-License-Identifier: Apache-2.0
"""A slot that is free is taken by whoever waits for one."""

from pathlib import Path

from ephyrad.engine.turn import Queued
from tests.simulation.fleet import Kind
from tests.simulation.world import Plan, World

_HOUR = 3600.0


def _queued(world: World) -> list[str]:
    if world.engine is None:
        return []
    crew = world.engine.crew
    return [member.uuid for member in world.fleet if isinstance(crew.end_of(member.uuid), Queued)]


def test_a_queued_node_that_is_held_lets_the_next_one_go_before_it(tmp_path: Path) -> None:
    world = World(Plan(seed=1, kinds=(Kind.IDLE,) * 3, limit=1, booting=False), tmp_path)
    world.ask()
    # Later than the first sweep, which wakes everybody once more.
    later = world.clock.monotonic() + 30.0
    while len(_queued(world)) < 2 or world.clock.monotonic() < later:
        world.step(60.0)
    assert world.operations is not None
    assert world.engine is not None
    held = next(iter(world.engine.crew._queued))
    world.people.mending = False
    world.operations.hold(held, reason="wait for me", by="operator")

    end = world.clock.monotonic() + 6 * _HOUR
    while world.clock.monotonic() < end:
        world.step(60.0)

    states = world.states()
    world.close()
    assert states.pop(held) == "held: operator"
    assert list(states.values()) == ["compute-ready", "compute-ready"]

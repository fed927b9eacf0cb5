# SPDX-License-Identifier: Apache-2.0
"""Every wait ends (I10), the machine stays the same (I7), and what is late is no surprise."""

from datetime import timedelta
from pathlib import Path

import pytest

from ephyrad.migration import entering, next_step
from ephyrad.migration.effects import PartKind
from ephyrad.migration.policy import Policy
from ephyrad.testing.troubles import Late
from tests.simulation.fleet import Kind
from tests.simulation.world import Plan, World

_DAY = 86400.0


def _world(directory: Path, kind: Kind) -> World:
    policy = Policy(removal_timeout=timedelta(hours=1))
    world = World(
        Plan(seed=1, kinds=(kind,), booting=False, furnished=True, policy=policy), directory
    )
    world.people.mending = False
    return world


def _run_for(world: World, seconds: float) -> str:
    """Run for so long; return how the only node stands then."""
    end = world.clock.monotonic() + seconds
    while world.clock.monotonic() < end:
        world.step(60.0)
    (state,) = world.states().values()
    return state


def _without_nova_compute(world: World) -> None:
    """The old nova-compute never comes back, so the old provider is never removed."""
    assert world.old.nova is not None
    world.old.nova.interval = 1000 * _DAY


def test_a_wait_for_what_never_comes_ends_in_a_hold(tmp_path: Path) -> None:
    world = _world(tmp_path, Kind.IDLE)
    _without_nova_compute(world)

    world.ask()

    assert _run_for(world, _DAY / 10) == "held: deadline"
    world.close()


def test_without_deadlines_it_would_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(next_step, "_patient", lambda step, *_: step)
    world = _world(tmp_path, Kind.IDLE)
    _without_nova_compute(world)

    world.ask()

    assert _run_for(world, _DAY / 10) != "held: deadline"
    world.close()


def _other_mac_when_transferred(world: World) -> None:
    """Somebody swaps a network card in the old record once the node is verified."""
    (member,) = world.fleet
    new, old = (cloud.ironic.nodes.get(member.uuid) for cloud in (world.new, world.old))
    if old is None:
        return
    if new is not None and new.state == "verifying":
        port = next(iter(old.parts[PartKind.PORT].values()))
        port["address"] = "52:54:ff:00:00:01"
        return
    world.clock.call_later(0.1, lambda: _other_mac_when_transferred(world))


def test_another_machine_is_not_deleted(tmp_path: Path) -> None:
    world = _world(tmp_path, Kind.IN_USE)
    world.clock.call_later(1.0, lambda: _other_mac_when_transferred(world))

    world.ask()

    assert _run_for(world, _DAY / 12) == "held: different"
    assert world.fleet[0].uuid in world.old.ironic.nodes
    world.close()


def test_without_comparing_it_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entering, "changed", lambda *_, mended: {})
    world = _world(tmp_path, Kind.IN_USE)
    world.clock.call_later(1.0, lambda: _other_mac_when_transferred(world))

    world.ask()

    with pytest.raises(AssertionError, match="I7 broken"):
        _run_for(world, _DAY / 12)
    world.close()


def test_a_call_that_a_proxy_gave_up_on_is_done_late(tmp_path: Path) -> None:
    world = _world(tmp_path, Kind.FAKE_IN_USE)
    # The proxy has less patience than Ironic's RPC, and the answer is Unknown at once.
    late = Late(seconds=55.0, patience=0.1)
    world.new.troubles.weather = None
    world.new.troubles.plan("provision", late)
    assert world.old.nova is not None
    assert world.new.nova is not None
    # The old provider is gone, and the node offered, as quickly as can be.
    world.old.nova.interval = world.new.nova.interval = 2.0

    world.ask()

    assert _run_for(world, _DAY / 12) == "compute-ready"
    world.close()

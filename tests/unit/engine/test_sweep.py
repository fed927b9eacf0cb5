# SPDX-License-Identifier: Apache-2.0
"""The sweep wakes what changed, and says once when a cloud cannot be read."""

import logging
from pathlib import Path

import pytest

from ephyrad.clouds.port import CloudSetupError
from ephyrad.engine.sweep import Sweep
from ephyrad.migration.facts import CloudName
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig


@pytest.fixture
def made(tmp_path: Path) -> Rig:
    return rig(tmp_path, Kind.IDLE, Kind.IDLE, Kind.IDLE)


def _sweep(made: Rig, woken: list[str]) -> Sweep:
    followed = [member.uuid for member in made.fleet[:2]]
    return Sweep((made.old,), lambda: followed, woken.append, lambda: 60.0, made.clock.now)


def test_the_first_sweep_wakes_all_that_are_followed(made: Rig) -> None:
    woken: list[str] = []
    _sweep(made, woken).sweep(made.old)

    assert woken == [member.uuid for member in made.fleet[:2]]


def test_later_ones_wake_what_looks_different(made: Rig) -> None:
    woken: list[str] = []
    sweep = _sweep(made, woken)
    sweep.sweep(made.old)
    woken.clear()
    sweep.sweep(made.old)
    assert woken == []

    for member in made.fleet[1:]:
        made.old.ironic.set_maintenance(member.uuid, "by hand")
    sweep.sweep(made.old)

    # The third is not followed.
    assert woken == [made.fleet[1].uuid]


def test_a_node_that_vanished_looks_different(made: Rig) -> None:
    woken: list[str] = []
    sweep = _sweep(made, woken)
    sweep.sweep(made.old)
    woken.clear()
    made.old.ironic.delete_node(made.fleet[0].uuid)
    sweep.sweep(made.old)

    assert woken == [made.fleet[0].uuid]


def test_a_cloud_that_cannot_be_read_is_named_once(
    made: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    sweep = _sweep(made, [])
    made.old.fail_read("nodes", times=2)
    for _ in range(2):
        sweep.sweep(made.old)
    assert len(caplog.records) == 1
    assert "503" in (sweep.state(CloudName.OLD).error or "")

    sweep.sweep(made.old)

    assert len(caplog.records) == 2
    assert sweep.state(CloudName.OLD).error is None
    assert sweep.state(CloudName.OLD).at == made.clock.now()


def test_a_cloud_that_was_down_at_the_start_is_checked_before_it_is_believed(
    made: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[str] = []

    def refuse() -> None:
        checks.append("refused")
        raise CloudSetupError("[old_cloud]: the credentials are project-scoped")

    woken: list[str] = []
    sweep = _sweep(made, woken)
    with monkeypatch.context() as patch:
        patch.setattr(made.old, "check", refuse)
        sweep.sweep(made.old)
        sweep.sweep(made.old)
    assert (checks, woken) == (["refused", "refused"], [])

    sweep.sweep(made.old)

    assert len(woken) == 2

# SPDX-License-Identifier: Apache-2.0
"""To live is one thing, to be able to work another."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ephyrad.engine.answers import HealthAnswer
from ephyrad.engine.health import judge
from ephyrad.engine.sweep import SweepState
from ephyrad.migration.facts import CloudName
from tests.unit.engine.rig import rig

AT = datetime(2026, 11, 25, tzinfo=UTC)
READ = SweepState(AT)


def test_all_is_well() -> None:
    sweeps = {CloudName.OLD: READ, CloudName.NEW: READ}

    assert judge(live=True, trouble=None, sweeps=sweeps) == HealthAnswer(True, True, ())


@pytest.mark.parametrize(
    ("trouble", "new", "because"),
    [
        ("journal j: its disk is full", READ, "journal j: its disk is full"),
        (None, SweepState(), "the new cloud was not read whole yet"),
        (None, SweepState(AT, "no route"), "the new cloud cannot be read: no route"),
    ],
)
def test_it_lives_and_is_not_ready(trouble: str | None, new: SweepState, because: str) -> None:
    found = judge(live=True, trouble=trouble, sweeps={CloudName.OLD: READ, CloudName.NEW: new})

    assert found == HealthAnswer(live=True, ready=False, because=(because,))


def test_an_engine_whose_threads_do_not_run_does_not_live(tmp_path: Path) -> None:
    made = rig(tmp_path)
    for cloud in (made.old, made.new):
        made.engine.sweep.sweep(cloud)

    assert made.operations.health() == HealthAnswer(
        live=False,
        ready=False,
        because=("a thread of ephyrad's has ended, or hangs: start it again",),
    )

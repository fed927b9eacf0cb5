# SPDX-License-Identifier: Apache-2.0
"""What a start takes up first, and what goes on from then on."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.simulation.fleet import Kind
from tests.unit.engine.rig import rig


def test_what_is_in_flight_comes_before_what_only_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = rig(tmp_path, Kind.IN_USE, Kind.IDLE)
    waiting, moving = (member.uuid for member in made.fleet)
    made.operations.migrate_all(by="ann")
    made.run(10)
    in_flight = [each.node for each in made.journal.migrations() if each.in_flight]
    woken: list[str] = []
    monkeypatch.setattr(made.engine.crew, "wake", woken.append)
    for part in (made.engine.crew, made.engine.sweep, made.engine._trimmer):
        monkeypatch.setattr(part, "start", lambda: None)

    made.engine.start()
    made.journal.close()

    assert in_flight == [moving]
    assert woken == [moving, waiting]


def test_trimming_goes_on_after_an_error_of_ephyrads_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = rig(tmp_path, Kind.IDLE)
    tuning = replace(made.engine.tuning(), sweep_interval=0.0)
    calls: list[datetime] = []

    def trim(before: datetime) -> int:
        calls.append(before)
        if len(calls) == 1:
            raise RuntimeError("a bug")
        made.engine._stopped.set()
        return 0

    monkeypatch.setattr(made.engine, "tuning", lambda: tuning)
    monkeypatch.setattr(made.journal, "trim", trim)

    made.engine._trim()
    made.journal.close()

    assert len(calls) == 2
    assert "trimming the journal failed by an error of ephyrad's own" in caplog.text

# SPDX-License-Identifier: Apache-2.0
"""Who is told may fail; nobody else is hurt."""

import logging
from pathlib import Path

import pytest

from ephyrad.engine.told import Told, Written
from ephyrad.migration.entries import Moved
from ephyrad.migration.states import State
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig


def test_whoever_is_told_and_fails_hurts_no_turn(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_told: Told) -> None:
        raise RuntimeError("it counts no more")

    made = rig(tmp_path, Kind.IDLE, tell=fails)
    made.operations.migrate([made.fleet[0].name], by="ann")

    with caplog.at_level(logging.ERROR):
        made.run(3 * 3600)

    migration = made.journal.migration(made.fleet[0].uuid)
    assert migration is not None
    assert migration.state is State.COMPUTE_READY
    assert "Written was not counted, by an error of ephyrad's own" in caplog.text


def test_nothing_is_told_before_it_is_written_down(tmp_path: Path) -> None:
    rigs: list[Rig] = []
    early: list[Told] = []

    def listens(told: Told) -> None:
        made = rigs[0]
        entries = [entry for _, entry in made.journal.history(made.fleet[0].uuid)]
        if isinstance(told, Written) and told.entry not in entries:
            early.append(told)

    rigs.append(rig(tmp_path, Kind.IDLE, tell=listens))
    rigs[0].operations.migrate([rigs[0].fleet[0].name], by="ann")
    rigs[0].run(3 * 3600)

    moves = [e for _, e in rigs[0].journal.history(rigs[0].fleet[0].uuid) if isinstance(e, Moved)]
    assert len(moves) == 5
    assert early == []

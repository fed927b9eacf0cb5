# SPDX-License-Identifier: Apache-2.0
"""A carry that goes on with a backup of its journal, and a carry without its key."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from ephyrad.journal import backup, restore
from ephyrad.journal.database import FILE_NAME
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause
from ephyrad.secrets.keys import KeyRing
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig

MOMENTS = (1, 13, 20, 23, 26)
"""How many entries the journal has at least when it is backed up; at its end it has 28."""


def asked_for(directory: Path) -> Rig:
    directory.mkdir()
    made = rig(directory, Kind.IDLE)
    made.operations.migrate([made.fleet[0].name], by="ann")
    return made


def carried_until(made: Rig, seq: int) -> bool:
    """Carry the node until its journal has so many entries; False: it arrived before."""
    for _ in range(2000):
        migration = made.journal.migrations()[0]
        if migration.finished:
            return False
        if migration.seq >= seq:
            return True
        made.run(10)
    raise AssertionError("it neither arrives nor goes on")


def ended(made: Rig) -> tuple[State, Cause | None]:
    made.run(6 * 3600)
    (migration,) = made.journal.migrations()
    return migration.state, migration.hold.cause if migration.hold else None


@pytest.mark.parametrize("seq", MOMENTS)
def test_with_a_backup_made_on_the_way_the_node_arrives(tmp_path: Path, seq: int) -> None:
    made = asked_for(tmp_path / "first")
    assert carried_until(made, seq)
    backup.write(tmp_path / "first" / FILE_NAME, tmp_path / "backup")
    made.journal.close()
    (tmp_path / "second").mkdir()
    shutil.copy(tmp_path / "first" / "keys", tmp_path / "second")

    keys = KeyRing.open(tmp_path / "second" / "keys")
    restore.restore(tmp_path / "second", tmp_path / "backup", keys, made.clock.now())
    with closing((again := made.with_journal(tmp_path / "second")).journal):
        assert ended(again) == (State.COMPUTE_READY, None)

    assert made.old.ironic.nodes == {}
    assert made.new.ironic.nodes[made.fleet[0].uuid].body["provision_state"] == "available"


@pytest.mark.parametrize("seq", MOMENTS)
def test_with_an_older_backup_it_arrives_or_is_held_and_nothing_is_undone(
    tmp_path: Path, seq: int
) -> None:
    made = asked_for(tmp_path / "first")
    assert carried_until(made, seq)
    backup.write(tmp_path / "first" / FILE_NAME, tmp_path / "backup")
    assert ended(made) == (State.COMPUTE_READY, None)
    arrived = dict(made.new.ironic.nodes[made.fleet[0].uuid].body)
    made.journal.close()

    directory = tmp_path / "first"
    keys = KeyRing.open(directory / "keys")
    restore.restore(directory, tmp_path / "backup", keys, made.clock.now())
    with closing((again := made.with_journal(directory)).journal):
        state, cause = ended(again)

    held = cause in (Cause.VANISHED, Cause.OLD_GONE, Cause.CLEAN_FAILED)
    assert held or (state, cause) == (State.COMPUTE_READY, None)
    assert made.new.ironic.nodes[made.fleet[0].uuid].body == arrived


def test_a_document_that_no_key_opens_is_made_anew_from_the_old_record(tmp_path: Path) -> None:
    made = asked_for(tmp_path / "first")
    assert carried_until(made, 13)
    assert made.journal.migrations()[0].kept_final
    made.journal._db.execute("UPDATE documents SET ciphertext = x'00'")

    assert ended(made) == (State.COMPUTE_READY, None)

    node = made.fleet[0]
    arrived = made.new.ironic.nodes[node.uuid].body
    assert arrived["driver_info"]["redfish_password"] == node.password
    made.journal.close()

# SPDX-License-Identifier: Apache-2.0
"""A journal that cannot be written: nothing is done, it is told, and nothing is lost of it."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ephyrad.engine.turn import Waiting
from ephyrad.journal.errors import DiskError
from ephyrad.migration.facts import CloudName, Notification
from ephyrad.migration.states import State
from tests.harness.disk import FULL, READ_FAILS, SYNC_FAILS, WRITE_FAILS, Disk, disk
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig

PORT = """
    provision patch_node set_maintenance clear_maintenance power_off create_node create_part
    set_traits delete_node
""".split()


@pytest.fixture
def below() -> Iterator[Disk]:
    with disk() as found:
        yield found


def asked_for(directory: Path) -> Rig:
    """One idle node, asked for."""
    directory.mkdir(exist_ok=True)
    made = rig(directory, Kind.IDLE)
    made.operations.migrate([made.fleet[0].name], by="ann")
    return made


@pytest.fixture
def idle(tmp_path: Path, below: Disk) -> Iterator[Rig]:
    made = asked_for(tmp_path)
    yield made
    made.journal.close()


def watch(made: Rig, monkeypatch: pytest.MonkeyPatch, then: Callable[[str], None]) -> list[str]:
    """Have `then` called after each call that changes a cloud; return their names as they come."""
    calls: list[str] = []

    def watched(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def performed(*arguments: Any) -> Any:
            outcome = call(*arguments)
            calls.append(name)
            then(name)
            return outcome

        return performed

    for cloud in (made.old, made.new):
        for name in PORT:
            monkeypatch.setattr(cloud, name, watched(f"{name} {cloud.name}", getattr(cloud, name)))
    return calls


def test_no_effect_goes_out_whose_intent_is_not_durable(
    idle: Rig, below: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = watch(idle, monkeypatch, lambda _: None)
    before = idle.journal.history(idle.fleet[0].uuid)
    below.writes = FULL

    idle.run(600)

    assert calls == []
    assert idle.journal.history(idle.fleet[0].uuid) == before


def test_it_is_told_once_and_for_all_nodes_and_taken_back(
    idle: Rig, below: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ephyrad")
    below.writes = FULL
    idle.run(600)

    (line,) = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert "journal.sqlite: the disk is full: make room" in line
    assert "the disk is full" in str(idle.operations.status().journal_error)
    assert "the disk is full" in idle.operations.node(idle.fleet[0].name).doing

    below.writes = 0
    idle.run(60)

    assert idle.operations.status().journal_error is None
    assert "it can be written again" in caplog.text


def test_no_cloud_is_asked_while_nothing_can_be_written(
    idle: Rig, below: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    below.writes = FULL
    idle.turn()
    asked: list[str] = []
    monkeypatch.setattr(idle.old, "node", asked.append)

    idle.run(60)

    assert asked == []


def test_wherever_the_disk_is_full_the_node_arrives_and_nothing_is_done_twice(
    tmp_path: Path, below: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    untroubled = asked_for(tmp_path / "whole")
    expected = watch(untroubled, monkeypatch, lambda _: None)
    untroubled.run(3 * 3600)
    untroubled.journal.close()

    made = asked_for(tmp_path / "full")

    def fill(_: str) -> None:
        below.writes = FULL

    # The outcome of every single effect finds the disk full, until there is room after a while.
    calls = watch(made, monkeypatch, fill)
    for _ in range(2 * len(expected)):
        made.run(600)
        below.writes = 0
        made.run(30)
    made.run(3 * 3600)
    made.journal.close()

    assert len(expected) > 8
    assert calls == expected
    assert [each.state for each in made.journal.migrations()] == [State.COMPUTE_READY]


def test_a_slot_claimed_for_what_was_not_written_is_given_back(
    idle: Rig, below: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, claims = idle.engine.slots.claim, []

    def claimed(node: str) -> bool:
        below.writes = FULL
        claims.append(node)
        return claim(node)

    monkeypatch.setattr(idle.engine.slots, "claim", claimed)
    idle.turn()

    assert claims == [idle.fleet[0].uuid]
    assert idle.engine.slots.taken == 0


@pytest.mark.parametrize(
    ("kind", "result"), [("writes", WRITE_FAILS), ("syncs", SYNC_FAILS), ("reads", READ_FAILS)]
)
def test_after_a_failure_of_the_disk_nothing_is_done_until_the_journal_was_opened_anew(
    idle: Rig, below: Disk, monkeypatch: pytest.MonkeyPatch, kind: str, result: int
) -> None:
    calls = watch(idle, monkeypatch, lambda _: None)
    # What is in the cache is not read from the disk.
    idle.journal._db.execute("PRAGMA cache_size = 0").fetchall()
    setattr(below, kind, result)
    idle.turn()
    setattr(below, kind, 0)
    idle.run(600)

    assert idle.journal.failed
    assert calls == []
    assert "start ephyrad again" in str(idle.operations.status().journal_error)
    assert isinstance(idle.engine.crew.end_of(idle.fleet[0].uuid), Waiting)


def test_notifications_are_not_taken_in_while_they_cannot_be_stored(idle: Rig, below: Disk) -> None:
    node = idle.fleet[0].uuid
    told = Notification(CloudName.OLD, "m1", "baremetal.x", idle.clock.now(), node, {})
    below.writes = FULL
    with pytest.raises(DiskError):
        idle.engine.receive([told])
    below.writes = 0

    idle.engine.receive([told])

    assert [found.message_id for _, found in idle.journal.inbox(node)] == ["m1"]


def test_what_an_operator_asks_meanwhile_is_refused_with_the_cause(idle: Rig, below: Disk) -> None:
    below.writes = FULL

    with pytest.raises(DiskError, match="the disk is full: make room"):
        idle.operations.hold(idle.fleet[0].name, reason="wait", by="ann")

    assert idle.journal.migration(idle.fleet[0].uuid).hold is None  # type: ignore[union-attr]

# SPDX-License-Identifier: Apache-2.0
"""What operators ask of the engine, and the one line they get when it cannot be done."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from ephyrad.engine.answers import Complaint, OperationError, QuarantineAnswer
from ephyrad.engine.operations import EngineOperations
from ephyrad.migration.facts import CloudName, Poison
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig


@pytest.fixture
def made(tmp_path: Path) -> Rig:
    return rig(tmp_path, Kind.IDLE, Kind.IN_USE, Kind.PROTECTED)


def test_nothing_is_migrated_that_was_not_asked_for(made: Rig) -> None:
    made.run(600)

    assert list(made.operations.nodes()) == []
    assert made.new.ironic.nodes == {}


def test_nodes_are_taken_on_once_by_name_or_uuid(made: Rig) -> None:
    first, second, _ = made.fleet
    answer = made.operations.migrate([first.name, first.uuid, second.uuid], by="ann")
    again = made.operations.migrate([first.name], by="bob")

    assert {node.node for node in answer.accepted} == {first.uuid, second.uuid}
    assert (len(answer.accepted), len(again.accepted), len(again.already)) == (2, 0, 1)
    assert again.already[0].asked_by == "ann"


def test_all_of_them_or_none(made: Rig) -> None:
    with pytest.raises(OperationError, match="no node nobody") as raised:
        made.operations.migrate([made.fleet[0].name, "nobody"], by="ann")

    assert raised.value.complaint is Complaint.NOT_FOUND
    assert list(made.operations.nodes()) == []


def test_every_node_of_the_old_cloud(made: Rig) -> None:
    made.operations.migrate([made.fleet[0].name], by="ann")
    answer = made.operations.migrate_all(by="ann")

    assert (len(answer.accepted), len(answer.already)) == (2, 1)


def test_the_status_counts_all_states(made: Rig) -> None:
    made.operations.migrate_all(by="ann")
    made.run(10)
    status = made.operations.status()

    assert sum(status.states.values()) == 3
    # The protected one is held, the one in use waits for its owner, the idle one is worked on.
    assert (status.held, status.waiting, status.in_flight) == (1, 1, 1)
    assert [cloud.cloud for cloud in status.clouds] == ["old", "new"]


def test_the_status_tells_what_could_not_be_read(made: Rig) -> None:
    poison = Poison(CloudName.NEW, "no-json", "it is no JSON", count=2, size=7, sha256="ab")
    made.engine.receive([], [poison])
    came = made.clock.now()

    old, new = made.operations.status().clouds

    assert old.quarantine == ()
    assert new.quarantine == (
        QuarantineAnswer("no-json", "it is no JSON", 2, came, came, None, None, 7, "ab"),
    )


def test_the_status_is_told_when_the_journal_cannot_be_read(made: Rig) -> None:
    made.engine.receive([], [Poison(CloudName.NEW, "no-json", "it is no JSON")])
    made.journal.close()

    assert [cloud.quarantine for cloud in made.operations.status().clouds] == [(), ()]


def test_a_node_tells_what_it_waits_for(made: Rig) -> None:
    made.operations.migrate_all(by="ann")
    made.run(60)
    in_use = made.operations.node(made.fleet[1].name)
    protected = made.operations.node(made.fleet[2].name)

    assert "instance" in in_use.doing
    assert in_use.deadline is not None
    assert protected.held
    assert "unset protected" in protected.doing


def test_a_hold_lasts_until_it_is_released(made: Rig) -> None:
    name = made.fleet[0].name
    made.operations.migrate([name], by="ann")
    made.operations.hold(name, reason="disk is replaced", by="bob")
    made.run(3600)
    held = made.operations.node(name)
    assert (held.held, held.state) == (True, "active")
    assert held.doing == "disk is replaced (held by bob)"

    made.operations.release(name, by="ann")
    made.run(3 * 3600)

    assert made.operations.node(name).state == "compute-ready"
    assert "released by ann" in [row.summary for row in made.operations.history(name)]


def test_the_log_says_who_asked_for_what(made: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ephyrad")
    node = made.fleet[0]
    made.operations.migrate([node.name], by="ann")
    made.operations.hold(node.name, reason="disk", by="bob")
    made.operations.release(node.name, by="cy")
    made.run(3 * 3600)

    told = [record.getMessage() for record in caplog.records]
    label = f"node {node.name} ({node.uuid})"
    assert told[:3] == [
        f"{label}: migration asked for by ann",
        f"{label}: held (operator): disk (held by bob)",
        f"{label}: released by cy",
    ]
    assert f"{label}: retire in the old cloud: done" in told


def _hold_arrived(made: Rig, operations: EngineOperations) -> object:
    operations.migrate([made.fleet[0].name], by="ann")
    made.run(3 * 3600)
    return operations.hold(made.fleet[0].name, reason="why", by="ann")


def _release_free(made: Rig, operations: EngineOperations) -> object:
    operations.migrate([made.fleet[0].name], by="ann")
    return operations.release(made.fleet[0].name, by="ann")


def _all_unreachable(made: Rig, operations: EngineOperations) -> object:
    made.old.fail_read("nodes")
    return operations.migrate_all(by="ann")


def _one_unreachable(made: Rig, operations: EngineOperations) -> object:
    made.old.fail_read("node")
    return operations.migrate([made.fleet[0].name], by="ann")


Ask = Callable[[Rig, EngineOperations], object]
MISTAKES: dict[str, tuple[Ask, Complaint, str]] = {
    "show": (lambda _, ops: ops.node("x"), Complaint.NOT_FOUND, "ephyra migrate x"),
    "history": (lambda _, ops: ops.history("x"), Complaint.NOT_FOUND, "ephyra node list"),
    "release": (lambda _, ops: ops.release("x", by="a"), Complaint.NOT_FOUND, "node x"),
    "release a free one": (_release_free, Complaint.CONFLICT, "is not held"),
    "hold an arrived one": (_hold_arrived, Complaint.CONFLICT, "has arrived"),
    "all, unreachable": (_all_unreachable, Complaint.UNAVAILABLE, "no node was taken on"),
    "one, unreachable": (_one_unreachable, Complaint.UNAVAILABLE, "no node was taken on"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(made: Rig, mistake: str) -> None:
    ask, complaint, words = MISTAKES[mistake]
    with pytest.raises(OperationError) as raised:
        ask(made, made.operations)

    assert raised.value.complaint is complaint
    assert words in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_a_key_is_rotated_and_the_node_arrives(made: Rig, caplog: pytest.LogCaptureFixture) -> None:
    made.operations.migrate([made.fleet[0].name], by="ann")
    made.turn()

    assert made.operations.rotate_key(by="ann").documents == 1

    assert "the journal has a new key, as ann asked: 1 documents" in caplog.text
    made.run(3 * 3600)
    assert made.journal.migrations()[0].finished


def test_a_key_file_that_cannot_be_written_is_told(made: Rig, tmp_path: Path) -> None:
    (tmp_path / "keys.new").mkdir()

    with pytest.raises(OperationError, match=r"key file .* let ephyrad's user write") as raised:
        made.operations.rotate_key(by="ann")

    assert raised.value.complaint is Complaint.UNAVAILABLE

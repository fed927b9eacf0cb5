# SPDX-License-Identifier: Apache-2.0
"""Word that an instance may be deleted: given, taken back, and what becomes of it."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.migration.outcomes import Refused, Unknown, Unreachable
from ephyrad.testing.nova import Nova
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig

OTHER = "11111111-2222-4333-8444-555555555555"
HOUR = timedelta(hours=1)


@pytest.fixture
def made(tmp_path: Path) -> Rig:
    made = rig(tmp_path, Kind.IN_USE)
    made.operations.migrate_all(by="ann")
    made.run(60)
    return made


def node_of(made: Rig) -> str:
    return made.fleet[0].uuid


def nova_of(made: Rig) -> Nova:
    assert made.old.nova is not None
    return made.old.nova


def instance_of(made: Rig) -> str:
    (instance,) = nova_of(made).facts(node_of(made)).instances
    return instance


def kinds(made: Rig) -> list[str]:
    return [entry.kind for entry in made.operations.history(node_of(made))]


def tried(made: Rig) -> list[str]:
    """Return what the history says of each try to delete the instance."""
    told = [entry.summary for entry in made.operations.history(node_of(made))]
    return [after for entry, after in pairwise(told) if "delete the ins" in entry]


def test_an_instance_is_deleted_when_its_moment_has_come(made: Rig) -> None:
    instance = instance_of(made)
    due = made.clock.now() + HOUR
    answer = made.operations.give_notice(node_of(made), instance, due, by="rollout a")

    words = (
        f"its instance {instance} is to be deleted from {due:%F %T} UTC on, by word of rollout a"
    )
    assert answer.notice == words
    made.run(3500)
    waits = made.operations.node(node_of(made))
    assert waits.doing == (
        f"waits for instance {instance} to be deleted, by ephyrad from {due:%F %T} UTC on (by word"
        " of rollout a)"
    )
    assert instance_of(made) == instance
    made.run(3600)
    arrived = made.operations.node(node_of(made))
    assert (arrived.state, arrived.notice) == ("compute-ready", None)
    assert words in [entry.summary for entry in made.operations.history(node_of(made))]
    assert tried(made) == ["done"]


def test_a_word_that_was_taken_back_counts_no_more(made: Rig) -> None:
    instance = instance_of(made)
    due = made.clock.now() + HOUR
    made.operations.give_notice(node_of(made), instance, due, by="rollout a")

    answer = made.operations.recall_notice(node_of(made), by="bob")

    assert answer.notice is None
    made.run(7200)
    assert (
        made.operations.node(node_of(made)).doing == f"waits for instance {instance} to be deleted"
    )
    last = list(made.operations.history(node_of(made)))[-1]
    assert last.summary == "the notice to delete its instance is taken back by bob"
    assert instance_of(made) == instance


def test_nothing_is_written_where_nothing_is_new(made: Rig) -> None:
    node, instance, due = node_of(made), instance_of(made), made.clock.now() + HOUR
    made.operations.recall_notice(node, by="bob")
    for _ in range(2):
        made.operations.give_notice(node, instance, due, by="rollout a")

    assert kinds(made).count("noticed") == 1
    assert "recalled" not in kinds(made)
    made.operations.give_notice(node, instance, due + HOUR, by="rollout a")
    assert kinds(made).count("noticed") == 2


def test_a_word_for_another_instance_is_void(made: Rig) -> None:
    instance = instance_of(made)

    made.operations.give_notice(node_of(made), OTHER, made.clock.now(), by="ci")
    made.run(600)

    last = list(made.operations.history(node_of(made)))[-1]
    assert last.summary == (
        "the notice to delete its instance is taken back by ephyrad: it is not for instance"
        f" {instance}, which is on the node"
    )
    answer = made.operations.node(node_of(made))
    assert (answer.notice, answer.held) == (None, False)
    assert instance_of(made) == instance


def test_a_locked_instance_stays_until_it_is_unlocked(made: Rig) -> None:
    instance = instance_of(made)
    nova_of(made).servers[instance].locked = True

    made.operations.give_notice(node_of(made), instance, made.clock.now(), by="ci")
    made.run(600)

    answer = made.operations.node(node_of(made))
    assert (answer.held, answer.cause) == (True, "locked")
    assert instance_of(made) == instance
    nova_of(made).servers[instance].locked = False
    made.run(3600)
    assert made.operations.node(node_of(made)).state == "compute-ready"


def test_the_owner_may_delete_a_locked_instance(made: Rig) -> None:
    instance = instance_of(made)
    nova_of(made).servers[instance].locked = True
    made.operations.give_notice(node_of(made), instance, made.clock.now(), by="ci")
    made.run(600)

    nova_of(made).delete(instance)
    made.run(3600)

    assert made.operations.node(node_of(made)).state == "compute-ready"
    assert tried(made) == []


def test_a_deletion_whose_answer_was_lost_is_looked_for(made: Rig) -> None:
    made.old.lose_reply("delete_server")

    made.operations.give_notice(node_of(made), instance_of(made), made.clock.now(), by="ci")
    made.run(3600)

    assert made.operations.node(node_of(made)).state == "compute-ready"
    assert len(tried(made)) == 1


@pytest.mark.parametrize(
    "outcome", [Unreachable("HTTP 503"), Unknown("HTTP 502")], ids=lambda each: type(each).__name__
)
def test_a_deletion_that_was_not_done_is_tried_again(
    made: Rig, outcome: Unreachable | Unknown
) -> None:
    made.old.fail_next("delete_server", outcome)

    made.operations.give_notice(node_of(made), instance_of(made), made.clock.now(), by="ci")
    made.run(3600)

    assert made.operations.node(node_of(made)).state == "compute-ready"
    assert len(tried(made)) == 2


def test_a_deletion_that_nova_refuses_holds_the_node(made: Rig) -> None:
    instance = instance_of(made)
    made.old.fail_next("delete_server", Refused(409, "it is being resized"))

    made.operations.give_notice(node_of(made), instance, made.clock.now(), by="ci")
    made.run(600)

    answer = made.operations.node(node_of(made))
    assert (answer.held, answer.cause, answer.in_flight) == (True, "refused", False)
    made.operations.recall_notice(node_of(made), by="bob")
    made.operations.release(node_of(made), by="bob")
    made.run(600)
    assert (
        made.operations.node(node_of(made)).doing == f"waits for instance {instance} to be deleted"
    )


def test_no_more_instances_are_deleted_at_once_than_there_are_slots(tmp_path: Path) -> None:
    made = rig(tmp_path, *[Kind.IN_USE] * 3, limit=1)
    made.operations.migrate_all(by="ann")
    made.run(60)
    nova = nova_of(made)
    for member in made.fleet:
        (instance,) = nova.facts(member.uuid).instances
        made.operations.give_notice(member.uuid, instance, made.clock.now(), by="ci")

    made.run(20)

    assert sum(server.state == "deleting" for server in nova.servers.values()) <= 1
    assert len(nova.servers) >= 2
    made.run(7200)
    assert {answer.state for answer in made.operations.nodes()} == {"compute-ready"}


def test_a_word_outlives_a_crash(made: Rig, tmp_path: Path) -> None:
    instance = instance_of(made)
    made.operations.give_notice(node_of(made), instance, made.clock.now() + HOUR, by="ci")
    before = made.operations.node(node_of(made)).notice
    made.journal.close()

    again = made.with_journal(tmp_path)

    assert again.operations.node(node_of(made)).notice == before
    for node in again.engine.unfinished():
        again.engine.crew.wake(node)
    again.run(7200)
    assert again.operations.node(node_of(made)).state == "compute-ready"


@pytest.mark.parametrize(
    ("instance", "zoned"), [("", True), ("web-1", True), (f"{{{OTHER}}}", True), (OTHER, False)]
)
def test_a_word_that_cannot_be_understood(made: Rig, instance: str, *, zoned: bool) -> None:
    due = made.clock.now() if zoned else datetime(2030, 1, 1)  # noqa: DTZ001 - that is the mistake

    with pytest.raises(OperationError, match="notice needs an instance's UUID") as raised:
        made.operations.give_notice(node_of(made), instance, due, by="ci")

    assert raised.value.complaint is Complaint.INVALID


def test_a_word_for_a_node_that_is_empty_comes_too_late(made: Rig) -> None:
    nova_of(made).delete(instance_of(made))
    made.run(3600)

    with pytest.raises(OperationError, match="no instance is left on it") as raised:
        made.operations.give_notice(node_of(made), OTHER, made.clock.now(), by="ci")

    assert raised.value.complaint is Complaint.CONFLICT
    assert made.operations.recall_notice(node_of(made), by="bob").notice is None

# SPDX-License-Identifier: Apache-2.0
"""The order of intent, effect and outcome, and what a turn leaves behind."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ephyrad.engine.turn import Queued, Waiting
from ephyrad.migration import marks
from ephyrad.migration.effects import CreateNode
from ephyrad.migration.entries import Concluded, Entry, Held, Intended, Moved, Owed
from ephyrad.migration.facts import CloudName, ComputeFacts, Notification
from ephyrad.migration.migration import Migration
from ephyrad.migration.outcomes import Done, Outcome, Unknown, Unreachable
from ephyrad.migration.states import State, Trigger
from ephyrad.migration.steps import Cause
from ephyrad.testing.troubles import Unreadable
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig


@pytest.fixture
def idle(tmp_path: Path) -> Rig:
    """One idle node, asked for."""
    made = rig(tmp_path, Kind.IDLE)
    made.operations.migrate([made.fleet[0].name], by="ann")
    return made


def _migration(made: Rig) -> Migration:
    found = made.journal.migration(made.fleet[0].uuid)
    assert found is not None
    return found


def test_an_idle_node_goes_all_the_way(idle: Rig) -> None:
    idle.run(3 * 3600)

    moves = [e for _, e in idle.journal.history(idle.fleet[0].uuid) if isinstance(e, Moved)]
    assert [move.dest for move in moves] == list(State)[1:]
    assert idle.old.ironic.nodes == {}
    assert idle.new.ironic.nodes[idle.fleet[0].uuid].body["provision_state"] == "available"


def test_the_intent_is_durable_before_the_effect_and_the_outcome_after(
    idle: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, int]] = []
    create = idle.new.create_node

    def watched(body: Mapping[str, Any]) -> Outcome:
        entries = [entry for _, entry in idle.journal.history(idle.fleet[0].uuid)]
        last = entries[-1]
        ours = isinstance(last, Intended) and isinstance(last.effect, CreateNode)
        seen.append((ours, len(entries)))
        return create(body)

    monkeypatch.setattr(idle.new, "create_node", watched)
    idle.run(3600)

    assert [ours for ours, _ in seen] == [True]
    _, entry = idle.journal.history(idle.fleet[0].uuid)[seen[0][1]]
    assert isinstance(entry, Concluded)
    assert entry.outcome == Done()


def test_an_effect_whose_reply_is_lost_is_looked_for_and_not_done_twice(idle: Rig) -> None:
    idle.new.lose_reply("create_node")
    idle.run(3 * 3600)

    entries = [entry for _, entry in idle.journal.history(idle.fleet[0].uuid)]
    creations = [e for e in entries if isinstance(e, Intended) and isinstance(e.effect, CreateNode)]
    outcomes = [type(e.outcome) for e in entries if isinstance(e, Concluded)]
    assert len(creations) == 1
    assert Unknown in outcomes
    assert _migration(idle).state is State.COMPUTE_READY


def test_a_cloud_that_cannot_be_read_decides_nothing(idle: Rig) -> None:
    idle.old.fail_read("records")
    before = idle.journal.history(idle.fleet[0].uuid)
    idle.turn()

    end = idle.engine.crew.end_of(idle.fleet[0].uuid)
    assert isinstance(end, Waiting)
    assert "503" in end.what
    assert idle.journal.history(idle.fleet[0].uuid) == before


def test_a_cloud_that_is_gone_for_long_holds_the_node_until_it_is_back(
    idle: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    idle.run(60)
    idle.new.troubles.weather = lambda _, changes: None if changes else Unreadable()
    idle.run(3600)
    held = _migration(idle).hold
    lines = [line for line in caplog.messages if "looked at again" in line]
    idle.new.troubles.weather = None
    idle.run(3 * 3600)

    assert held is not None
    assert held.cause is Cause.UNREACHABLE
    assert "goes on by itself when it can be read again" in held.reason
    assert len(lines) == 1
    assert _migration(idle).state is State.COMPUTE_READY


def test_an_operators_hold_in_the_middle_of_an_effect_keeps_its_outcome(
    idle: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = idle.fleet[0].name
    withdraw = idle.old.provision

    def held_meanwhile(uuid: str, verb: Any) -> Outcome:
        outcome = withdraw(uuid, verb)
        idle.operations.hold(name, reason="wait", by="ann")
        return outcome

    monkeypatch.setattr(idle.old, "provision", held_meanwhile)
    idle.turn()

    *_, held, concluded = [entry for _, entry in idle.journal.history(idle.fleet[0].uuid)]
    assert isinstance(held, Held)
    assert isinstance(concluded, Concluded)
    hold = _migration(idle).hold
    assert hold is not None
    assert hold.cause is Cause.OPERATOR
    assert idle.engine.slots.taken == 0


@pytest.mark.parametrize("pause", [61, -1], ids=["stopped for long", "its clock set back"])
def test_no_effect_rests_on_what_was_seen_long_ago(
    idle: Rig, monkeypatch: pytest.MonkeyPatch, pause: int
) -> None:
    append = idle.journal.append
    tried: list[Sequence[Entry]] = []

    def slow(migration: Migration, entries: Sequence[Entry], **more: Any) -> Migration:
        if any(isinstance(entry, Intended) for entry in entries) and not tried:
            tried.append(entries)
            idle.clock.jump(timedelta(seconds=pause))
        return append(migration, entries, **more)

    monkeypatch.setattr(idle.journal, "append", slow)
    idle.turn()

    assert idle.old.ironic.nodes[idle.fleet[0].uuid].state == "available"
    *_, intended, concluded = [entry for _, entry in idle.journal.history(idle.fleet[0].uuid)]
    assert isinstance(intended, Intended)
    assert isinstance(concluded, Concluded)
    words = f"not tried, as both clouds were looked at {pause} s before"
    assert concluded.outcome == Unreachable(words)

    idle.run(3 * 3600)

    assert _migration(idle).state is State.COMPUTE_READY


def test_no_effect_rests_on_a_sighting_whose_taking_lasted_for_long(
    idle: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute = idle.old.compute
    paused: list[str] = []

    def slow(uuid: str, **parts: bool) -> ComputeFacts | None:
        if not paused:
            # The node itself was read before.
            paused.append(uuid)
            idle.clock.jump(timedelta(hours=1))
        return compute(uuid, **parts)

    monkeypatch.setattr(idle.old, "compute", slow)
    idle.turn()

    assert paused
    assert idle.old.ironic.nodes[idle.fleet[0].uuid].state == "available"

    idle.run(3 * 3600)

    assert _migration(idle).state is State.COMPUTE_READY


def test_a_fence_is_set_again_without_a_slot(idle: Rig) -> None:
    node, slots = idle.fleet[0].uuid, idle.engine.slots
    new = idle.new.ironic.nodes
    while node not in new or new[node].state == "enroll":
        idle.turn()
        idle.clock.advance(0.1)
    assert _migration(idle).state is State.TRANSFERRED
    idle.operations.hold(node, reason="wait", by="ann")
    others = [f"other {number}" for number in range(3)]
    assert all(slots.claim(other) for other in others)

    idle.operations.release(node, by="ann")
    idle.old.clear_maintenance(node)
    idle.engine.crew.wake(node)
    idle.turn()

    record = idle.old.ironic.nodes[node]
    assert record.body["maintenance_reason"] == marks.FENCED
    assert slots.taken == len(others)


def test_a_record_is_made_anew_by_a_journal_that_did_not_see_it_made(
    idle: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = idle.fleet[0].uuid
    with monkeypatch.context() as unwilling:
        unwilling.setattr(idle.old, "provision", lambda *_: Unreachable("locked"))
        idle.turn()
    for trigger, state in (
        (Trigger.DRAIN, State.DRAINED),
        (Trigger.CLEAN, State.CLEANING),
        (Trigger.TRANSFER, State.TRANSFERRED),
    ):
        now = _migration(idle)
        owed = Owed(idle.clock.now(), "the journal is older")
        moved = Moved(idle.clock.now(), trigger, now.state, state, "the journal is older")
        idle.journal.append(now, [owed, moved])
    idle.old.ironic.delete_node(node)
    idle.run(60)
    hold = _migration(idle).hold
    assert hold is not None
    assert hold.cause is Cause.NEW_GONE

    idle.operations.release(node, by="ann")
    idle.run(60)

    assert idle.new.ironic.nodes[node].state == "enroll"


def test_what_a_turn_has_read_is_consumed(idle: Rig) -> None:
    node = idle.fleet[0].uuid
    fields = {"provision_state": "available"}
    told = Notification(CloudName.OLD, "m1", "baremetal.x", idle.clock.now(), node, fields)
    idle.engine.receive([told, told])
    assert len(idle.journal.inbox(node)) == 1

    idle.turn()

    assert idle.journal.inbox(node) == []


def test_the_document_loses_its_secrets_when_the_node_has_arrived(idle: Rig) -> None:
    idle.run(3 * 3600)

    document = idle.journal.document(idle.fleet[0].uuid)
    assert document is not None
    assert document.node["driver_info"]["redfish_password"] == "******"


def test_a_node_without_a_slot_waits_and_gets_the_one_that_becomes_free(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IDLE, Kind.IDLE, limit=1)
    made.operations.migrate_all(by="ann")
    made.turn()
    made.turn()

    ends = [made.engine.crew.end_of(member.uuid) for member in made.fleet]
    assert [isinstance(end, Queued) for end in ends].count(True) == 1
    assert made.engine.slots.taken == 1

    made.run(6 * 3600)

    assert {each.state for each in made.journal.migrations()} == {State.COMPUTE_READY}
    assert made.engine.slots.taken == 0

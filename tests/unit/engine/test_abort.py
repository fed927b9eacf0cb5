# SPDX-License-Identifier: Apache-2.0
"""A node that is aborted at any entry of its journal is back in the old cloud as it was."""

import copy
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.journal.journal import Journal
from ephyrad.migration.document import MASK
from ephyrad.migration.effects import DeleteNode, PartKind, ReleaseInstance
from ephyrad.migration.entries import Entry, Intended
from ephyrad.migration.migration import Migration
from ephyrad.migration.states import State
from tests.simulation.fleet import Kind
from tests.simulation.leaks import CANARY
from tests.unit.engine.rig import Rig, rig

# What ephyrad has no part in: times, and what a cleaning or a boot leaves behind.
_PASSING = {"provision_updated_at", "updated_at", "power_state", "last_error", "instance_info"}
_MOST_ENTRIES = 40


def shown(made: Rig) -> dict[str, Any]:
    """Return the old record, with all that belongs to it."""
    node = made.old.ironic.nodes[made.fleet[0].uuid]
    body = {name: value for name, value in node.body.items() if name not in _PASSING}
    parts = {kind: node.parts[kind] for kind in PartKind}
    return copy.deepcopy({**body, "parts": parts, "traits": list(node.traits)})


def migration(made: Rig) -> Migration:
    found = made.journal.migration(made.fleet[0].uuid)
    assert found is not None
    return found


def asked(directory: Path, kind: Kind) -> Rig:
    made = rig(directory, kind)
    made.operations.migrate([made.fleet[0].name], by="ann")
    return made


def abort_at(made: Rig, seq: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Abort the node in the moment in which its journal has so many entries."""
    append = Journal.append

    def watched(journal: Journal, before: Migration, entries: Sequence[Entry], **more: Any) -> Any:
        after = append(journal, before, entries, **more)
        if after.seq == seq and journal is made.journal:
            made.operations.abort(made.fleet[0].name, by="bob")
        return after

    monkeypatch.setattr(Journal, "append", watched)


@pytest.mark.parametrize("seq", range(2, _MOST_ENTRIES))
@pytest.mark.parametrize("kind", [Kind.IDLE, Kind.MANAGEABLE, Kind.IN_USE])
def test_aborted_at_any_entry_it_is_as_it_was(
    tmp_path: Path, kind: Kind, seq: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = asked(tmp_path, kind)
    before = shown(made)
    try:
        abort_at(made, seq, monkeypatch)
        made.run(600)
        if kind is Kind.IN_USE and not migration(made).restored:
            before |= {"provision_state": "available", "instance_uuid": None}
            delete_its_server(made)
        made.run(3 * 3600)
    except OperationError as error:
        assert error.complaint is Complaint.CONFLICT  # noqa: PT017 - only some of them refuse
        assert any(is_deletion(entry) for _, entry in made.journal.history(made.fleet[0].uuid))
        return
    if migration(made).finished:
        assert migration(made).seq < seq
        return

    assert migration(made).restored, migration(made).hold
    assert migration(made).state is State.ACTIVE
    assert shown(made) == before
    assert made.new.ironic.nodes == {}
    assert made.operations.node(made.fleet[0].name).doing == (
        "aborted: back in the old cloud as it was"
    )


@pytest.mark.parametrize("seq", range(3, 21))
def test_aborted_at_any_entry_of_a_release_it_stays_in_service(
    tmp_path: Path, seq: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = asked(tmp_path, Kind.IN_USE)
    before = shown(made)
    abort_at(made, seq, monkeypatch)
    made.run(60)
    if not migration(made).restored:
        with suppress(OperationError):
            instance = before["instance_uuid"]
            made.operations.give_notice(made.fleet[0].name, instance, made.clock.now(), by="ci")
    made.run(3 * 3600)

    assert migration(made).restored, migration(made).hold
    assert migration(made).notice is None
    if any(_is_release(entry) for _, entry in made.journal.history(made.fleet[0].uuid)):
        before |= {"provision_state": "available", "instance_uuid": None}
    assert shown(made) == before


def _is_release(entry: Entry) -> bool:
    return isinstance(entry, Intended) and isinstance(entry.effect, ReleaseInstance)


def test_an_abort_takes_back_the_word_to_delete_its_instance(tmp_path: Path) -> None:
    made = asked(tmp_path, Kind.IN_USE)
    before = shown(made)
    name, instance = made.fleet[0].name, before["instance_uuid"]
    made.run(60)
    due = made.clock.now() + timedelta(minutes=5)
    made.operations.give_notice(name, instance, due, by="ci")

    answer = made.operations.abort(name, by="bob")

    assert (answer.notice, answer.aborted) == (None, True)
    with pytest.raises(OperationError, match="is on its way back to the old cloud, where its inst"):
        made.operations.give_notice(name, instance, due, by="ci")
    made.run(3600)
    assert migration(made).restored
    assert made.operations.node(name).aborted
    assert shown(made) == before
    with pytest.raises(OperationError, match=f"is back in .* `ephyra migrate {name}`"):
        made.operations.give_notice(name, instance, due, by="ci")


def is_deletion(entry: Entry) -> bool:
    return isinstance(entry, Intended) and isinstance(entry.effect, DeleteNode)


def delete_its_server(made: Rig) -> None:
    assert made.old.nova is not None
    for server in list(made.old.nova.servers):
        made.old.nova.delete(server)


def until(made: Rig, there: Callable[[Migration], bool]) -> None:
    for _ in range(2000):
        if there(migration(made)):
            return
        made.run(1)
    raise AssertionError("it never came there")


def test_a_node_that_is_back_can_be_asked_for_anew(tmp_path: Path) -> None:
    made = asked(tmp_path, Kind.IDLE)
    until(made, lambda each: each.state is State.TRANSFERRED)
    made.operations.abort(made.fleet[0].name, by="bob")
    until(made, lambda each: each.restored)
    seq = migration(made).seq

    answer = made.operations.migrate([made.fleet[0].name], by="ann")

    assert [each.node for each in answer.accepted] == [made.fleet[0].uuid]
    assert migration(made).seq == seq + 1
    assert not migration(made).touched
    made.run(3 * 3600)
    assert migration(made).finished
    assert made.old.ironic.nodes == {}


def test_what_the_journal_tells_is_what_it_has_in_memory(tmp_path: Path) -> None:
    made = asked(tmp_path, Kind.IDLE)
    until(made, lambda each: each.state is State.TRANSFERRED)
    made.operations.abort(made.fleet[0].name, by="bob")
    until(made, lambda each: each.restored)
    made.operations.migrate([made.fleet[0].name], by="ann")
    before = migration(made)

    made.journal.rebuild()

    assert migration(made) == before


def test_the_secrets_are_wiped_when_it_is_back(tmp_path: Path) -> None:
    made = asked(tmp_path, Kind.IDLE)
    until(made, lambda each: each.state is State.TRANSFERRED)
    made.operations.abort(made.fleet[0].name, by="bob")

    until(made, lambda each: each.restored)

    document = made.journal.document(made.fleet[0].uuid)
    assert document is not None
    assert CANARY not in str((document.node, document.parts))
    assert MASK in str(document.node)


def test_an_abort_lifts_a_hold_and_a_release_goes_on_backwards(tmp_path: Path) -> None:
    made = asked(tmp_path, Kind.IDLE)
    until(made, lambda each: each.state is State.TRANSFERRED)
    name = made.fleet[0].name
    made.operations.hold(name, reason="wait", by="ann")

    answer = made.operations.abort(name, by="bob")

    assert not answer.held
    assert answer.doing.startswith("is on its way back to the old cloud")
    made.operations.hold(name, reason="wait again", by="ann")
    made.run(600)
    assert not migration(made).restored
    made.operations.release(name, by="ann")
    until(made, lambda each: each.restored)


def test_to_abort_twice_does_no_harm(tmp_path: Path) -> None:
    made = asked(tmp_path, Kind.IDLE)
    name = made.fleet[0].name
    made.operations.abort(name, by="bob")
    seq = migration(made).seq

    made.operations.abort(name, by="ann")

    assert migration(made).seq == seq


def test_what_is_over_cannot_be_aborted(tmp_path: Path) -> None:
    made = asked(tmp_path, Kind.IDLE)
    name = made.fleet[0].name
    made.operations.abort(name, by="bob")
    until(made, lambda each: each.restored)

    with pytest.raises(OperationError, match=f"`ephyra migrate {name}`"):
        made.operations.abort(name, by="bob")
    with pytest.raises(OperationError, match="is back in the old cloud: nothing is left to hold"):
        made.operations.hold(name, reason="wait", by="bob")
    made.operations.migrate([name], by="ann")
    made.run(3 * 3600)
    with pytest.raises(OperationError, match=f"`ephyra node return {name}`"):
        made.operations.abort(name, by="bob")


def test_once_the_old_record_is_being_deleted_there_is_no_way_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = asked(tmp_path, Kind.IDLE)
    refusals: list[str] = []
    delete = made.old.delete_node

    def deleting(uuid: str) -> Any:
        with pytest.raises(OperationError) as refused:
            made.operations.abort(uuid, by="bob")
        refusals.append(str(refused.value))
        return delete(uuid)

    monkeypatch.setattr(made.old, "delete_node", deleting)
    made.run(3 * 3600)

    assert migration(made).finished
    assert len(refusals) == 1
    assert f"`ephyra node return {made.fleet[0].uuid}`" in refusals[0]


def test_a_node_that_waits_for_its_owner_takes_a_slot_to_go_back(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IN_USE, Kind.IDLE, limit=1)
    used, idle = made.fleet
    made.operations.migrate([used.name], by="ann")
    made.run(60)
    made.operations.migrate([idle.name], by="ann")
    for _ in range(1000):
        found = made.journal.migration(idle.uuid)
        if found is not None and found.in_flight:
            break
        made.run(1)

    answer = made.operations.abort(used.name, by="bob")

    assert not answer.in_flight
    made.run(5)
    assert "waits for its turn: all slots are taken" in made.operations.node(used.name).doing
    made.run(3 * 3600)
    assert made.old.ironic.nodes[used.uuid].body["retired"] is False

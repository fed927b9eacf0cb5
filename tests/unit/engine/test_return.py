# SPDX-License-Identifier: Apache-2.0
"""Nodes that were carried to the new cloud go back to the old one, and forth again."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.migration.effects import PartKind
from ephyrad.testing.cloud import SimulatedCloud
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig

HOUR = timedelta(hours=1)
_OF_ITS_OWN = frozenset(
    "created_at updated_at provision_updated_at reservation driver_internal_info power_state"
    " target_power_state inspection_finished_at".split()
)


def _record(cloud: SimulatedCloud, node: str) -> dict[str, Any]:
    """All that a cloud has of a node, but for what no other cloud can be told."""
    shown = {k: v for k, v in cloud.ironic.show(node).items() if k not in _OF_ITS_OWN}
    parts = {
        kind.value: sorted(cloud.ironic.parts(node, kind), key=lambda part: str(part["uuid"]))
        for kind in PartKind
    }
    return {**shown, "traits": sorted(shown["traits"]), **parts}


def _carried(directory: Path, *kinds: Kind) -> Rig:
    made = rig(directory, *kinds)
    # The operator has the new Ironic show what must be known to go back.
    made.new.settings.show_secrets = True
    made.operations.migrate_all(by="ann")
    made.run(3600)
    assert {node.state for node in made.operations.nodes()} == {"compute-ready"}
    return made


def test_a_node_comes_back_as_it_was_and_goes_once_more(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IDLE)
    made.new.settings.show_secrets = True
    node = made.fleet[0].uuid
    before = _record(made.old, node)
    made.operations.migrate([node], by="ann")
    made.run(3600)

    answer = made.operations.return_nodes([node, made.fleet[0].name], by="bob")
    made.run(3600)

    assert [each.direction for each in answer.accepted] == ["back"]
    arrived = made.operations.node(node)
    assert (arrived.state, arrived.doing) == ("compute-ready", "arrived in the old cloud")
    assert _record(made.old, node) == before
    assert node not in made.new.ironic.nodes

    assert len(made.operations.migrate([node], by="ann").accepted) == 1
    made.run(3600)

    assert made.operations.node(node).doing == "arrived in the new cloud"
    assert node not in made.old.ironic.nodes


def test_a_node_in_use_waits_for_its_owner_and_is_cleaned_where_it_was(tmp_path: Path) -> None:
    made = _carried(tmp_path, Kind.IDLE)
    node, nova = made.fleet[0].uuid, made.new.nova
    assert nova is not None
    server = nova.boot(node)
    assert server is not None
    made.clock.advance(600)

    made.operations.return_nodes([node], by="ann")
    made.run(1200)

    waiting = made.operations.node(node)
    assert (waiting.state, waiting.in_flight) == ("active", False)
    assert waiting.doing == f"waits for instance {server} to be deleted"
    shown = made.new.ironic.show(node)
    assert (shown["provision_state"], shown["retired"]) == ("active", True)
    assert shown["retired_reason"].startswith("ephyrad: being carried to the old cloud")

    nova.delete(server)
    made.run(3600)

    assert made.operations.node(node).doing == "arrived in the old cloud"
    kinds = [entry.kind for entry in made.operations.history(node)]
    assert "witnessed" in kinds[kinds.index("asked", 1) :]


def test_an_instance_is_deleted_by_word_in_the_cloud_that_the_node_leaves(tmp_path: Path) -> None:
    made = _carried(tmp_path, Kind.IDLE, Kind.IDLE)
    (node, other), nova = (member.uuid for member in made.fleet), made.new.nova
    assert nova is not None
    server, stays = nova.boot(node), nova.boot(other)
    assert server is not None
    assert stays is not None
    made.clock.advance(600)
    made.operations.return_nodes([node], by="ann")
    made.run(600)
    nova.servers[server].locked = True

    made.operations.give_notice(node, server, made.clock.now(), by="the old cloud's CI")
    made.run(600)

    held = made.operations.node(node)
    assert held.cause == "locked"
    assert "(by word of the old cloud's CI), is locked in the new Nova" in held.doing
    nova.servers[server].locked = False
    made.run(3600)
    assert made.operations.node(node).doing == "arrived in the old cloud"
    told = [entry.summary for entry in made.operations.history(node)]
    assert f"delete the instance in the new cloud ({server})" in told
    assert set(nova.servers) == {stays}


def test_a_way_back_that_is_aborted_leaves_the_node_where_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    made = _carried(tmp_path, Kind.IDLE)
    node, nova = made.fleet[0].uuid, made.new.nova
    assert nova is not None
    server = nova.boot(node)
    assert server is not None
    made.clock.advance(600)
    before = _record(made.new, node)
    made.operations.return_nodes([node], by="ann")
    made.run(600)
    made.operations.give_notice(node, server, made.clock.now() + HOUR, by="ci")

    made.operations.abort(node, by="bob")
    made.run(7200)

    answer = made.operations.node(node)
    assert (answer.doing, answer.notice) == ("aborted: back in the new cloud as it was", None)
    assert (
        f"node {made.fleet[0].name} ({node}): back in the new cloud: active in the new cloud"
        in caplog.text
    )
    assert _record(made.new, node) == before
    assert node not in made.old.ironic.nodes
    cure = f"is back in the new cloud, where .* `ephyra node return {node}`"
    with pytest.raises(OperationError, match=cure):
        made.operations.give_notice(node, server, made.clock.now(), by="ci")
    made.operations.return_nodes([node], by="ann")
    made.run(600)
    made.operations.give_notice(node, server, made.clock.now(), by="ci")
    made.run(7200)
    assert made.operations.node(node).doing == "arrived in the old cloud"


def test_the_history_tells_both_journeys_with_the_right_clouds(tmp_path: Path) -> None:
    made = _carried(tmp_path, Kind.IDLE)
    node = made.fleet[0].uuid
    made.operations.return_nodes([node], by="bob")
    made.run(3600)

    history = made.operations.history(node)

    assert [entry.seq for entry in history] == list(range(1, len(history) + 1))
    told = [entry.summary for entry in history]
    middle = told.index("return to the old cloud asked for by bob")
    assert "delete the record in the old cloud" in told[:middle]
    assert "delete the record in the new cloud" in told[middle:]
    assert "delete the record in the old cloud" not in told[middle:]
    settled = [words for words in told[middle:] if words.startswith("transferred -> registered")]
    assert "available in the old cloud; nothing left of it in the new cloud" in settled[0]


@pytest.mark.parametrize("told", [True, False], ids=["masked", "lost"])
def test_nothing_is_done_before_all_can_be_carried(tmp_path: Path, told: bool) -> None:
    made = _carried(tmp_path, Kind.IDLE)
    node = made.fleet[0].uuid
    if told:
        made.new.settings.show_secrets = False
    else:
        made.new.ironic.patch(node, {"disable_power_off": True})
    before = _record(made.new, node)

    made.operations.return_nodes([node], by="ann")
    made.run(600)

    held = made.operations.node(node)
    assert held.held
    assert held.cause == ("masked" if told else "missing-in-old-cloud")
    assert ("the new cloud masks" if told else "unset it in the new cloud") in held.doing
    assert _record(made.new, node) == before
    assert node not in made.old.ironic.nodes

    made.new.settings.show_secrets = True
    if not told:
        made.new.ironic.patch(node, {"disable_power_off": False})
    made.run(3600)

    assert made.operations.node(node).doing == "arrived in the old cloud"


def test_what_cannot_be_returned_is_refused_with_the_cure(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IDLE, Kind.IN_USE)
    idle, used = (member.name for member in made.fleet)
    refused: dict[str, OperationError] = {}

    def ask(which: str, *nodes: str) -> None:
        with pytest.raises(OperationError) as raised:
            made.operations.return_nodes(nodes, by="ann")
        refused[which] = raised.value

    ask("unknown", idle)
    made.operations.migrate([used], by="ann")
    ask("under way", used)
    ask("all or none", used, idle)

    assert refused["unknown"].complaint is Complaint.NOT_FOUND
    assert "was never carried to the new cloud by this ephyrad" in str(refused["unknown"])
    assert "ephyra migrate --strays" in str(refused["unknown"])
    assert refused["under way"].complaint is Complaint.CONFLICT
    assert "is on its way to the new cloud (active): ask again" in str(refused["under way"])
    assert {entry.kind for entry in made.operations.history(used)} == {"asked"}


def test_a_node_on_its_way_back_is_not_sent_forth_before_it_is_there(tmp_path: Path) -> None:
    made = _carried(tmp_path, Kind.IDLE)
    node = made.fleet[0].name
    made.operations.return_nodes([node], by="ann")

    with pytest.raises(OperationError, match="on its way back to the old cloud: ask again when"):
        made.operations.migrate([node], by="ann")
    assert len(made.operations.return_nodes([node], by="ann").already) == 1
    made.run(3600)

    assert len(made.operations.return_nodes([node], by="ann").already) == 1
    # What was returned is not taken along with everything else.
    assert made.operations.migrate_all(by="ann").accepted == ()
    with pytest.raises(OperationError, match="arrived in the old cloud: nothing is left to hold"):
        made.operations.hold(node, reason="wait", by="ann")


def test_a_node_that_was_deleted_since_is_not_taken_on(tmp_path: Path) -> None:
    made = _carried(tmp_path, Kind.IDLE)
    made.new.ironic.delete_node(made.fleet[0].uuid)

    with pytest.raises(OperationError, match=r"the new cloud shows no node .* any more"):
        made.operations.return_nodes([made.fleet[0].name], by="ann")


def test_a_stray_goes_on_in_its_direction(tmp_path: Path) -> None:
    made = _carried(tmp_path / "first", Kind.IDLE)
    node, steps = made.fleet[0].uuid, 0
    made.operations.return_nodes([node], by="ann")
    while made.operations.node(node).state != "transferred":
        steps += 1
        made.run(1)
    assert steps

    other = made.with_journal(tmp_path / "second")
    (stray,) = other.operations.strays()
    assert (stray.node, bool(stray.old_cloud), bool(stray.new_cloud)) == (node, True, True)
    answer = other.operations.migrate([node], by="ann")
    other.run(3600)

    assert [each.direction for each in answer.accepted] == ["back"]
    assert other.operations.node(node).doing == "arrived in the old cloud"
    assert node not in made.new.ironic.nodes


def test_a_journal_that_does_not_know_of_the_return_tells_of_a_stray(tmp_path: Path) -> None:
    made = _carried(tmp_path / "first", Kind.IDLE)
    node = made.fleet[0].uuid
    assert list(made.operations.strays()) == []
    # What the clouds show when a backup was restored that is older than the return.
    made.new.ironic.provision(node, "manage")
    made.clock.advance(60)
    reason = "ephyrad: being carried to the old cloud; automated_clean was unset"
    made.new.ironic.patch(
        node, {"retired": True, "retired_reason": reason, "automated_clean": True}
    )

    assert [stray.node for stray in made.operations.strays()] == [node]
    made.operations.migrate_strays(by="ann")
    assert list(made.operations.strays()) == []
    made.run(3600)

    assert made.operations.node(node).doing == "arrived in the old cloud"
    assert list(made.operations.strays()) == []

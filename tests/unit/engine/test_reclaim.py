# SPDX-License-Identifier: Apache-2.0
"""Messages of CI over two simulated clouds: what they have done, and what they have not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ephyrad.engine.reclaim_answers import NamedAnswer
from ephyrad.reclaim.nomination import Nomination
from ephyrad.rollout.declaration import (
    Amount,
    Declaration,
    Drain,
    DrainRule,
    ReclaimRule,
    Selection,
    WaveRule,
)
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig

DECLARED = Declaration("spring", (Selection(),), drains=(DrainRule(Drain.RECLAIM),))
HOUR = 3600.0
OTHER = "11111111-2222-4333-8444-555555555555"


def started(directory: Path, *kinds: Kind, declared: Declaration = DECLARED) -> Rig:
    made = rig(directory, *(kinds or (Kind.IN_USE, Kind.IN_USE)))
    made.operations.rollouts.start(declared, by="ann")
    made.run(120)
    return made


@pytest.fixture
def made(tmp_path: Path) -> Rig:
    return started(tmp_path)


def names(made: Rig) -> list[str]:
    return [made.engine.clouds.old.node(each.uuid).name or "" for each in made.fleet]  # type: ignore[union-attr]


def instances(made: Rig) -> list[str]:
    assert made.old.nova is not None
    found = [made.old.nova.facts(each.uuid).instances for each in made.fleet]
    return [instance for each in found for instance in each]


def states(made: Rig) -> list[str]:
    return [made.operations.node(each.uuid).state for each in made.fleet]


def nominated(made: Rig, *nodes: str, id: str = "7", **more: Any) -> tuple[NamedAnswer, ...]:  # noqa: A002 - the field's name
    return made.operations.reclaims.nominate(Nomination("ci", id, nodes, **more)).named


def fate(made: Rig, *nodes: str, **more: Any) -> tuple[str, str]:
    [found] = nominated(made, *nodes, **more)
    return found.fate, found.words


def later(made: Rig) -> list[tuple[str, str]]:
    return [(each.fate, each.words) for each in made.operations.reclaims.last(1)[0].named]


def test_a_nominated_node_is_released_and_carried_and_no_other(made: Rig) -> None:
    first, second = names(made)
    instance, other = instances(made)

    [found] = nominated(made, first)

    assert (found.kind, found.name, found.node, found.instance, found.fate) == (
        *("node", first, made.fleet[0].uuid, instance, "given"),
    )
    assert found.words == f"ephyrad deletes instance {instance}, and carries the node on"
    told = [entry.summary for entry in made.operations.history(made.fleet[0].uuid)]
    assert any(each.endswith("by word of CI ci/7") and instance in each for each in told)
    made.run(HOUR)
    assert states(made) == ["compute-ready", "active"]
    assert instances(made) == [other]
    assert second not in told


def test_an_instance_may_be_named(made: Rig) -> None:
    instance, _ = instances(made)

    [found] = nominated(made, instances=(instance,))

    assert (found.kind, found.node, found.fate) == ("instance", made.fleet[0].uuid, "given")
    made.run(HOUR)
    assert states(made) == ["compute-ready", "active"]


def test_a_message_that_comes_again_does_nothing(made: Rig) -> None:
    first, second = names(made)
    before = made.operations.reclaims.nominate(Nomination("ci", "7", (first,)))

    again = made.operations.reclaims.nominate(Nomination("ci", "7", (second,)))

    assert again == replace(before, again=True)
    assert made.operations.node(made.fleet[1].uuid).notice is None
    kinds = [entry.kind for entry in made.operations.history(made.fleet[0].uuid)]
    assert kinds.count("noticed") == 1


def test_word_that_was_recalled_is_not_given_again_by_the_same_message(made: Rig) -> None:
    first, _ = names(made)
    made.old.nova.servers[instances(made)[0]].locked = True  # type: ignore[union-attr]
    nominated(made, first)
    made.operations.recall_notice(first, by="bob")

    nominated(made, first)
    made.run(600)

    assert made.operations.node(first).notice is None


def test_word_is_taken_back_when_the_file_does_not_want_it_any_more(made: Rig) -> None:
    assert made.old.nova is not None
    first, second = names(made)
    # It cannot be acted upon.
    made.old.nova.servers[instances(made)[0]].locked = True
    nominated(made, first)
    made.operations.rollouts.pause("spring", reason="lunch", by="ann")
    nominated(made, second, id="8")
    made.run(60)
    assert made.operations.node(first).notice is not None

    made.operations.rollouts.apply(replace(DECLARED, drains=()), by="ann")
    made.run(60)

    assert made.operations.node(first).notice is None
    told = [entry.summary for entry in made.operations.history(made.fleet[0].uuid)]
    why = "rollout spring does not have it released by CI's word any more"
    assert any(each.endswith(f"taken back by rollout spring: {why}") for each in told)
    assert later(made) == [("refused", "its drain policy is wait, and not reclaim")]
    made.old.nova.servers[instances(made)[0]].locked = False
    made.operations.rollouts.resume("spring", by="ann")
    made.run(HOUR)
    assert states(made) == ["active", "active"]


def test_what_is_of_no_use_is_refused_in_words(made: Rig) -> None:
    assert fate(made, "rack9-99") == (
        "refused",
        "no node rack9-99 is in the cloud that the rollout leaves",
    )
    assert fate(made, id="8", instances=(OTHER,)) == ("refused", f"no node has instance {OTHER}")
    assert fate(made, id="9", label="burn-in", result="SUCCESS") == (
        "refused",
        "no rule of reclaim of rollout spring is for job burn-in with result SUCCESS",
    )
    assert [made.operations.node(each.uuid).notice for each in made.fleet] == [None, None]


def test_without_a_rollout_nothing_is_released(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IN_USE)
    made.operations.migrate_all(by="ann")
    made.run(120)

    assert fate(made, *names(made)) == (
        "refused",
        "no rollout is under way, and nothing else has nodes released",
    )


@pytest.mark.parametrize("policy", [Drain.WAIT, Drain.RELEASE])
def test_only_nodes_of_that_policy_are_released(tmp_path: Path, policy: Drain) -> None:
    rule = DrainRule(policy, notice=timedelta(days=2) if policy is Drain.RELEASE else None)
    made = started(tmp_path, Kind.IN_USE, declared=replace(DECLARED, drains=(rule,)))

    assert fate(made, *names(made)) == (
        "refused",
        f"its drain policy is {policy}, and not reclaim",
    )


def test_nodes_that_are_not_of_the_rollout_are_left_alone(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IN_USE, Kind.IN_USE)
    first, second = names(made)
    only = replace(DECLARED, nodes=(Selection(names=(first,)),))
    made.operations.rollouts.start(only, by="ann")
    made.run(120)

    assert fate(made, second) == ("refused", "it is not of rollout spring")


def test_a_node_whose_turn_has_not_come_is_kept_for(tmp_path: Path) -> None:
    waves = (WaveRule("one", Amount(count=1), waits_for_owners=True), WaveRule("rest"))
    made = started(tmp_path, declared=replace(DECLARED, waves=waves))
    begun, waits = sorted(names(made), key=lambda each: not _is_known(made, each))

    result, words = fate(made, waits)

    assert result == "waits"
    assert words.startswith("its turn has not come: the rollout has not begun with it; it is kept")
    nominated(made, begun, id="8")
    made.run(3 * HOUR)
    assert states(made) == ["compute-ready"] * 2
    fates = [made.operations.reclaims.last(2)[at].named[0].fate for at in (0, 1)]
    assert fates == ["given", "given"]


def _is_known(made: Rig, name: str) -> bool:
    return any(each.name == name for each in made.operations.nodes())


def test_it_is_kept_for_that_very_instance(tmp_path: Path) -> None:
    waves = (WaveRule("one", Amount(count=1), waits_for_owners=True), WaveRule("rest"))
    made = started(tmp_path, declared=replace(DECLARED, waves=waves))
    waits = next(each for each in names(made) if not _is_known(made, each))
    node = next(each.uuid for each in made.fleet if _name(made, each.uuid) == waits)
    nominated(made, waits)
    made.old.ironic.nodes[node].body["instance_uuid"] = OTHER

    made.run(60)

    [(result, words)] = later(made)
    assert result == "refused"
    assert words.endswith(f"was meant, and {OTHER} is on it")


def _name(made: Rig, uuid: str) -> str:
    found = made.engine.clouds.old.node(uuid)
    assert found is not None
    return found.name or ""


def test_an_instance_that_came_after_the_message_was_not_meant(tmp_path: Path) -> None:
    rule = ReclaimRule(("metal/*",), Selection())
    made = started(tmp_path, Kind.IN_USE, declared=replace(DECLARED, reclaims=(rule,)))
    [name], [instance] = names(made), instances(made)
    node = made.engine.clouds.old.node(name)
    assert node is not None
    assert node.provision_updated_at is not None
    before = node.provision_updated_at - timedelta(seconds=1)
    told = f"instance {instance} came on it at {node.provision_updated_at:%F %T} UTC, and this was"

    result, words = fate(made, name, said_at=before)
    mapped = nominated(made, id="8", label="metal/burn-in", said_at=before)

    assert result == "refused"
    assert words.startswith(told)
    assert [each.words for each in mapped] == ["stands for 0 nodes in use"]
    named = fate(made, id="9", instances=(instance,), said_at=before)
    assert named[0] == "given", "its own name means itself"


def test_an_instance_that_was_there_when_it_was_said_is_meant(made: Rig) -> None:
    first, second = names(made)
    node = made.engine.clouds.old.node(first)
    assert node is not None

    assert fate(made, first, said_at=node.provision_updated_at)[0] == "given"
    made.old.ironic.nodes[made.fleet[1].uuid].body["provision_updated_at"] = None
    made.clock.advance(60)
    result, words = fate(made, second, id="8", said_at=made.clock.now())
    assert (result, "came on it at a time that is not known" in words) == ("refused", True)


@pytest.mark.parametrize("ahead", [None, timedelta(seconds=200)], ids=["no time", "ahead"])
def test_a_message_was_said_before_it_was_taken(made: Rig, ahead: timedelta | None) -> None:
    """Whatever its sender's clock says, or nobody: what came while the cloud could not be read."""
    first, _ = names(made)
    made.old.fail_read("candidates")
    made.clock.advance(60)
    said_at = None if ahead is None else made.clock.now() + ahead
    assert fate(made, first, said_at=said_at)[0] == "waits"

    made.clock.advance(100)
    came = made.clock.now().isoformat()
    made.old.ironic.nodes[made.fleet[0].uuid].body["provision_updated_at"] = came
    made.run(600)

    [(result, words)] = later(made)
    assert (result, f"came on it at {came[:10]}" in words) == ("refused", True)
    assert states(made) == ["active", "active"]


def test_what_waits_too_long_lapses(made: Rig) -> None:
    made.operations.rollouts.pause("spring", reason="lunch", by="ann")
    first, _ = names(made)

    assert fate(made, first)[1].startswith("rollout spring is paused; it is kept until 20")
    made.run(25 * HOUR)

    assert later(made) == [("lapsed", "it waited too long: rollout spring is paused")]
    made.operations.rollouts.resume("spring", by="ann")
    made.run(600)
    assert states(made) == ["active", "active"]


def test_a_pause_is_waited_out(made: Rig) -> None:
    made.operations.rollouts.pause("spring", reason="lunch", by="ann")
    first, _ = names(made)
    nominated(made, first)
    made.run(600)
    assert states(made) == ["active", "active"]

    made.operations.rollouts.resume("spring", by="ann")
    made.run(HOUR)

    assert states(made) == ["compute-ready", "active"]


def test_a_cloud_that_cannot_be_read_is_waited_for(made: Rig) -> None:
    first, _ = names(made)
    made.clock.advance(60)
    made.old.fail_read("candidates")

    result, words = fate(made, first)

    assert (result, "it is kept until" in words) == ("waits", True)
    made.run(HOUR)
    assert states(made) == ["compute-ready", "active"]


def test_a_job_stands_for_the_nodes_of_its_rule(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IN_USE, Kind.IN_USE, Kind.IDLE)
    first, *_ = names(made)
    rule = ReclaimRule(("metal/*",), Selection(names=(first,)), ("SUCCESS",))
    made.operations.rollouts.start(replace(DECLARED, reclaims=(rule,)), by="ann")
    made.run(HOUR)

    failed = nominated(made, label="metal/burn-in", result="FAILURE")
    found = nominated(made, id="8", label="metal/burn-in", result="SUCCESS")

    assert [each.fate for each in failed] == ["refused"]
    assert [(each.kind, each.name, each.fate) for each in found] == [
        ("build", "metal/burn-in", "mapped"),
        ("node", first, "given"),
    ]
    made.run(HOUR)
    assert states(made) == ["compute-ready", "active", "compute-ready"]


def test_an_empty_node_needs_no_word(tmp_path: Path) -> None:
    made = started(tmp_path, Kind.IDLE, Kind.IN_USE)
    made.run(HOUR)

    assert states(made) == ["compute-ready", "active"]
    assert fate(made, made.fleet[0].uuid) == (
        "refused",
        f"no node {made.fleet[0].uuid} is in the cloud that the rollout leaves",
    )


def test_what_waits_outlives_a_crash(made: Rig, tmp_path: Path) -> None:
    first, _ = names(made)
    made.operations.rollouts.pause("spring", reason="lunch", by="ann")
    nominated(made, first)
    made.journal.close()

    again = made.with_journal(tmp_path)
    again.operations.rollouts.resume("spring", by="ann")
    again.run(HOUR)

    assert states(again) == ["compute-ready", "active"]

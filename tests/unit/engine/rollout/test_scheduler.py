# SPDX-License-Identifier: Apache-2.0
"""A rollout that is driven by the engine, over two simulated clouds."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ephyrad.engine.answers import OperationError
from ephyrad.migration.direction import Direction
from ephyrad.migration.outcomes import Unknown
from ephyrad.rollout.declaration import (
    Amount,
    Budget,
    CommandGate,
    Declaration,
    Drain,
    DrainRule,
    Gate,
    Limits,
    Selection,
    WaveRule,
)
from ephyrad.rollout.verdict import Result, Verdict
from tests.fakes.gates import FakeGates
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig
from tests.unit.rollout.builders import MINUTE

ALL = Declaration("spring", (Selection(),))
CANARY = Declaration(
    "spring",
    (Selection(),),
    waves=(WaveRule("canary", Amount(1), gates=("smoke",)), WaveRule("rest")),
    gates={"smoke": CommandGate(("/bin/true",), MINUTE)},
)
HOUR = 3600.0


def status(made: Rig) -> str:
    return made.operations.rollouts.one("spring").status


def kinds(made: Rig) -> list[str]:
    return [entry.kind for entry in made.operations.rollouts.history("spring")]


def test_a_fleet_is_carried_and_the_rollout_ends(tmp_path: Path) -> None:
    made = rig(tmp_path, *(Kind.IDLE,) * 4)

    answer = made.operations.rollouts.start(ALL, by="operator")
    assert (answer.status, answer.nodes, answer.begun) == ("running", 4, 0)
    made.run(2 * HOUR)

    answer = made.operations.rollouts.one("spring")
    assert (answer.status, answer.by, answer.arrived, answer.reason) == (
        "finished",
        "ephyrad",
        4,
        "4 nodes arrived, and none is left",
    )
    assert kinds(made) == ["started", "opened", "ended"]
    assert {node.asked_by for node in made.operations.nodes()} == {"rollout spring"}


def test_no_more_are_begun_with_than_its_own_limit_allows(tmp_path: Path) -> None:
    made = rig(tmp_path, *(Kind.IDLE,) * 4)
    limited = Declaration("spring", (Selection(),), limits=Limits(in_flight=1))
    made.operations.rollouts.start(limited, by="operator")

    most = 0
    for _ in range(240):
        made.run(30.0)
        most = max(most, made.engine.slots.taken)

    assert most == 1
    assert status(made) == "finished"


def test_a_limit_by_another_key_that_is_applied_counts_what_is_on_its_way(tmp_path: Path) -> None:
    made = rig(tmp_path, *(Kind.IDLE,) * 6)
    limited = Declaration("spring", (Selection(),), limits=Limits(in_flight=1))
    made.operations.rollouts.start(limited, by="operator")
    made.run(60.0)

    by_rack = replace(limited, limits=Limits(by_value={"extra.rack": 1}))
    made.operations.rollouts.apply(by_rack, by="operator")

    most = 0
    for _ in range(240):
        made.run(30.0)
        most = max(most, made.engine.slots.taken)
    # Of three racks.
    assert most == 3
    assert status(made) == "finished"


def test_a_gate_is_waited_for_and_its_pass_opens_the_next_wave(tmp_path: Path) -> None:
    gates = FakeGates()
    made = rig(tmp_path, *(Kind.IDLE,) * 3, gates=gates)
    made.operations.rollouts.start(CANARY, by="operator")

    made.run(2 * HOUR)

    assert len(made.journal.migrations()) == 1
    (run,) = gates.begun
    assert (run.wave, len(run.nodes)) == ("canary", 1)
    gates.end(Verdict(Result.PASS, "exit status 0"))
    made.run(2 * HOUR)
    assert status(made) == "finished"
    assert kinds(made) == ["started", "opened", "gate-begun", "gate-ended", "opened", "ended"]


def test_a_gate_that_ended_with_ephyrad_is_tried_again(tmp_path: Path) -> None:
    gates = FakeGates()
    made = rig(tmp_path, *(Kind.IDLE,) * 2, gates=gates)
    made.operations.rollouts.start(CANARY, by="operator")
    made.run(2 * HOUR)

    gates.stop()
    made.run(60.0)

    first, second = gates.begun
    assert first.id != second.id


def test_a_gate_that_does_not_pass_pauses_and_resuming_tries_it_again(tmp_path: Path) -> None:
    gates = FakeGates()
    made = rig(tmp_path, *(Kind.IDLE,) * 2, gates=gates)
    made.operations.rollouts.start(CANARY, by="operator")
    made.run(2 * HOUR)
    gates.end(Verdict(Result.FAIL, "exit status 3"))
    made.run(60.0)

    answer = made.operations.rollouts.one("spring")
    assert (answer.status, answer.cause) == ("paused", "gate")
    assert "exit status 3" in answer.reason
    made.operations.rollouts.resume("spring", by="operator")
    made.run(60.0)
    assert len(gates.begun) == 2


def test_a_gate_that_goes_on_is_not_tried_beside_itself_when_resumed(tmp_path: Path) -> None:
    gates = FakeGates()
    made = rig(tmp_path, *(Kind.IDLE,) * 2, gates=gates)
    made.operations.rollouts.start(CANARY, by="operator")
    made.run(2 * HOUR)

    made.operations.rollouts.pause("spring", reason="lunch", by="operator")
    made.operations.rollouts.resume("spring", by="operator")
    made.run(60.0)

    assert len(gates.begun) == 1
    gates.end(Verdict(Result.PASS, "exit status 0"))
    made.run(2 * HOUR)
    assert status(made) == "finished"


def test_a_gate_that_the_file_changes_is_asked_anew(tmp_path: Path) -> None:
    gates = FakeGates()
    made = rig(tmp_path, *(Kind.IDLE,) * 2, gates=gates)
    made.operations.rollouts.start(CANARY, by="operator")
    made.run(2 * HOUR)

    mended: dict[str, Gate] = {"smoke": CommandGate(("/bin/false",), MINUTE)}
    made.operations.rollouts.apply(replace(CANARY, gates=mended), by="operator")
    made.run(60.0)

    first, second = gates.begun
    assert (gates.is_known(first.id), second.gate) == (False, mended["smoke"])


def test_a_gate_that_goes_on_ends_with_the_rollout(tmp_path: Path) -> None:
    gates = FakeGates()
    made = rig(tmp_path, *(Kind.IDLE,) * 2, gates=gates)
    made.operations.rollouts.start(CANARY, by="operator")
    made.run(2 * HOUR)

    made.operations.rollouts.stop("spring", by="operator")
    made.run(60.0)

    assert status(made) == "stopped"
    assert not gates.is_known(gates.begun[0].id)


def test_paused_it_begins_nothing_and_finishes_what_is_in_flight(tmp_path: Path) -> None:
    made = rig(tmp_path, *(Kind.IDLE,) * 5, limit=2)
    made.operations.rollouts.start(ALL, by="operator")
    made.run(60.0)

    made.operations.rollouts.pause("spring", reason="lunch", by="operator")
    made.run(2 * HOUR)

    states = [node.state for node in made.operations.nodes()]
    assert states == ["compute-ready"] * 2
    made.operations.rollouts.resume("spring", by="operator")
    made.run(2 * HOUR)
    assert status(made) == "finished"


def test_stopped_it_finishes_what_is_in_flight_and_is_over(tmp_path: Path) -> None:
    made = rig(tmp_path, *(Kind.IDLE,) * 5, limit=2)
    made.operations.rollouts.start(ALL, by="operator")
    made.run(60.0)

    assert made.operations.rollouts.stop("spring", by="operator").status == "stopping"
    made.run(60.0)
    assert made.operations.rollouts.one("spring").waits_for == "2 nodes in flight to end"
    made.run(2 * HOUR)

    assert status(made) == "stopped"
    assert [node.state for node in made.operations.nodes()] == ["compute-ready"] * 2
    other = Declaration("summer", (Selection(),))
    made.operations.rollouts.start(other, by="operator")
    made.run(2 * HOUR)
    assert made.operations.rollouts.one("summer").arrived == 3


def test_a_node_whose_bmc_does_not_answer_trips_the_budget(tmp_path: Path) -> None:
    made = rig(tmp_path, *(Kind.IDLE,) * 4, limit=1)
    declared = Declaration("spring", (Selection(),), budget=Budget(held=Amount(1)))
    made.room.machines[made.fleet[0].address].answers = False
    made.operations.rollouts.start(declared, by="operator")

    made.run(4 * HOUR)

    answer = made.operations.rollouts.one("spring")
    assert (answer.status, answer.cause, answer.held) == ("paused", "budget", 1)
    made.room.machines[made.fleet[0].address].answers = True
    (held,) = [node for node in made.operations.nodes() if node.held]
    made.operations.release(held.node, by="operator")
    made.operations.rollouts.resume("spring", by="operator")
    made.run(4 * HOUR)
    assert status(made) == "finished"


def test_after_a_restart_it_goes_on_where_it_was(tmp_path: Path) -> None:
    made = rig(tmp_path, *(Kind.IDLE,) * 4, limit=2)
    made.operations.rollouts.start(ALL, by="operator")
    made.run(300.0)
    made.journal.close()

    again = made.with_journal(tmp_path)
    for node in again.engine.unfinished():
        again.engine.crew.wake(node)
    again.run(2 * HOUR)

    assert status(again) == "finished"


def test_an_owner_who_stays_is_waited_for(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IDLE, Kind.IN_USE)
    made.operations.rollouts.start(ALL, by="operator")

    made.run(2 * HOUR)

    answer = made.operations.rollouts.one("spring")
    assert (answer.status, answer.arrived, answer.waiting) == ("running", 1, 1)


def test_stopped_it_leaves_those_whose_owners_stay_as_they_were(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IDLE, Kind.IN_USE)
    before = made.old.ironic.show(made.fleet[1].uuid)
    made.operations.rollouts.start(ALL, by="operator")
    made.run(2 * HOUR)
    assert made.old.ironic.show(made.fleet[1].uuid)["retired"]

    made.operations.rollouts.stop("spring", by="operator")
    made.run(HOUR)

    after = made.old.ironic.show(made.fleet[1].uuid)
    assert {key for key in before if before[key] != after[key]} <= {"updated_at"}
    assert status(made) == "stopped"


def test_an_instance_is_deleted_after_its_notice_where_the_file_says_so(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IDLE, Kind.IN_USE)
    drains = (DrainRule(Drain.RELEASE, Selection(), timedelta(hours=1)),)
    declared = Declaration("spring", (Selection(),), drains=drains)
    made.operations.rollouts.start(declared, by="operator")

    made.run(0.9 * HOUR)
    assert made.operations.rollouts.one("spring").waiting == 1
    made.run(3 * HOUR)

    assert status(made) == "finished"


def test_a_notice_that_a_pause_takes_back_gives_its_slot_back(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IN_USE)
    drains = (DrainRule(Drain.RELEASE, Selection(), timedelta(minutes=1)),)
    made.old.fail_next("delete_server", Unknown("HTTP 502"))
    made.operations.rollouts.start(replace(ALL, drains=drains), by="operator")
    for _ in range(600):
        made.run(1.0)
        if made.engine.slots.taken:
            break
    assert made.operations.node(made.fleet[0].name).in_flight

    made.operations.rollouts.pause("spring", reason="lunch", by="operator")
    made.run(10.0)

    answer = made.operations.node(made.fleet[0].name)
    assert (answer.notice, answer.in_flight, made.engine.slots.taken) == (None, False, 0)


def test_what_came_by_a_rollout_goes_back_by_its_reversal(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IDLE, Kind.IDLE)
    made.operations.rollouts.start(ALL, by="operator")
    made.run(2 * HOUR)
    started = made.operations.rollouts.reverse("spring", by="operator")
    made.run(2 * HOUR)

    assert (started.name, started.direction) == ("spring-back", "back")
    answer = made.operations.rollouts.one("spring-back")
    assert (answer.status, answer.arrived) == ("finished", 2)
    assert len(made.old.ironic.nodes) == 2
    assert not made.new.ironic.nodes


def test_the_rest_goes_back_by_another_reversal_and_nobodys_instance_is_deleted(
    tmp_path: Path,
) -> None:
    made = rig(tmp_path, Kind.IDLE)
    drains = (DrainRule(Drain.RELEASE, Selection(), timedelta(minutes=1)),)
    made.operations.rollouts.start(replace(ALL, drains=drains), by="operator")
    made.run(2 * HOUR)
    made.operations.rollouts.reverse("spring", by="operator")
    made.operations.rollouts.stop("spring-back", by="operator")
    made.run(60.0)

    again = made.operations.rollouts.reverse("spring", by="operator")

    assert again.name == "spring-back-2"
    rollout = made.journal.rollouts.active()
    assert rollout is not None
    assert rollout.declared.drains == ()


def test_what_it_waited_for_before_its_last_entry_is_not_told(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IDLE)
    made.operations.rollouts.start(ALL, by="operator")
    made.run(10)
    assert made.operations.rollouts.one("spring").waits_for == "the nodes of wave 1 to arrive"
    made.operations.rollouts.pause("spring", reason="lunch", by="operator")
    made.run(10)

    assert made.operations.rollouts.resume("spring", by="operator").waits_for == ""
    made.run(1)
    assert made.operations.rollouts.one("spring").waits_for == "the nodes of wave 1 to arrive"


def test_a_node_that_is_returned_meanwhile_is_not_carried_again(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IDLE, Kind.IN_USE)
    made.operations.rollouts.start(ALL, by="operator")
    made.run(0.5 * HOUR)
    idle, _ = made.fleet
    assert made.operations.rollouts.one("spring").arrived == 1

    made.operations.return_nodes([idle.uuid], by="operator")
    made.run(0.5 * HOUR)

    assert idle.uuid in made.old.ironic.nodes
    answer = made.operations.rollouts.one("spring")
    assert (answer.status, answer.begun, answer.arrived, answer.back) == ("running", 2, 0, 1)


def test_a_clock_that_is_set_back_in_a_look_delays_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = rig(tmp_path, Kind.IDLE)
    rollouts = made.engine.rollouts
    monkeypatch.setattr(rollouts, "look", lambda: made.clock.now() + timedelta(hours=1))

    assert rollouts.go_on() == 10.0


def test_the_plan_of_a_changed_file_begins_where_the_rollout_stands(tmp_path: Path) -> None:
    made = rig(tmp_path, *(Kind.IDLE,) * 5, gates=FakeGates())
    made.operations.rollouts.start(CANARY, by="operator")
    made.run(60.0)
    first, *others = made.fleet
    made.operations.abort(first.uuid, by="operator")
    made.run(2 * HOUR)
    made.operations.rollouts.pause("spring", reason="lunch", by="operator")

    small = WaveRule("small", Amount(1))
    changed = replace(CANARY, waves=(CANARY.waves[0], small, WaveRule("rest")))
    plan = made.operations.rollouts.plan(changed)

    assert plan.arrived == 4
    assert {each.node: (each.wave, each.why) for each in plan.nodes} == {
        first.uuid: (None, "it was aborted or returned since the rollout was started"),
        others[0].uuid: (2, ""),
        **{each.uuid: (3, "") for each in others[1:]},
    }


def test_the_plan_of_a_rollout_that_runs_has_what_is_under_way_arrive(tmp_path: Path) -> None:
    made = rig(tmp_path, *(Kind.IDLE,) * 4, limit=2)
    made.operations.rollouts.start(ALL, by="operator")

    plans = []
    while len(made.old.ironic.nodes) == 4:
        plans.append(made.operations.rollouts.plan(ALL))
        made.run(30.0)
    plans.append(made.operations.rollouts.plan(ALL))

    assert {(each.selected, each.arrived, each.left) for each in plans} == {(4, 4, "")}
    assert {node.why for each in plans for node in each.nodes} == {""}


def test_only_one_can_be_under_way(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IDLE)
    made.operations.rollouts.start(ALL, by="operator")

    with pytest.raises(OperationError, match="rollout spring is running, and only one can be"):
        made.operations.rollouts.start(Declaration("b", (Selection(),)), by="operator")


def test_one_that_selects_nothing_is_refused(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IDLE)
    nothing = Declaration("spring", (Selection(names=("no-*",)),))

    with pytest.raises(OperationError, match="none of the 1 nodes of the cloud"):
        made.operations.rollouts.start(nothing, by="operator")
    assert made.operations.rollouts.all() == []


def test_a_rollout_back_returns_the_fleet(tmp_path: Path) -> None:
    made = rig(tmp_path, *(Kind.IDLE,) * 3)
    made.new.settings.show_secrets = True
    made.operations.rollouts.start(ALL, by="operator")
    made.run(2 * HOUR)

    back = Declaration("autumn", (Selection(),), direction=Direction.BACK)
    made.operations.rollouts.start(back, by="operator")
    made.run(2 * HOUR)

    answer = made.operations.rollouts.one("autumn")
    assert (answer.status, answer.arrived) == ("finished", 3)
    ends = {(node.direction, node.doing, node.asked_by) for node in made.operations.nodes()}
    assert ends == {("back", "arrived in the old cloud", "rollout autumn")}
    assert len(made.old.ironic.nodes) == 3


def test_an_abort_is_not_kept_by_a_pause_and_not_undone_by_the_rollout(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IN_USE, Kind.IDLE)
    made.operations.rollouts.start(ALL, by="operator")
    made.run(HOUR)
    used = made.fleet[0].name
    made.operations.rollouts.pause("spring", reason="lunch", by="operator")

    made.operations.abort(used, by="operator")
    made.run(HOUR)

    assert made.operations.node(used).doing == "aborted: back in the old cloud as it was"
    made.operations.rollouts.resume("spring", by="operator")
    made.run(HOUR)
    answer = made.operations.rollouts.one("spring")
    assert (answer.status, answer.reason) == (
        "finished",
        "1 node arrived, 1 went back, and none is left",
    )


def test_stopped_it_lets_none_begin_that_was_held(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IN_USE)
    made.operations.rollouts.start(ALL, by="operator")
    made.run(60.0)
    used = made.fleet[0].name
    made.operations.hold(used, reason="lunch", by="operator")
    made.operations.rollouts.stop("spring", by="operator")
    assert made.old.nova is not None
    made.old.nova.delete(next(iter(made.old.nova.servers)))
    made.run(HOUR)

    made.operations.release(used, by="operator")
    made.run(HOUR)

    assert status(made) == "stopped"
    (node,) = made.operations.nodes()
    assert node.state == "active"
    assert "rollout spring was stopped before it began" in node.doing
    again = Declaration("again", (Selection(),))
    made.operations.rollouts.start(again, by="operator")
    made.run(HOUR)
    assert made.operations.rollouts.one("again").arrived == 1

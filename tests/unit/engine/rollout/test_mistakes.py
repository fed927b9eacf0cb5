# SPDX-License-Identifier: Apache-2.0
"""Mistakes that operators make with rollouts' commands, and the one line that each gets.

Those with the file itself are in tests/unit/conf/test_rollout_mistakes.py.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ephyrad.engine.answers import OperationError
from ephyrad.engine.rollout_answers import RolloutOperations
from ephyrad.migration.direction import Direction
from ephyrad.rollout.declaration import Amount, ApprovalGate, Declaration, Selection, WaveRule
from tests.fakes.gates import FakeGates
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig

ALL = Declaration("spring", (Selection(),))
BACK = Declaration("spring", (Selection(),), direction=Direction.BACK)
APPROVED = Declaration(
    "spring",
    (Selection(),),
    waves=(WaveRule("canary", Amount(1), gates=("go",)), WaveRule("rest")),
    gates={"go": ApprovalGate()},
)
EACH_APPROVED = replace(APPROVED, waves=(WaveRule("one", Amount(1), gates=("go",)),))
OTHER = Declaration("autumn", (Selection(),))
NOTHING = Declaration("spring", (Selection(names=("no-*",)),))
HOUR = 3600.0
WHEN = "approve it when `ephyra rollout show spring` says that it waits for that"
SEE = "see `ephyra rollout show spring`"


def running(made: Rig) -> None:
    made.operations.rollouts.start(ALL, by="operator")


def paused(made: Rig) -> None:
    running(made)
    made.operations.rollouts.pause("spring", reason="lunch", by="operator")


def stopped(made: Rig) -> None:
    running(made)
    made.operations.rollouts.stop("spring", by="operator")
    made.run(60.0)


def stopped_before_it_began(made: Rig) -> None:
    paused(made)
    made.operations.rollouts.stop("spring", by="operator")
    made.run(60.0)


def finished(made: Rig) -> None:
    running(made)
    made.run(3 * HOUR)


def to_approve(made: Rig) -> None:
    made.operations.rollouts.start(APPROVED, by="operator")
    made.run(60.0)


def approved(made: Rig) -> None:
    to_approve(made)
    made.run(2 * HOUR)
    made.operations.rollouts.approve("spring", by="ann")


def in_the_wave_after(made: Rig) -> None:
    made.operations.rollouts.start(EACH_APPROVED, by="operator")
    made.run(2 * HOUR)
    made.operations.rollouts.approve("spring", by="ann")
    made.run(60.0)


def nothing(_made: Rig) -> None:
    pass


Command = Callable[[RolloutOperations], object]

TABLE: list[tuple[str, Callable[[Rig], None], Command, str]] = [
    (
        "starts what selects nothing",
        nothing,
        lambda it: it.start(NOTHING, by="op"),
        (
            "rollout spring: none of the 2 nodes of the cloud that it would leave fits its nodes"
            " and is"
            " not excluded: correct nodes and exclude in its file; nothing was started"
        ),
    ),
    (
        "starts a way back where nothing is to go back",
        nothing,
        lambda it: it.start(BACK, by="op"),
        (
            "rollout spring: none of the 0 nodes of the cloud that it would leave fits its nodes"
            " and is"
            " not excluded: correct nodes and exclude in its file; nothing was started"
        ),
    ),
    (
        "starts it twice",
        running,
        lambda it: it.start(ALL, by="op"),
        (
            "there is a rollout spring already: give this one another name in its file, or change"
            " that"
            " one with `ephyra rollout apply FILE`; nothing was started"
        ),
    ),
    (
        "starts a second one",
        running,
        lambda it: it.start(OTHER, by="op"),
        (
            "rollout spring is running, and only one can be under way: stop it first (`ephyra"
            " rollout"
            " stop spring`); nothing was started"
        ),
    ),
    (
        "starts a second one beside a paused one",
        paused,
        lambda it: it.start(OTHER, by="op"),
        (
            "rollout spring is paused, and only one can be under way: stop it first (`ephyra"
            " rollout"
            " stop spring`); nothing was started"
        ),
    ),
    (
        "takes the name of one that is over",
        finished,
        lambda it: it.start(ALL, by="op"),
        (
            "there is a rollout spring already: give this one another name in its file, or change"
            " that"
            " one with `ephyra rollout apply FILE`; nothing was started"
        ),
    ),
    (
        "shows one that is not there",
        nothing,
        lambda it: it.one("sprnig"),
        "there is no rollout sprnig: there is none yet; start one with `ephyra rollout start FILE`",
    ),
    (
        "mistypes its name",
        running,
        lambda it: it.pause("sprnig", reason="x", by="op"),
        "there is no rollout sprnig: there is spring; start one with `ephyra rollout start FILE`",
    ),
    (
        "pauses a paused one",
        paused,
        lambda it: it.pause("spring", reason="x", by="op"),
        f"rollout spring is paused and cannot be paused: only one that is running can; {SEE}",
    ),
    (
        "resumes a running one",
        running,
        lambda it: it.resume("spring", by="op"),
        f"rollout spring is running and cannot be resumed: only one that is paused can; {SEE}",
    ),
    (
        "resumes a stopped one",
        stopped,
        lambda it: it.resume("spring", by="op"),
        f"rollout spring is stopped and cannot be resumed: only one that is paused can; {SEE}",
    ),
    (
        "stops one that is over",
        finished,
        lambda it: it.stop("spring", by="op"),
        (
            "rollout spring is finished and cannot be stopped: only one that is running or"
            " paused can;"
            f" {SEE}"
        ),
    ),
    (
        "approves what nobody has to",
        running,
        lambda it: it.approve("spring", by="op"),
        f"rollout spring has no wave that somebody has to approve: {SEE}",
    ),
    (
        "approves twice",
        approved,
        lambda it: it.approve("spring", by="op"),
        "wave 1 of rollout spring was approved by ann already: nothing is left to approve",
    ),
    (
        "approves a wave before it is over",
        to_approve,
        lambda it: it.approve("spring", by="op"),
        f"wave 1 of rollout spring is under way still: {WHEN}",
    ),
    (
        "approves when somebody else has, and the next wave has begun",
        in_the_wave_after,
        lambda it: it.approve("spring", by="op"),
        f"wave 2 of rollout spring is under way still: {WHEN}",
    ),
    (
        "approves one that is over",
        finished,
        lambda it: it.approve("spring", by="op"),
        (
            "rollout spring is finished and cannot be approved: only one that is running or"
            " paused or"
            f" stopping can; {SEE}"
        ),
    ),
    (
        "applies a file of another name",
        running,
        lambda it: it.apply(OTHER, by="op"),
        "there is no rollout autumn: there is spring; start one with `ephyra rollout start FILE`",
    ),
    (
        "turns it round",
        running,
        lambda it: it.apply(BACK, by="op"),
        (
            "rollout spring goes forward: its direction cannot be changed; stop it and start"
            " another"
            " one"
        ),
    ),
    (
        "changes one that is over",
        finished,
        lambda it: it.apply(APPROVED, by="op"),
        (
            "rollout spring is finished and cannot be changed: only one that is running or paused"
            " or"
            f" stopping can; {SEE}"
        ),
    ),
    (
        "reverses one that is under way",
        running,
        lambda it: it.reverse("spring", by="op"),
        (
            "rollout spring is running and cannot be reversed: only one that is stopped or finished"
            f" can; {SEE}"
        ),
    ),
    (
        "reverses one by which nothing came",
        stopped_before_it_began,
        lambda it: it.reverse("spring", by="op"),
        "no node of rollout spring is where it was carried to: nothing goes back",
    ),
]


@pytest.mark.parametrize(
    ("before", "command", "answer"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_an_operator_who(
    tmp_path: Path, before: Callable[[Rig], None], command: Command, answer: str
) -> None:
    made = rig(tmp_path, Kind.IDLE, Kind.IDLE, gates=FakeGates())
    before(made)
    history = [each.name for each in made.operations.rollouts.all()]

    with pytest.raises(OperationError) as caught:
        command(made.operations.rollouts)

    assert str(caught.value) == answer
    assert [each.name for each in made.operations.rollouts.all()] == history

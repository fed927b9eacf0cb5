# SPDX-License-Identifier: Apache-2.0
"""The fleet at one glance, over two simulated clouds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from ephyrad.engine.answers import OperationError
from ephyrad.engine.rollout.overview import Overview
from ephyrad.rollout.declaration import (
    Amount,
    ApprovalGate,
    Deadlines,
    Declaration,
    Limits,
    Selection,
    WaveRule,
)
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig

HOUR = 3600.0
ALL = Declaration(
    "spring",
    (Selection(),),
    waves=(WaveRule("canary", Amount(1), gates=("go",)), WaveRule("rest")),
    gates={"go": ApprovalGate()},
    limits=Limits(by_value={"extra.rack": 2}),
    deadlines=Deadlines(rollout=timedelta(days=2)),
)


@dataclass
class Later:
    """Keeps what is to be done beside, until it is told to do it."""

    works: list[Callable[[], None]] = field(default_factory=list)

    def __call__(self, work: Callable[[], None]) -> None:
        self.works.append(work)

    def do(self) -> None:
        while self.works:
            self.works.pop()()


@dataclass
class Seen:
    made: Rig
    aside: Later
    overview: Overview


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    made, aside = rig(tmp_path, Kind.IDLE, Kind.IDLE, Kind.IN_USE, Kind.IDLE), Later()
    return Seen(made, aside, Overview(made.engine.hands, aside))


def test_nobody_waits_for_a_cloud(seen: Seen) -> None:
    before = seen.overview.marks(None)
    seen.aside.do()
    after = seen.overview.marks(None)

    assert (before.marks, before.read_at) == ((), None)
    assert [each.name for each in after.marks] == ["n0", "n1", "n2", "n3"]
    assert {each.state for each in after.marks} == {None}
    assert {each.group for each in after.marks} == {"baremetal.gold"}
    assert after.read_at is not None


def test_the_clouds_are_read_again_after_a_minute_and_never_twice_at_once(seen: Seen) -> None:
    for _ in range(3):
        seen.overview.marks(None)
    assert len(seen.aside.works) == 1
    seen.made.clock.advance(120)
    seen.overview.marks(None)
    assert len(seen.aside.works) == 1

    seen.aside.do()
    seen.made.clock.advance(61)
    seen.overview.marks(None)

    assert len(seen.aside.works) == 1


@pytest.mark.parametrize(
    ("key", "groups"), [("extra.rack", "r0 r1 r2 r0"), ("name", "n0 n1 n2 n3")]
)
def test_nodes_are_grouped_by_any_key(seen: Seen, key: str, groups: str) -> None:
    seen.overview.marks(key)
    seen.aside.do()

    found = seen.overview.marks(key)

    assert [each.group for each in found.marks] == groups.split()


@pytest.mark.parametrize("key", ["rack", "extra", "extra.", "facts.uuid", "__class__"])
def test_what_is_no_key_is_refused_in_words(seen: Seen, key: str) -> None:
    with pytest.raises(OperationError, match=r"nodes cannot be grouped by .*: name"):
        seen.overview.marks(key)


def test_a_cloud_that_cannot_be_read_is_told_and_what_is_known_stays(seen: Seen) -> None:
    seen.overview.marks(None)
    seen.aside.do()
    seen.made.clock.advance(120)
    seen.made.new.fail_read("candidates", "HTTP 503")
    seen.overview.marks(None)
    seen.aside.do()

    found = seen.overview.marks(None)

    assert "HTTP 503" in (found.trouble or "")
    assert len(found.marks) == 4


def test_a_rollout_gives_marks_their_states_its_keys_and_a_course(seen: Seen) -> None:
    assert seen.overview.rollout() is None
    seen.made.operations.rollouts.start(ALL, by="ann")
    seen.made.run(HOUR)
    seen.overview.marks(None)
    seen.aside.do()

    found = seen.overview.marks(None)
    course = seen.overview.burn_up("spring")

    assert seen.overview.rollout() == "spring"
    assert found.keys[:2] == ("extra.rack", "resource_class")
    assert found.by == "extra.rack"
    arrived = [each for each in found.marks if each.state == "compute-ready"]
    assert len(course.arrived) == len(arrived) == 1
    assert course.nodes == 4
    assert len(course.planned) == 3
    assert course.planned[0] > course.started_at
    assert course.measured
    assert course.until == course.started_at + timedelta(days=2)
    assert course.approval == 1

    seen.made.operations.rollouts.approve("spring", by="ann")

    assert seen.overview.burn_up("spring").approval is None


def test_a_held_node_says_why(seen: Seen) -> None:
    seen.made.operations.migrate(["n2"], by="ann")
    seen.made.operations.hold("n2", reason="loud", by="ann")

    (mark,) = seen.overview.marks(None).marks

    assert (mark.name, mark.cause, mark.reason) == ("n2", "operator", "loud (held by ann)")


def test_a_rollout_that_never_was_is_refused(seen: Seen) -> None:
    with pytest.raises(OperationError, match="there is no rollout autumn"):
        seen.overview.burn_up("autumn")

# SPDX-License-Identifier: Apache-2.0
"""The journal is lost, or an older one restored, at each change of a cloud and at each turn."""

import itertools
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ephyrad.journal import backup
from ephyrad.journal.journal import Journal
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig

_KEPT = ("name", "driver", "driver_info", "properties", "extra", "automated_clean", "description")


class _LostError(BaseException):
    """The machine that ephyrad ran on is gone, and its disk with it."""


@dataclass
class _Story:
    """One node under way, and what it was like before."""

    made: Rig
    record: dict[str, Any]

    @property
    def uuid(self) -> str:
        return self.made.fleet[0].uuid

    def empty(self) -> None:
        """Have the owner delete the instance, if there is one."""
        nova = self.made.old.nova
        assert nova is not None
        for server in nova.facts(self.uuid).instances:
            nova.delete(server)


def _story(directory: Path, kind: Kind, automated_clean: bool | None) -> _Story:
    made = rig(directory, kind)
    uuid = made.fleet[0].uuid
    made.old.ironic.patch(uuid, {"automated_clean": automated_clean})
    return _Story(made, dict(made.old.ironic.show(uuid)))


def _run_to_the_end(made: Rig) -> None:
    for _ in range(3 * 6):
        made.run(600)
        if all(each.finished or each.hold for each in made.journal.migrations()):
            break


def _go(story: _Story, at_each_point: Callable[[int], None]) -> None:
    """Carry the node; before each look at it and each change of a cloud, say which it is."""
    numbers = itertools.count()

    def met(call: str, changes: bool) -> None:
        if changes or call == "node":
            at_each_point(next(numbers))

    made = story.made
    for cloud in (made.old, made.new):
        cloud.troubles.weather = met
    try:
        made.operations.migrate([story.uuid], by="ann")
        made.run(600)
        story.empty()
        _run_to_the_end(made)
    finally:
        for cloud in (made.old, made.new):
            cloud.troubles.weather = None


def _lose_at(story: _Story, number: int, before: Callable[[int], None]) -> None:
    def lose(reached: int) -> None:
        before(reached)
        if reached == number:
            raise _LostError

    with pytest.raises(_LostError):
        _go(story, lose)


def _back_up(journal: Journal, directory: Path, at: int, reached: int) -> None:
    if reached == at:
        backup.write(journal._path, directory / "journal.sqlite")


def _points(directory: Path, kind: Kind) -> int:
    reached: list[int] = []
    _go(_story(directory, kind, None), reached.append)
    return len(reached)


def _finish(story: _Story) -> str:
    """Carry on as an operator would: release what is held, after doing what its reason says."""
    made = story.made
    story.empty()
    _run_to_the_end(made)
    if made.operations.node(story.uuid).cause == "gone-from-old-cloud":
        # ephyrad deleted it, in the life that the journal does not know of.
        made.operations.release(story.uuid, by="ann")
        _run_to_the_end(made)
    node = made.operations.node(story.uuid)
    if node.held:
        assert node.cause == "clean-failed", node.doing
        made.new.ironic.provision(story.uuid, "manage")
        made.new.ironic.patch(story.uuid, {"automated_clean": True})
        made.operations.release(story.uuid, by="ann")
        _run_to_the_end(made)
    return made.operations.node(story.uuid).state


def _expect_arrival(story: _Story) -> None:
    made, uuid = story.made, story.uuid
    assert uuid not in made.old.ironic.nodes
    arrived = made.new.ironic.show(uuid)
    assert {name: arrived[name] for name in _KEPT} == {name: story.record[name] for name in _KEPT}
    assert (arrived["provision_state"], arrived["maintenance"]) == ("available", False)
    machine = made.room.named_by(arrived["driver_info"])
    assert machine is not None
    assert machine.data == set()


@pytest.mark.parametrize(
    ("kind", "automated_clean"), [(Kind.IN_USE, None), (Kind.IN_USE, True), (Kind.IDLE, False)]
)
def test_a_lost_journal(kind: Kind, automated_clean: bool | None, tmp_path: Path) -> None:
    strays = 0
    for number in range(_points(tmp_path / "whole", kind)):
        story = _story(tmp_path / f"{number}", kind, automated_clean)
        _lose_at(story, number, lambda _: None)
        story.made = story.made.with_journal(tmp_path / f"{number} again")
        operations = story.made.operations
        left = story.made.old.ironic.nodes.get(story.uuid)
        taken = operations.migrate_strays(by="ann").accepted
        strays += len(taken)
        if not taken and left is not None:
            # Not marked yet: to ask for it as for any other is enough.
            operations.migrate([story.uuid], by="ann")
        if taken or left is not None:
            assert _finish(story) == "compute-ready", number
        _expect_arrival(story)
    assert strays > 10


@pytest.mark.parametrize("kind", [Kind.IN_USE, Kind.IDLE])
def test_an_older_journal_is_restored(kind: Kind, tmp_path: Path) -> None:
    # Before the first look the journal does not know the node.
    for number in range(2, _points(tmp_path / "whole", kind)):
        directory = tmp_path / f"{number}"
        story = _story(directory, kind, False)
        restored = tmp_path / f"{number} again"
        restored.mkdir()
        back_up = partial(_back_up, story.made.journal, restored, number // 2)
        _lose_at(story, number, back_up)
        shutil.copy(directory / "keys", restored)
        story.made = story.made.with_journal(restored)

        assert _finish(story) == "compute-ready", number
        _expect_arrival(story)

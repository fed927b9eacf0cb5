# SPDX-License-Identifier: Apache-2.0
"""The process ends at each boundary of an item's turn, and another one takes it up."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.identity import Account
from tests.unit.engine.environment.rig import DATA, Rig, flavor, id_of, image, keypair, rig


class Killed(BaseException):
    """The process is gone."""


def _reached(made: Rig, then: Callable[[str], None]) -> None:
    """Have `then` called before and after each call of the new cloud and each commit."""
    made.new.around = then
    for name in ("append", "append_each"):
        setattr(made.journal.environment, name, _watched(made, name, then))


def _watched(made: Rig, name: str, then: Callable[[str], None]) -> Callable[..., Any]:
    call = getattr(made.journal.environment, name)

    def watched(*args: Any, **rest: Any) -> Any:
        then(f"before {name}")
        result = call(*args, **rest)
        then(f"after {name}")
        return result

    return watched


def _alter(made: Rig, item: Item) -> None:
    """Have the old cloud another one, of which its bus tells."""
    made.old.put(item, DATA)
    made.tell(item)


def _created(made: Rig) -> Item:
    item = flavor()
    _alter(made, item)
    return item


def _uploaded(made: Rig) -> Item:
    item = image()
    _alter(made, item)
    return item


def _amended(made: Rig) -> Item:
    made.carry(made.old.put(flavor()))
    item = flavor(ram=128)
    _alter(made, item)
    return item


def _unmarked(made: Rig) -> Item:
    for cloud in (made.old, made.new):
        cloud.users_ = [Account("ann", "ann", "Default")]
    item = keypair("ann")
    _alter(made, item)
    return item


STORIES = {"create": _created, "upload": _uploaded, "amend": _amended, "key": _unmarked}


def _boundaries(directory: Path, story: str) -> list[str]:
    made = rig(directory)
    STORIES[story](made)
    reached: list[str] = []
    _reached(made, reached.append)
    made.run(60)
    made.journal.close()
    return reached


@pytest.mark.parametrize("story", STORIES)
def test_wherever_it_is_killed_the_item_arrives_and_nothing_is_done_twice(
    tmp_path: Path, story: str
) -> None:
    for name in ("whole", *(f"killed-{number}" for number in range(30))):
        (tmp_path / name).mkdir()
    boundaries = _boundaries(tmp_path / "whole", story)
    assert len(boundaries) > 4

    for number in range(len(boundaries)):
        made = rig(tmp_path / f"killed-{number}")
        item = STORIES[story](made)
        left = [number]

        def kill(_: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Killed

        _reached(made, kill)
        with pytest.raises(Killed):
            made.run(60)
        made.new.around = lambda _: None
        again = made.restarted()
        again.engine.take_up()
        again.run(600)
        again.journal.close()

        found = again.new.kept(item)
        assert found is not None, boundaries[number]
        assert found.fields == item.fields, boundaries[number]
        assert again.journal.environment.record(id_of(item)).problem is None, boundaries[number]
        assert again.new.calls.count(f"create {item.kind}") <= 1, boundaries[number]
        if item.kind is Kind.IMAGE:
            assert again.new.images is not None
            assert again.new.images.data[item.key] == DATA


def test_with_the_journal_lost_what_bears_a_mark_is_ephyrads_still(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    made = rig(tmp_path / "one")
    made.carry(made.old.put(flavor()))
    made.journal.close()
    made.directory = tmp_path / "two"
    again = made.restarted()

    again.carry(again.old.put(flavor(ram=128)))

    found = again.new.kept(flavor())
    assert found is not None
    assert found.fields == {"ram": 128}
    again.journal.close()

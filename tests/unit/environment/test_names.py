# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from ephyrad.environment.effects import Effect
from ephyrad.environment.halves import is_among, values_of
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.environment.names import Way, parked, way_to_name


def template(key: str, name: str, mark: str | None = "", trouble: str | None = None) -> Item:
    item = Item(Kind.DEPLOY_TEMPLATE, key, name, {"name": name}, None, trouble)
    return replace(item, mark=item.digest if mark == "" else mark)


WANTED = template("1", "Y")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param([], [template("1", "X")], Way.FREE, id="free"),
        pytest.param(
            [template("2", "X")], [template("1", "X"), template("2", "Y")], Way.CIRCLE, id="swapped"
        ),
        pytest.param(
            [template("2", "Z"), template("3", "X")],
            [template("1", "X"), template("2", "Y"), template("3", "Z")],
            Way.CIRCLE,
            id="a circle of three",
        ),
        pytest.param([template("2", "Z")], [template("2", "Y")], Way.LATER, id="to be renamed"),
        pytest.param([template("2", "Z")], [template("2", "Y", None)], Way.NONE, id="people's"),
        pytest.param(
            [template("2", "X")],
            [template("1", "X"), template("2", "Y", "of another")],
            Way.NONE,
            id="changed by people",
        ),
        pytest.param([], [template("2", "Y")], Way.NONE, id="stays"),
        pytest.param(
            [template("2", "Z", trouble="masked")], [template("2", "Y")], Way.NONE, id="masked"
        ),
        pytest.param(
            [template("2", "Z"), template("3", "Y")],
            [template("2", "Y"), template("3", "Z")],
            Way.NONE,
            id="a circle without it",
        ),
    ],
)
def test_how_an_item_comes_by_its_name(old: list[Item], new: list[Item], expected: Way) -> None:
    assert way_to_name(WANTED, [*old, WANTED], new) is expected


def test_a_name_in_between_is_no_change_of_peoples() -> None:
    found = template("1", "X")

    assert is_among(parked(WANTED), values_of(Effect.AMEND, WANTED, found))

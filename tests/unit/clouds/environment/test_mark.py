# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from ephyrad.clouds.environment import mark
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind

GOLD = Item(Kind.FLAVOR, "7", "gold", {"ram": 64})


def test_a_mark_says_what_was_written() -> None:
    assert mark.read(mark.of(GOLD), GOLD.key) == GOLD.digest


@pytest.mark.parametrize(
    "text", [mark.of(replace(GOLD, key="8")), GOLD.digest, "", "-", None, 7], ids=str
)
def test_what_is_no_mark_of_the_item_says_nothing(text: object) -> None:
    assert mark.read(text, GOLD.key) is None


def test_a_mark_fits_where_nova_keeps_it() -> None:
    assert len(mark.of(replace(GOLD, key="é" * 255))) < 255


def test_people_s_copy_of_a_flavor_is_theirs() -> None:
    specs = {"a": "b", mark.KEY: mark.of(GOLD)}

    assert mark.taken_off(specs, "7") == ({"a": "b"}, GOLD.digest)
    assert mark.taken_off(specs, "8") == ({"a": "b"}, None)

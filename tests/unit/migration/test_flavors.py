# SPDX-License-Identifier: Apache-2.0
"""What flavors demand of a node, and when nobody could get it in the new cloud any more."""

import pytest

from ephyrad.migration.facts import CloudName
from ephyrad.migration.flavors import FlavorFacts, flavor_facts, placement_class
from ephyrad.migration.next_step import next_step
from ephyrad.migration.policy import Policy
from ephyrad.migration.preflight import unofferable
from ephyrad.migration.steps import Cause, Hold, Keep
from tests.unit.migration.builders import document, migration, old_node, records, sighting

METAL = "CUSTOM_BAREMETAL"
GOLD = FlavorFacts("gold", frozenset({METAL}), required=frozenset({"CUSTOM_GOLD"}))
PLAIN = FlavorFacts("plain", frozenset({METAL}))
PICKY = FlavorFacts("picky", frozenset({METAL}), forbidden=frozenset({"CUSTOM_GOLD"}))
SILVER = FlavorFacts("silver", frozenset({METAL}), required=frozenset({"CUSTOM_SILVER"}))
VIRTUAL = FlavorFacts("virtual", frozenset())


def reasons(old: list[FlavorFacts], new: list[FlavorFacts]) -> list[str]:
    found = list(unofferable(document(), old, new))
    assert {each.cause for each in found} <= {Cause.MISSING}
    return [each.text for each in found]


@pytest.mark.parametrize(
    ("specs", "expected"),
    [
        ({}, FlavorFacts("f")),
        ({"resources:CUSTOM_A": "1"}, FlavorFacts("f", frozenset({"CUSTOM_A"}))),
        ({"resources1:CUSTOM_A": "1"}, FlavorFacts("f", frozenset({"CUSTOM_A"}))),
        ({"resources_disk:CUSTOM_A": "1"}, FlavorFacts("f", frozenset({"CUSTOM_A"}))),
        ({"resources:VCPU": "0", "resources:": "1", "hw:resources": "1"}, FlavorFacts("f")),
        ({"trait:CUSTOM_T": "required"}, FlavorFacts("f", required=frozenset({"CUSTOM_T"}))),
        ({"trait1:CUSTOM_T": "forbidden"}, FlavorFacts("f", forbidden=frozenset({"CUSTOM_T"}))),
        ({"trait:CUSTOM_T": "preferred"}, FlavorFacts("f")),
        ({"trait:COMPUTE_NODE": "required"}, FlavorFacts("f")),
    ],
)
def test_extra_specs_say_what_a_flavor_demands(
    specs: dict[str, str], expected: FlavorFacts
) -> None:
    assert flavor_facts("f", specs) == expected


@pytest.mark.parametrize(
    ("resource_class", "name"),
    [
        ("baremetal", "CUSTOM_BAREMETAL"),
        ("baremetal.gold-2", "CUSTOM_BAREMETAL_GOLD_2"),
        ("CUSTOM_GOLD", "CUSTOM_CUSTOM_GOLD"),
    ],
)
def test_placement_has_a_name_of_its_own_for_a_class(resource_class: str, name: str) -> None:
    assert placement_class(resource_class) == name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([], []),
        ([VIRTUAL], []),
        ([SILVER], []),
        ([PLAIN], [GOLD]),
        ([GOLD], [PICKY, PLAIN]),
        ([SILVER], [SILVER]),
    ],
)
def test_a_node_that_can_be_got_as_before_is_well(
    old: list[FlavorFacts], new: list[FlavorFacts]
) -> None:
    assert reasons(old, new) == []


def test_a_class_that_no_flavor_of_the_new_cloud_demands_is_missing() -> None:
    (text,) = reasons([PLAIN, GOLD], [VIRTUAL])

    assert text == (
        "no flavor of the new cloud demands resource class CUSTOM_BAREMETAL (the old cloud has"
        " gold, plain): carry the flavors with `ephyra environment sync --kind flavor`, or make"
        " one there with resources:CUSTOM_BAREMETAL=1"
    )


def test_traits_that_no_flavor_of_the_new_cloud_takes_are_told() -> None:
    (text,) = reasons([PLAIN], [SILVER, PICKY])

    assert "(silver requires CUSTOM_SILVER; picky forbids CUSTOM_GOLD; the" in text


def test_only_so_many_flavors_are_named() -> None:
    (text,) = reasons([FlavorFacts(f"f{at}", frozenset({METAL})) for at in range(5)], [])

    assert "f0, f1, f2 and 2 more" in text


def test_a_node_without_a_class_has_another_trouble() -> None:
    assert list(unofferable(document(records(resource_class=None)), [PLAIN], [])) == []


def test_a_node_is_held_untouched_while_there_is_no_flavor_for_it() -> None:
    lacking = {CloudName.OLD: [PLAIN], CloudName.NEW: []}
    there = {CloudName.OLD: [PLAIN], CloudName.NEW: [PLAIN]}

    held, kept = (
        next_step(migration().now, sighting(old_node(), flavors=flavors), Policy())
        for flavors in (lacking, there)
    )

    assert isinstance(held, Hold)
    assert (held.cause, held.lifts_itself) == (Cause.MISSING, True)
    assert "no flavor of the new cloud" in held.reason
    assert isinstance(kept, Keep)

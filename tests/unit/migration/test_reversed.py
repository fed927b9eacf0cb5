# SPDX-License-Identifier: Apache-2.0
"""The mapping file read backwards, and what a node named before it came: nothing is guessed."""

from typing import Any

import pytest

from ephyrad.migration.direction import Direction
from ephyrad.migration.document import capture
from ephyrad.migration.entries import Asked
from ephyrad.migration.facts import CloudName
from ephyrad.migration.identity import Account, By, Directory, Rule
from ephyrad.migration.mapping import Kind, Names
from ephyrad.migration.policy import Policy
from ephyrad.migration.references import Change, Resolution, resolve, rewritten
from tests.unit.migration.builders import BEFORE, NOW, records
from tests.unit.migration.test_migration import ASKED

GROUP = ("conductor_group",)


def _back(
    rule: Rule, kind: Kind, came_by: tuple[Change, ...] = (), **fields: Any
) -> tuple[Resolution, dict[str, Any]]:
    """Resolve a record of the new cloud on its way back."""
    document = capture(records(**fields), BEFORE, {})
    # By their roles: the old one is the cloud that it leaves.
    known = {
        (CloudName.OLD, Kind.PROJECT): Directory("project", [Account("n1", "a", "Default")]),
        (CloudName.NEW, Kind.PROJECT): Directory(
            "project", [Account("o1", "a", "Default"), Account("o2", "b", "Default")]
        ),
    }
    names = Policy(names=Names({kind: rule})).facing(Direction.BACK).names
    found = resolve(document, known, names, came_by)
    return found, dict(rewritten(document, found.changes).node)


@pytest.mark.parametrize("entry", ["o2", "Default/b", "b"])
@pytest.mark.parametrize("meant", ["n1", "Default/a", "a"])
def test_an_entry_of_the_table_leads_back(entry: str, meant: str) -> None:
    found, node = _back(Rule(By.NAME, {entry: meant}), Kind.PROJECT, owner="n1")

    assert (found.problems, node["owner"]) == ((), "o2")


def test_what_has_no_entry_goes_back_by_its_name() -> None:
    found, node = _back(Rule(By.NAME, {"b": "other"}), Kind.PROJECT, owner="n1")

    assert (found.problems, node["owner"]) == ((), "o1")


def test_where_two_lead_to_one_nothing_is_guessed() -> None:
    found, node = _back(Rule(By.NAME, {"o1": "n1", "o2": "n1"}), Kind.PROJECT, owner="n1")

    assert node["owner"] == "n1"
    assert "it may be o1 or o2; leave in the table only what is meant" in found.problems[0]


def test_a_name_that_may_have_been_kept_is_not_guessed() -> None:
    rule = Rule(By.KEEP, {"rack1": "r1"})

    assert rule.reversed().table == {}
    found, _ = _back(rule, Kind.CONDUCTOR_GROUP, conductor_group="r1")
    assert "it may be rack1 or r1" in found.problems[0]
    # What is itself mapped away cannot have had its name all along.
    both = Rule(By.KEEP, {"rack1": "r1", "r1": "r2"}).reversed()
    assert (both.table, both.several) == ({"r1": "rack1"}, {"r2": ("r1", "r2")})


def test_what_it_was_before_it_came_is_what_is_meant() -> None:
    came_by = (
        Change("node", GROUP, "rack1", "r1"),
        Change("node", ("owner",), "o2", "n1"),
    )

    found, node = _back(
        Rule(By.KEEP, {"rack1": "r1", "rack2": "r1"}),
        Kind.CONDUCTOR_GROUP,
        came_by,
        conductor_group="r1",
        owner="n1",
    )

    assert found.problems == ()
    assert (node["conductor_group"], node["owner"]) == ("rack1", "o2")


def test_a_name_that_was_taken_out_comes_back() -> None:
    came_by = (Change("node", GROUP, "rack1", None),)

    found, node = _back(Rule(By.KEEP), Kind.CONDUCTOR_GROUP, came_by, conductor_group="")

    assert (found.problems, node["conductor_group"]) == ((), "rack1")


def test_what_is_not_there_any_more_is_found_by_the_rule() -> None:
    came_by = (Change("node", ("owner",), "gone", "n1"),)

    found, node = _back(Rule(By.NAME), Kind.PROJECT, came_by, owner="n1")

    assert (found.problems, node["owner"]) == ((), "o1")


def test_what_people_changed_since_is_found_by_the_rule() -> None:
    came_by = (Change("node", GROUP, "rack1", "r1"),)

    found, node = _back(Rule(By.KEEP), Kind.CONDUCTOR_GROUP, came_by, conductor_group="r9")

    assert (found.problems, node["conductor_group"]) == ((), "r9")


def test_a_journey_back_knows_by_what_the_node_came() -> None:
    came_by = (Change("node", GROUP, "rack1", "r1"),)
    arrived = ASKED.kept(rewriting=came_by).in_state(list(type(ASKED.now.state))[-1])

    back = arrived.then(Asked(NOW, "metal-1", "ann", Direction.BACK)).now
    forth = arrived.then(Asked(NOW, "metal-1", "ann")).now

    assert (back.came_by, back.direction, back.touched) == (came_by, Direction.BACK, False)
    assert back.seq == len(arrived.entries) + 1
    assert forth.came_by == ()

# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.environment.problems import Cause, Problem
from ephyrad.environment.translate import Names, Nobody, Wanted, translate

USERS = {"u-old": "u-new"}
PROJECTS = {"p-old": "p-new", "a-old": "z-new", "b-old": "a-new"}


def counterpart(known: dict[str, str]) -> Names:
    def find(ident: str) -> str | Nobody:
        return known.get(ident) or Nobody(f"{ident} is not in the new cloud: create it there")

    return Names(user=find, project=find)


NAMES = counterpart(USERS | PROJECTS)


def keypair(user: str) -> Item:
    return Item(Kind.KEYPAIR, f"{user}/laptop", "laptop", {"user_id": user, "public_key": "ssh"})


def image(**fields: object) -> Item:
    return Item(Kind.IMAGE, "1f", "debian", fields)


def test_a_key_pair_belongs_to_the_same_person() -> None:
    wanted = translate(keypair("u-old"), NAMES)

    assert isinstance(wanted, Wanted)
    assert wanted.item.key == "u-new/laptop"
    assert wanted.item.fields == {"user_id": "u-new", "public_key": "ssh"}


@pytest.mark.parametrize("item", [keypair("u-9"), image(owner="p-9")])
def test_what_belongs_to_nobody_cannot_be_carried(item: Item) -> None:
    problem = translate(item, NAMES)

    assert isinstance(problem, Problem)
    assert problem.cause is Cause.OWNER
    assert "create it there" in problem.reason


def test_an_image_is_shared_with_those_who_are_there() -> None:
    wanted = translate(image(owner="p-old", members=["a-old", "b-old", "x-9"]), NAMES)

    assert isinstance(wanted, Wanted)
    assert wanted.item.fields == {"owner": "p-new", "members": ["a-new", "z-new"]}
    assert wanted.left_behind == ("x-9 is not in the new cloud: create it there",)


def test_projects_that_become_one_are_one_that_it_is_shared_with() -> None:
    names = counterpart({"a-old": "new", "b-old": "new"})
    wanted = translate(image(members=["a-old", "b-old"], accepted=["b-old"]), names)

    assert isinstance(wanted, Wanted)
    assert wanted.item.fields == {"members": ["new"], "accepted": ["new"]}


def test_those_who_accepted_an_image_are_members_of_it_under_their_new_ids() -> None:
    wanted = translate(image(members=["a-old", "b-old", "x-9"], accepted=["b-old", "x-9"]), NAMES)

    assert isinstance(wanted, Wanted)
    assert wanted.item.fields == {"members": ["a-new", "z-new"], "accepted": ["a-new"]}
    assert wanted.left_behind == ("x-9 is not in the new cloud: create it there",)


def test_a_flavor_that_is_shared_with_nobody_who_is_there_is_shared_with_nobody() -> None:
    flavor = Item(Kind.FLAVOR, "1", "gold", {"is_public": False, "access": ["x-9"]})

    wanted = translate(flavor, NAMES)

    assert isinstance(wanted, Wanted)
    assert wanted.item.fields == {"is_public": False}
    assert wanted.left_behind == ("x-9 is not in the new cloud: create it there",)


@pytest.mark.parametrize(
    "item",
    [
        Item(Kind.AGGREGATE, "rack-1", "rack-1", {}, left_behind=("its hosts",)),
        Item(Kind.FLAVOR, "1", "gold", {}, left_behind=("its hosts",)),
        Item(Kind.IMAGE, "1f", "debian", {"owner": "p-old"}, left_behind=("its hosts",)),
    ],
)
def test_what_a_cloud_says_is_not_carried_is_said(item: Item) -> None:
    wanted = translate(item, NAMES)

    assert isinstance(wanted, Wanted)
    assert wanted.left_behind == ("its hosts",)


@pytest.mark.parametrize("kind", [Kind.TRAIT, Kind.RESOURCE_CLASS, Kind.AGGREGATE])
def test_what_belongs_to_nobody_stays_as_it_is(kind: Kind) -> None:
    item = Item(kind, "CUSTOM_X", "CUSTOM_X", {})

    assert translate(item, NAMES) == Wanted(item)


def test_an_item_that_cannot_be_carried_says_why() -> None:
    item = Item(Kind.IMAGE, "i", "i", {}, trouble="it has no bytes yet")

    assert translate(item, NAMES) == Problem(Cause.UNFIT, "it has no bytes yet")


def test_an_item_that_is_masked_is_known_by_what_is_not() -> None:
    item = Item(Kind.RUNBOOK, "r", "r", {}, trouble="its arguments are masked")

    assert translate(item, NAMES) == Wanted(
        replace(item, trouble=None), trouble="its arguments are masked"
    )

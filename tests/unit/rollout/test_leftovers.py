# SPDX-License-Identifier: Apache-2.0
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from ephyrad.migration import marks
from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import ServerFacts
from ephyrad.migration.identity import Account
from ephyrad.migration.migration import Migration
from ephyrad.migration.states import State
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.declaration import Declaration, Selection
from ephyrad.rollout.leftovers import Leftover, Seen, leftovers
from tests.unit.rollout.builders import arrived, held, migration, node

SPRING = Declaration("spring", (Selection(names=("a*",)),), exclude=(Selection(names=("ab*",)),))


def seen(
    *nodes: Candidate,
    journeys: Sequence[Migration] = (),
    new: Sequence[Candidate] = (),
    **more: Any,
) -> Seen:
    fields: Mapping[str, Any] = {
        "direction": Direction.FORWARD,
        "declared": None,
        "servers": (),
        "providers": (),
        "leaving": {each.uuid: each for each in nodes},
        "entering": {each.uuid: each for each in new},
        **more,
    }
    return Seen(migrations={each.node: each for each in journeys}, **fields)


def kinds(found: Sequence[Leftover]) -> dict[str, list[str]]:
    return {each.kind: [thing.id for thing in each.things] for each in found}


def only(found: Sequence[Leftover]) -> tuple[str, str]:
    (each,) = found
    (thing,) = each.things
    return each.kind, thing.words


def marked(name: str) -> Candidate:
    found = node(name)
    fenced = replace(found.facts, maintenance=True, maintenance_reason=marks.FENCED)
    return replace(found, facts=fenced)


IN_USE = migration("a1", was_in_use=True)
CASES = {
    "held": (node("a1"), held("a1"), "held", "bmc-unverified: no answer; available"),
    "waiting": (node("a1", instance="i1"), IN_USE, "waiting", "active, instance i1"),
    "going": (node("a1"), migration("a1", State.CLEANING), "under-way", "cleaning; available"),
    "aborted": (
        *(node("a1"), migration("a1", State.CLEANING, aborting=True)),
        *("going-back", "available"),
    ),
    "restored": (node("a1"), migration("a1", restored=True), "went-back", "available"),
    "returned": (
        *(node("a1"), replace(arrived("a1"), direction=Direction.BACK)),
        *("returned", "available"),
    ),
    "returning": (
        *(node("a1"), replace(migration("a1", State.TRANSFERRED), direction=Direction.BACK)),
        *("returned", "on its way back here; available"),
    ),
    "made again": (node("a1"), arrived("a1"), "arrived", "available"),
    "unasked": (node("a1"), None, "not-asked", "available"),
    "in maintenance": (
        *(node("a1", maintenance=True), None),
        *("maintenance", "available, in maintenance (no reason)"),
    ),
    "marked": (
        *(marked("a1"), None),
        *("stray", f"available, in maintenance ({marks.FENCED})"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_why_a_node_is_still_there(case: str) -> None:
    candidate, journey, kind, words = CASES[case]

    found = leftovers(seen(candidate, journeys=[journey] if journey else []))

    assert only(found) == (kind, words)


@pytest.mark.parametrize(
    ("name", "kind"), [("a1", "not-begun"), ("ab", "excluded"), ("b", "not-selected")]
)
def test_what_a_rollouts_file_says_of_a_node(name: str, kind: str) -> None:
    assert only(leftovers(seen(node(name), declared=SPRING)))[0] == kind


def test_instances_are_told_with_their_node() -> None:
    servers = [
        ServerFacts("i1", "u1", "active", None, locked=False, project="p"),
        ServerFacts("i2", None, "error", "deleting", locked=False, project="p"),
    ]
    nodes = [replace(node("u1"), facts=replace(node("u1").facts, name="rack1"))]

    (_, found) = leftovers(seen(*nodes, servers=servers))

    assert [(thing.id, thing.words) for thing in found.things] == [
        ("i1", "active, on rack1, project p"),
        ("i2", "error (deleting), on no node, project p"),
    ]


def test_providers_of_no_node_are_orphans_or_compute_hosts() -> None:
    providers = [Account("a", "a"), Account("gone", "gone"), Account("h1", "host.example")]

    found = kinds(leftovers(seen(node("a"), providers=providers)))

    assert found == {"not-asked": ["a"], "orphans": ["gone"], "hosts": ["h1"]}


def test_records_in_both_clouds_and_in_neither() -> None:
    journeys = [arrived("a"), arrived("gone"), migration("b", State.TRANSFERRED)]

    found = kinds(
        leftovers(seen(node("a"), node("b"), journeys=journeys, new=[node("a"), node("b")]))
    )

    assert found == {"arrived": ["a"], "under-way": ["b"], "both": ["a"], "neither": ["gone"]}


@pytest.mark.parametrize("unread", ["leaving", "entering"])
def test_of_what_was_not_read_nothing_is_said(unread: str) -> None:
    more: dict[str, Any] = {unread: None, "providers": [Account("gone", "gone")]}

    found = kinds(leftovers(seen(journeys=[arrived("gone")], **more)))

    assert found == ({} if unread == "leaving" else {"orphans": ["gone"]})


def test_on_the_way_back_the_clouds_are_named_by_themselves() -> None:
    found = leftovers(
        seen(node("b"), direction=Direction.BACK, servers=None, providers=[Account("c", "c")])
    )

    assert [each.text for each in found] == [
        "nobody asked for it",
        "a provider of the new placement whose node is no more in the new Ironic",
    ]
    assert "`ephyra node return NODE`" in found[0].cure

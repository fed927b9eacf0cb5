# SPDX-License-Identifier: Apache-2.0
"""What a rollout does with owners: it tells them to go, and lets them stay when it stops."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ephyrad.migration.entries import Noticed
from ephyrad.migration.facts import CloudName
from ephyrad.migration.migration import Migration
from ephyrad.migration.states import State
from ephyrad.reclaim.fate import Message
from ephyrad.rollout.declaration import (
    Amount,
    Declaration,
    Drain,
    DrainRule,
    Floor,
    Selection,
)
from ephyrad.rollout.entries import (
    Applied,
    Entry,
    PauseCause,
    Paused,
    Stopped,
)
from ephyrad.rollout.moves import (
    End,
    GiveBack,
    GiveNotice,
    RecallNotice,
)
from ephyrad.rollout.notices import CI
from tests.unit.rollout.builders import (
    NOON,
    Story,
    begun,
    held,
    migration,
    node,
    why,
)


def waiting(name: str, **more: Any) -> Migration:
    return migration(name, intents=1, was_in_use=True, **more)


def test_stopped_it_gives_back_what_waits_for_its_owner() -> None:
    story = Story([node("a", instance="i"), node("b"), node("c")]).opened("a", "b", "c")
    story.has(waiting("a"), migration("b"), held("c")).tell(Stopped(NOON, "operator"))

    assert story.move() == GiveBack(("a", "b"))
    story.has(waiting("a", aborting=True), migration("b", restored=True))
    assert why(story) == "1 node in flight to end"
    story.has(waiting("a", restored=True))
    assert story.move() == End("it was stopped")


def test_stopped_it_leaves_what_somebody_else_asked_for() -> None:
    story = Story([node("a", instance="i"), node("b")]).opened("a", "b")
    story.has(replace(waiting("a"), asked_by="operator"))
    story.has(replace(migration("b"), asked_by="rollout autumn"))

    story.tell(Stopped(NOON, "operator"))

    assert story.move() == GiveBack(("b",)), "what another rollout left to this one is its own"
    assert story.has(migration("b", restored=True)).move() == End("it was stopped")


RELEASE = DrainRule(Drain.RELEASE, Selection(names=("ci*",)), timedelta(days=1))


def test_owners_are_told_when_the_file_says_so() -> None:
    story = Story([node("ci1", instance="i"), node("web", instance="j"), node("z")])
    story.declares(drains=(RELEASE,)).opened("ci1", "web", "z").has(waiting("web"))

    assert begun(story, room=1) == "ci1z"
    story.has(migration("ci1"))
    assert begun(story) != "ci1", "nobody is told before the node is retired"
    story.has(waiting("ci1"))
    assert story.move() == GiveNotice("ci1", "i", NOON + timedelta(days=1))
    story.has(waiting("ci1", notice=noticed("i")))
    assert not isinstance(story.move(), GiveNotice)


@pytest.mark.parametrize(
    "entry",
    [
        Paused(NOON, "operator", PauseCause.OPERATOR, "lunch"),
        Stopped(NOON, "operator"),
        Applied(NOON, "operator", Declaration("spring", (Selection(),))),
    ],
    ids=["paused", "stopped", "changed"],
)
def test_a_notice_is_taken_back_when_it_is_not_wanted_any_more(entry: Entry) -> None:
    story = Story([node("ci1", instance="i")]).declares(drains=(RELEASE,)).opened("ci1")
    story.has(waiting("ci1", notice=noticed("i"))).tell(entry)

    move = story.move()
    assert isinstance(move, RecallNotice)
    assert move.nodes == ("ci1",)


def test_an_owner_whose_node_the_file_excludes_now_is_not_told_to_go() -> None:
    story = Story([node("ci1", instance="i"), node("b")]).declares(drains=(RELEASE,))
    story.opened("ci1", "b").has(waiting("ci1")).declares(exclude=(Selection(("ci1",)),))

    assert begun(story) == "b"


def test_a_notice_is_taken_back_where_the_file_excludes_the_node_now() -> None:
    story = Story([node("ci1", instance="i")]).declares(drains=(RELEASE,)).opened("ci1")
    story.has(waiting("ci1", notice=noticed("i"))).declares(exclude=(Selection(("ci1",)),))

    assert story.move() == RecallNotice(("ci1",))


@pytest.mark.parametrize(("days", "stays"), [(2, False), (0.5, True)], ids=["longer", "shorter"])
def test_a_notice_that_is_shorter_than_the_file_has_it_now_is_given_anew(
    days: float, *, stays: bool
) -> None:
    story = Story([node("ci1", instance="i")]).declares(drains=(RELEASE,)).opened("ci1")
    story.has(waiting("ci1", notice=noticed("i")))

    story.declares(drains=(replace(RELEASE, notice=timedelta(days=days)),))

    assert isinstance(story.move(), RecallNotice) is not stays
    if not stays:
        story.has(waiting("ci1"))
        assert story.move() == GiveNotice("ci1", "i", NOON + timedelta(days=days))


@pytest.mark.parametrize(
    "journey",
    [
        migration("ci1", State.DRAINED, was_in_use=True, released=True),
        migration("ci1", intents=2, was_in_use=True, released=True, aborting=True),
        migration("ci1", intents=2, was_in_use=True, restored=True),
    ],
    ids=["drained", "goes back", "is back"],
)
def test_no_notice_is_given_that_would_not_be_heard(journey: Migration) -> None:
    story = Story([node("ci1", instance="i")]).declares(drains=(RELEASE,)).opened("ci1")

    assert not isinstance(story.has(journey).move(), GiveNotice)


def test_somebody_elses_notice_stays() -> None:
    story = Story([node("ci1", instance="i")]).opened("ci1")
    story.has(waiting("ci1", notice=Noticed(NOON, "i", NOON, "operator")))

    assert why(story) == "the nodes of wave 1 to arrive"


def test_no_owner_is_told_to_go_where_nothing_is_left_for_him() -> None:
    floor = Floor(CloudName.NEW, "baremetal", Amount(1))
    story = Story([node("ci1", instance="i"), node("ci2", instance="j")], new=[node("n1")])
    story.declares(drains=(RELEASE,), floors=(floor,)).opened("ci1", "ci2")
    story.has(waiting("ci1"), waiting("ci2"))

    assert why(story) == "the nodes of wave 1 to arrive"
    story.new.append(node("n2"))
    assert story.move() == GiveNotice("ci1", "i", NOON + timedelta(days=1))
    story.has(waiting("ci1", notice=noticed("i")))
    assert why(story) == "the nodes of wave 1 to arrive"


def test_owners_of_another_class_are_promised_nothing_of_this_one() -> None:
    floor = Floor(CloudName.NEW, "*", Amount(1))
    story = Story([node("ci1", instance="i"), node("ci2", instance="j", resource_class="gpu")])
    story.new += [node("n1"), node("n2")]
    story.declares(drains=(RELEASE,), floors=(floor,)).opened("ci1", "ci2")
    story.has(waiting("ci1"), waiting("ci2", notice=noticed("j")))

    assert story.move() == GiveNotice("ci1", "i", NOON + timedelta(days=1))


def noticed(instance: str) -> Noticed:
    return Noticed(NOON, instance, NOON + timedelta(days=1), "rollout spring")


RECLAIM = DrainRule(Drain.RECLAIM, Selection(names=("ci*",)))
BY_CI = Noticed(NOON, "i", NOON, "CI https://ci.example.com/burn-in-411")


def said(name: str = "ci1") -> Story:
    story = Story([node(name, instance="i")]).declares(drains=(RECLAIM,))
    return story.opened(name).has(waiting(name, notice=BY_CI))


def test_word_by_ci_stands_while_the_file_says_so() -> None:
    assert why(said()) == "the nodes of wave 1 to arrive"
    paused = said().tell(Paused(NOON, "operator", PauseCause.OPERATOR, "lunch"))
    assert why(paused) == "it pauses: lunch"


@pytest.mark.parametrize(
    "changed",
    [
        Declaration("spring", (Selection(),)),
        Declaration("spring", (Selection(),), drains=(RELEASE,)),
        Declaration("spring", (Selection(),), drains=(RECLAIM,), exclude=(Selection(("ci1",)),)),
    ],
    ids=["wait", "release", "left out"],
)
@pytest.mark.parametrize("paused", [False, True], ids=["runs", "pauses"])
def test_word_by_ci_is_taken_back_when_the_file_does_not_want_it_any_more(
    changed: Declaration, *, paused: bool
) -> None:
    story = said().tell(Applied(NOON, "operator", changed))
    if paused:
        story.tell(Paused(NOON, "operator", PauseCause.OPERATOR, "lunch"))

    move = story.move()

    because = "rollout spring does not have it released by CI's word any more"
    assert move == RecallNotice(("ci1",), because)
    story.has(waiting("ci1"))
    assert not isinstance(story.move(), RecallNotice)


def test_word_by_ci_for_a_node_that_no_wave_began_with_is_taken_back_too() -> None:
    story = said("ci1")
    story.old["ci2"] = node("ci2", instance="j")
    story.has(waiting("ci2", notice=BY_CI), waiting("ci1"))

    story.tell(Applied(NOON, "operator", Declaration("spring", (Selection(),))))

    assert isinstance(found := story.move(), RecallNotice)
    assert found.nodes == ("ci2",)


def test_the_giver_is_told_from_others() -> None:
    message = Message(1, "ci", "7", "", "", NOON)

    assert message.giver.startswith(CI)

# SPDX-License-Identifier: Apache-2.0
"""Slots count intents, and are given back by a held or an arrived node."""

from datetime import UTC, datetime

from ephyrad.engine.slots import Slots
from ephyrad.migration.effects import RetireNode, WithdrawNode
from ephyrad.migration.entries import Asked, Held, Intended
from ephyrad.migration.migration import Migration, evolve, start
from ephyrad.migration.steps import Cause

AT = datetime(2026, 11, 21, tzinfo=UTC)


def _asked(node: str) -> Migration:
    return start(node, Asked(AT, node, "ann"))


def _working(node: str) -> Migration:
    return evolve(_asked(node), Intended(AT, "1", WithdrawNode()))


def test_no_more_nodes_than_slots() -> None:
    slots = Slots(lambda: 2, [])

    assert [slots.claim("a"), slots.claim("b"), slots.claim("c"), slots.claim("a")] == [
        True,
        True,
        False,
        True,
    ]
    assert slots.taken == 2


def test_a_start_counts_what_the_journal_tells() -> None:
    waiting = evolve(_asked("b"), Intended(AT, "1", RetireNode(in_use=True)))
    slots = Slots(lambda: 1, [_working("a"), waiting])

    assert slots.taken == 1
    assert not slots.claim("c")


def test_a_held_node_gives_its_slot_back() -> None:
    slots = Slots(lambda: 1, [_working("a")])
    held = evolve(_working("a"), Held(AT, Cause.DEADLINE, "too long", lifts_itself=False))

    assert not slots.settle(_working("a"))
    assert slots.settle(held)
    assert not slots.settle(held)
    assert slots.claim("b")


def test_a_lower_limit_takes_no_slot_away() -> None:
    limit = 2
    slots = Slots(lambda: limit, [_working("a"), _working("b")])
    limit = 1

    assert slots.claim("a")
    assert not slots.claim("c")

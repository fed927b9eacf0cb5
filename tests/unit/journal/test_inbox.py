# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ephyrad.environment.item import ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.journal.inbox import Named
from ephyrad.journal.journal import Journal
from ephyrad.migration.entries import Restored
from ephyrad.migration.facts import CloudName, Notification
from tests.unit.journal.samples import ASKED, NODE, NOON, OTHER, Clock, notification

DAY = timedelta(days=1)
IMAGE = ItemId(Kind.IMAGE, "1f")


def waiting(journal: Journal, node: str = NODE) -> list[str]:
    return [found.message_id for _, found in journal.inbox(node)]


def test_notifications_wait_in_their_order(journal: Journal) -> None:
    journal.receive([notification("m2"), notification("m1"), notification("m3", OTHER)])

    assert waiting(journal) == ["m2", "m1"]
    assert waiting(journal, OTHER) == ["m3"]
    assert set(journal.nodes_in_inbox()) == {NODE, OTHER}


@pytest.mark.parametrize("node", [NODE, None])
def test_a_notification_is_read_as_it_was_written(journal: Journal, node: str | None) -> None:
    journal.receive([notification("m1", node)])

    rows = list(journal._db.table("inbox").rows)
    assert [row["node"] for row in rows] == [node]
    assert [found for _, found in journal.inbox(NODE)] == ([notification("m1")] if node else [])


def test_a_message_that_comes_twice_is_one(journal: Journal) -> None:
    first = journal.receive([notification("m1"), notification("m1")])
    again = journal.receive([notification("m1"), notification("m2", OTHER)])

    assert first == Named((NODE,))
    assert again == Named((OTHER,))
    assert waiting(journal) == ["m1"]


def test_the_clouds_have_message_ids_of_their_own(journal: Journal) -> None:
    journal.receive([notification("m1"), notification("m1", cloud=CloudName.NEW)])

    assert len(journal.inbox(NODE)) == 2


def test_each_node_is_named_once_and_nobody_is_not(journal: Journal) -> None:
    received: list[Notification] = [
        notification("m1"),
        notification("m2"),
        notification("m3", None),
    ]

    assert journal.receive(received) == Named((NODE,))
    assert journal.receive([]) == Named()


def test_a_notification_of_an_item_waits_for_the_item(journal: Journal) -> None:
    told = replace(notification("m1", None), item="image/1f")

    named = journal.receive([told, told, notification("m2")])

    assert named == Named((NODE,), ("image/1f",))
    assert [found for _, found in journal.environment.inbox(IMAGE)] == [told]
    assert journal.environment.items_in_inbox() == ("image/1f",)
    assert waiting(journal) == ["m2"]


def test_what_was_dealt_with_waits_no_more(journals: Callable[[], Journal]) -> None:
    journal = journals()
    journal.receive([notification("m1"), notification("m2")])
    (number, _), _ = journal.inbox(NODE)

    journal.consume([number])
    journal.consume([])

    assert waiting(journal) == ["m2"]
    assert waiting(journals()) == ["m2"]


def test_what_was_dealt_with_is_still_known_when_it_comes_again(journal: Journal) -> None:
    journal.receive([notification("m1")])
    journal.consume([number for number, _ in journal.inbox(NODE)])

    assert journal.receive([notification("m1")]) == Named()
    assert waiting(journal) == []


def test_trimming_takes_what_was_dealt_with_long_ago(journal: Journal, clock: Clock) -> None:
    journal.begin(NODE, ASKED)
    journal.receive([notification("old"), notification("late"), notification("waits")])
    numbers = [number for number, _ in journal.inbox(NODE)]
    journal.consume(numbers[:1])
    clock.now = NOON + 2 * DAY
    journal.consume(numbers[1:2])

    trimmed = journal.trim(NOON + DAY)

    assert trimmed == 1
    assert [row["message_id"] for row in journal._db.table("inbox").rows] == ["late", "waits"]


def test_trimming_takes_what_nobody_asked_for(journal: Journal, clock: Clock) -> None:
    journal.begin(NODE, ASKED)
    journal.receive([notification("asked"), notification("m1", OTHER), notification("m2", None)])
    clock.now = NOON + 2 * DAY
    journal.receive([notification("young", OTHER)])

    trimmed = journal.trim(NOON + DAY)

    assert trimmed == 2
    assert [row["message_id"] for row in journal._db.table("inbox").rows] == ["asked", "young"]


def test_trimming_takes_what_came_of_a_node_that_is_done(journal: Journal, clock: Clock) -> None:
    """It is told of for as long as it lives, and no turn of it deals with that."""
    done = journal.append(journal.begin(NODE, ASKED), [Restored(NOON, "it is as it was")])
    journal.receive([notification("m1"), notification("m2")])
    clock.now = NOON + 2 * DAY

    assert done.over
    assert journal.trim(NOON + DAY) == 2
    assert waiting(journal) == []


def test_trimming_many_takes_them_all(journal: Journal) -> None:
    journal.receive([notification(f"m{number}", None) for number in range(2500)])

    assert journal.trim(NOON + DAY) == 2500
    assert journal._db.table("inbox").count == 0

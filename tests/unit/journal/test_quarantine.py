# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from ephyrad.journal.journal import Journal
from ephyrad.journal.quarantine import Quarantined
from ephyrad.migration.facts import CloudName, Poison
from tests.unit.journal.samples import NODE, NOON, Clock, notification

BAD = Poison(
    CloudName.OLD,
    "no-node",
    "its payload has no node UUID",
    count=3,
    message_id="m1",
    event_type="baremetal.node.update.end",
    size=812,
    sha256="ab" * 32,
)
GARBAGE = Poison(CloudName.NEW, "no-json", "it is no JSON", size=7, sha256="cd" * 32)


def test_nothing_is_in_quarantine_at_first(journal: Journal) -> None:
    assert journal.quarantine() == []


def test_poison_is_counted_and_the_last_is_described(journal: Journal, clock: Clock) -> None:
    journal.receive([], [BAD])
    clock.now += timedelta(hours=1)
    last = replace(BAD, count=2, message_id=None, event_type=None, size=9, sha256="ef" * 32)

    journal.receive([], [last])

    assert journal.quarantine() == [
        Quarantined(NOON, NOON + timedelta(hours=1), replace(last, count=5))
    ]


def test_each_cloud_and_kind_is_counted_by_itself(journal: Journal) -> None:
    others = [replace(GARBAGE, cloud=CloudName.OLD), replace(GARBAGE, kind="too-large")]

    journal.receive([], [BAD, GARBAGE, *others])

    assert [(one.last.cloud, one.last.kind) for one in journal.quarantine()] == [
        ("new", "no-json"),
        ("new", "too-large"),
        ("old", "no-json"),
        ("old", "no-node"),
    ]


def test_poison_and_what_came_with_it_are_one_commit(journal: Journal) -> None:
    commits: list[str] = []
    journal._db.conn.set_trace_callback(
        lambda statement: commits.append(statement) if statement == "COMMIT" else None
    )

    named = journal.receive([notification("m1")], [BAD, GARBAGE])

    assert commits == ["COMMIT"]
    assert named.nodes == (NODE,)
    assert len(journal.quarantine()) == 2


def test_the_quarantine_outlives_the_process(journals: Callable[[], Journal]) -> None:
    journals().receive([], [BAD])

    assert [one.last for one in journals().quarantine()] == [BAD]


def test_a_flood_makes_no_rows(journal: Journal) -> None:
    for _ in range(100):
        journal.receive([], [BAD, GARBAGE])

    assert [one.last.count for one in journal.quarantine()] == [100, 300]


def test_words_that_no_file_can_hold_are_escaped(journal: Journal) -> None:
    journal.receive([], [replace(BAD, message_id="\udc80")])

    assert journal.quarantine()[0].last.message_id == "\\udc80"

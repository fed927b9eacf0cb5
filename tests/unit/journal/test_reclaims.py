# SPDX-License-Identifier: Apache-2.0
"""Reclaim messages: taken once, durable, and what became of them is written down once."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ephyrad.journal.database import FILE_NAME
from ephyrad.journal.journal import Journal
from ephyrad.reclaim.fate import Fate, Kind, Named
from ephyrad.reclaim.nomination import Nomination
from tests.unit.journal.samples import NODE, NOON

INSTANCE = "0b5e5c8e-6a53-4c4f-8d0f-0c3c2b9f5d11"
SAID = Nomination("ci", "7", ("rack1-07",), (INSTANCE,), "burn-in", "SUCCESS")
HOUR = timedelta(hours=1)


def given(named: Named) -> Named:
    return replace(named, node=NODE, instance=INSTANCE, fate=Fate.GIVEN, words="so", since=NOON)


def test_a_message_is_taken_once(journal: Journal) -> None:
    first, is_new = journal.reclaims.take(SAID, NOON)
    again, is_newer = journal.reclaims.take(replace(SAID, nodes=("other",)), NOON + HOUR)

    assert (is_new, is_newer) == (True, False)
    assert again == first
    assert (first.source, first.id, first.giver) == ("ci", "7", "CI ci/7")
    assert [(each.kind, each.name, each.fate) for each in first.named] == [
        (Kind.INSTANCE, INSTANCE, Fate.WAITS),
        (Kind.NODE, "rack1-07", Fate.WAITS),
    ]


def test_several_are_taken_in_one_commit_each_once(journal: Journal) -> None:
    journal.reclaims.take(SAID, NOON)
    others = [replace(SAID, id=name) for name in ("8", "7", "8", "9")]
    done: list[str] = []
    journal._db.conn.set_trace_callback(done.append)

    journal.reclaims.take_all(others, NOON + HOUR)

    assert done.count("COMMIT") == 1
    assert [(each.id, len(each.named)) for each in journal.reclaims.last(9)] == [
        ("9", 2),
        ("8", 2),
        ("7", 2),
    ]


def test_of_several_all_are_taken_or_none(journal: Journal) -> None:
    wrong = replace(SAID, id="8", nodes=("\ud800",))

    with pytest.raises(UnicodeEncodeError):
        journal.reclaims.take_all([SAID, wrong], NOON)

    assert list(journal.reclaims.last(9)) == []


def test_a_source_has_ids_of_its_own(journal: Journal) -> None:
    journal.reclaims.take(SAID, NOON)

    _, is_new = journal.reclaims.take(replace(SAID, source="other"), NOON)

    assert is_new
    assert [each.source for each in journal.reclaims.last(9)] == ["other", "ci"]
    assert len(journal.reclaims.last(1)) == 1


def test_what_became_of_a_thing_is_for_good(journal: Journal, tmp_path: Path) -> None:
    message, _ = journal.reclaims.take(SAID, NOON)
    one, other = message.named

    journal.reclaims.change([given(one)])
    journal.reclaims.change([replace(one, fate=Fate.LAPSED)])

    assert journal.reclaims.message(message.number).named == (given(one), other)
    assert list(journal.reclaims.waiting()) == [other]
    assert list(journal.reclaims.waiting(after=other.number)) == []
    with sqlite3.connect(tmp_path / FILE_NAME) as somebody:
        for statement in (
            "UPDATE reclaim_named SET fate = 'waits' WHERE fate = 'given'",
            "UPDATE reclaim_messages SET taken_at = ''",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                somebody.execute(statement)
    somebody.close()


def test_a_build_is_mapped_once(journal: Journal) -> None:
    message, _ = journal.reclaims.take(Nomination("ci", "7", label="burn-in"), NOON)
    [build] = message.named
    assert (build.kind, build.name) == (Kind.BUILD, "burn-in")
    mapped = replace(build, words="to one node")

    for _ in range(2):
        journal.reclaims.map(mapped, [("rack1-07", NODE, INSTANCE)])

    found = journal.reclaims.message(message.number).named
    assert [(each.kind, each.name, each.node, each.fate) for each in found] == [
        (Kind.BUILD, "burn-in", None, Fate.MAPPED),
        (Kind.NODE, "rack1-07", NODE, Fate.WAITS),
    ]


def test_messages_are_forgotten_when_nothing_of_them_waits(journal: Journal) -> None:
    message, _ = journal.reclaims.take(SAID, NOON)
    later, _ = journal.reclaims.take(replace(SAID, id="8"), NOON + HOUR)
    journal.reclaims.change(map(given, later.named))

    assert journal.reclaims.trim(NOON + HOUR) == 0
    journal.reclaims.change(map(given, message.named))
    assert journal.reclaims.trim(NOON + HOUR) == 1
    assert [each.id for each in journal.reclaims.last(9)] == ["8"]


def test_where_nothing_is_old_nothing_is_written(journal: Journal) -> None:
    journal.reclaims.take(SAID, NOON)
    done: list[str] = []
    journal._db.conn.set_trace_callback(done.append)

    assert journal.reclaims.trim(NOON) == 0

    assert [each.split()[0] for each in done] == ["SELECT"]


def test_messages_in_a_burst_are_each_taken_once(journal: Journal) -> None:
    for number in range(1_200):
        said = Nomination("ci", str(number), (f"node-{number}",))
        journal.reclaims.take(said, NOON)
        if number % 10 == 0:
            assert not journal.reclaims.take(said, NOON)[1]

    seen: list[str] = []
    while batch := journal.reclaims.waiting(int(seen[-1].partition(" ")[0]) if seen else 0):
        seen += [f"{each.number} {each.name}" for each in batch]
    assert [each.partition(" ")[2] for each in seen] == [f"node-{n}" for n in range(1_200)]

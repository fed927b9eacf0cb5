# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta

import pytest

from ephyrad.environment.effects import Effect
from ephyrad.environment.entries import (
    Asked,
    Concluded,
    Entry,
    Forgotten,
    InStep,
    Intended,
    Troubled,
    from_json,
    kind_of,
    to_json,
)
from ephyrad.environment.problems import Cause, Problem
from ephyrad.environment.record import evolve, fold, intent_for
from ephyrad.migration.outcomes import Done, Refused, Underway, Unknown, Unreachable
from tests.unit.environment.builders import NOON, asked, flavor, nobody, record_of, settled, tried

GOLD = flavor()
ENTRIES: list[Entry] = [
    Asked(NOON, "root"),
    Intended(NOON, "1", Effect.CREATE, "bm.gold", "7", "d1"),
    Intended(NOON, "2", Effect.DELETE, "bm.gold", "7"),
    Concluded(NOON, "1", Done()),
    Concluded(NOON, "1", Underway()),
    Concluded(NOON, "1", Refused(409, "there is one")),
    Concluded(NOON, "1", Unreachable("no route")),
    Concluded(NOON, "1", Unknown("timed out")),
    InStep(NOON, "d1"),
    Troubled(NOON, Cause.OWNER, "no user", "key", again=True),
    Forgotten(NOON),
]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(entry)[:40])
def test_an_entry_is_read_back_as_it_was_written(entry: Entry) -> None:
    assert from_json(kind_of(entry), entry.at, to_json(entry)) == entry


@pytest.mark.parametrize(
    ("kind", "body"),
    [("asked", {}), ("nonsense", {}), ("intent", {"effect": "paint"}), ("outcome", {"outcome": 1})],
)
def test_an_entry_of_another_ephyrad_is_refused(kind: str, body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        from_json(kind, NOON, body)


def test_each_entry_counts() -> None:
    assert record_of(GOLD, *ENTRIES).seq == len(ENTRIES)


def test_a_try_of_the_same_thing_has_the_same_intent() -> None:
    record = tried(GOLD, Effect.CREATE, Unreachable("busy"))

    assert intent_for(record, Effect.CREATE, GOLD.digest) == "1"
    assert intent_for(record, Effect.CREATE, "another") == "2"
    assert intent_for(record, Effect.AMEND, GOLD.digest) == "2"


def test_what_was_refused_was_not_made() -> None:
    assert tried(GOLD, Effect.CREATE).made
    assert tried(GOLD, Effect.CREATE, Unknown("timed out")).made
    assert not tried(GOLD, Effect.CREATE, Refused(409, "there is one")).made


def test_what_could_not_be_asked_for_was_not_made() -> None:
    record = tried(GOLD, Effect.CREATE, Unreachable("busy"))

    assert (record.made, record.pending) == (False, False)


def test_what_an_earlier_try_may_have_made_may_be_there_still() -> None:
    unknown = tried(GOLD, Effect.CREATE, Unknown("timed out"))

    record = tried(GOLD, Effect.CREATE, Unreachable("busy"), record=unknown)

    assert (record.made, record.pending) == (True, True)


def test_what_was_in_step_before_is_remembered_as_it_was() -> None:
    record = tried(GOLD, Effect.CREATE, Unreachable("busy"), record=settled(GOLD))

    assert (record.made, record.pending) == (True, False)
    assert record.settled == GOLD.digest


def test_the_outcome_of_another_intent_says_nothing() -> None:
    record = tried(GOLD, Effect.CREATE)

    after = evolve(record, Concluded(NOON, "9", Done()))

    assert after.attempt == record.attempt


def test_being_in_step_ends_what_was_asked_for() -> None:
    record = evolve(tried(GOLD, Effect.CREATE, Done(), record=asked(GOLD)), InStep(NOON, "d"))

    assert (record.asked, record.pending, record.attempt) == (False, False, None)
    assert (record.settled, record.settled_at, record.made) == ("d", NOON, True)


@pytest.mark.parametrize("again", [True, False])
def test_a_problem_ends_what_was_asked_for_unless_it_is_tried_again(again: bool) -> None:
    record = evolve(asked(GOLD), Troubled(NOON, Cause.REFUSED, "quota", "it", again=again))

    assert record.asked is again
    assert record.problem == Problem(Cause.REFUSED, "quota")


def test_asking_forgives_what_was_in_vain_but_for_what_may_still_be_done() -> None:
    later = Asked(NOON + timedelta(minutes=1), "root")

    refused = evolve(tried(GOLD, Effect.CREATE, Refused(403, "quota")), later)
    unknown = evolve(tried(GOLD, Effect.CREATE, Unknown("timed out")), later)

    assert refused.attempt is None
    assert unknown.attempt is not None


def test_nothing_is_known_of_a_forgotten_item() -> None:
    record = evolve(settled(GOLD), Forgotten(NOON))

    assert record.is_blank
    assert not settled(GOLD).is_blank
    assert nobody(GOLD).is_blank
    assert fold(record.item, []).is_blank

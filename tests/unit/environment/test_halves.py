# SPDX-License-Identifier: Apache-2.0
"""What people change while an effect is open is told from ephyrad's own half-done work."""

from dataclasses import replace
from typing import Any

import pytest

from ephyrad.environment.decide import Forget, Perform, Report, Seen, Settle, Step, decide
from ephyrad.environment.effects import Effect
from ephyrad.environment.entries import InStep, Intended, Troubled, from_json, kind_of, to_json
from ephyrad.environment.halves import is_among, merged, values_of
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.environment.problems import Cause
from ephyrad.environment.record import Record, evolve
from ephyrad.migration.outcomes import Unknown
from tests.unit.environment.builders import (
    NOON,
    began,
    flavor,
    image,
    marked,
    nobody,
    seen,
    settled,
    tried,
)

POLICY = EnvironmentPolicy(deletions=frozenset({Kind.FLAVOR}))
OLD = flavor(extra_specs={"rack": "1", "row": "a"}, access=["blue"])
NEW = flavor(extra_specs={"rack": "2"}, access=["blue", "red"])
AMENDING = began(Effect.AMEND, NEW, marked(OLD), record=settled(OLD))


def key(public: str) -> Item:
    return Item(Kind.KEYPAIR, "ann/laptop", "laptop", {"public_key": public})


def template(password: str, mark: str | None = None, **fields: Any) -> Item:
    steps = [{"step": "deploy", "args": {"password": password, **fields}}]
    return Item(Kind.DEPLOY_TEMPLATE, "1f", "CUSTOM_GOLD", {"steps": steps}, mark)


WHOLE = image(properties={"os": "debian"}, visibility="public", members=["red"])
HIDDEN: dict[str, Any] = {"visibility": "private", "os_hidden": True}
QUEUED = image("queued", mark=WHOLE.digest, properties={"os": "debian"}, **HIDDEN)
FILLED = image(mark=WHOLE.digest, properties={"os": "debian"}, **HIDDEN)
HALF = replace(NEW, fields={**NEW.fields, "extra_specs": OLD.fields["extra_specs"]})
ONE, TWO = template("one"), template("two", note="n")


@pytest.mark.parametrize(
    ("record", "sighting", "expected"),
    [
        pytest.param(AMENDING, seen(NEW, marked(OLD)), Effect.AMEND, id="as it was found"),
        pytest.param(
            AMENDING, seen(NEW, replace(HALF, mark=OLD.digest)), Effect.AMEND, id="half of it"
        ),
        pytest.param(
            AMENDING,
            seen(flavor(ram=128), marked(NEW)),
            Effect.AMEND,
            id="done, and the old cloud has another one now",
        ),
        pytest.param(
            began(Effect.CREATE, NEW),
            seen(NEW, flavor()),
            Effect.AMEND,
            id="half made, no mark yet",
        ),
        pytest.param(
            began(Effect.AMEND, key("b"), key("a"), record=settled(key("a"))),
            seen(key("b")),
            Effect.CREATE,
            id="a key between the two",
        ),
        pytest.param(
            began(Effect.CREATE, WHOLE), seen(WHOLE, QUEUED), Effect.UPLOAD, id="an image's record"
        ),
        pytest.param(
            began(Effect.UPLOAD, WHOLE, QUEUED, record=began(Effect.CREATE, WHOLE)),
            seen(WHOLE, FILLED),
            Effect.AMEND,
            id="an image with its bytes",
        ),
        pytest.param(
            began(Effect.DELETE, OLD, marked(OLD), record=settled(OLD)),
            seen(None, marked(OLD)),
            Effect.DELETE,
            id="to be deleted",
        ),
        pytest.param(
            began(Effect.AMEND, TWO, template("one", ONE.digest), record=settled(ONE)),
            seen(template("three", note="m"), template("******", TWO.digest, note="n")),
            Effect.AMEND,
            id="masked, so that nothing tells",
        ),
    ],
)
def test_half_done_work_is_gone_on_with(record: Record, sighting: Seen, expected: Effect) -> None:
    assert decide(record, sighting, POLICY) == Perform(expected)


@pytest.mark.parametrize(
    ("record", "sighting", "cause"),
    [
        pytest.param(
            AMENDING,
            seen(NEW, flavor(extra_specs={"rack": "3"}, access=["blue"], mark=OLD.digest)),
            Cause.CHANGED,
            id="a value that is neither",
        ),
        pytest.param(
            AMENDING,
            seen(NEW, replace(marked(OLD), fields={**OLD.fields, "access": ["blue", "green"]})),
            Cause.CHANGED,
            id="shared with another project",
        ),
        pytest.param(
            AMENDING,
            seen(NEW, replace(marked(OLD), fields={**OLD.fields, "description": "theirs"})),
            Cause.CHANGED,
            id="a field that neither has",
        ),
        pytest.param(
            AMENDING,
            seen(NEW, replace(marked(OLD), fields={"extra_specs": {"rack": "1"}})),
            Cause.CHANGED,
            id="a field that both have is gone",
        ),
        pytest.param(
            began(Effect.CREATE, NEW), seen(NEW, flavor(ram=1)), Cause.CONFLICT, id="made by people"
        ),
        pytest.param(
            began(Effect.AMEND, key("b"), key("a"), record=settled(key("a"))),
            seen(key("b"), key("c")),
            Cause.CONFLICT,
            id="people's key in its place",
        ),
        pytest.param(
            began(Effect.CREATE, WHOLE),
            seen(WHOLE, replace(QUEUED, fields={**QUEUED.fields, "min_ram": 1})),
            Cause.CHANGED,
            id="an image's record",
        ),
        pytest.param(
            began(Effect.UPLOAD, WHOLE, QUEUED, record=began(Effect.CREATE, WHOLE)),
            seen(WHOLE, replace(FILLED, fields={**FILLED.fields, "visibility": "shared"})),
            Cause.CHANGED,
            id="an image with its bytes",
        ),
        pytest.param(
            began(Effect.DELETE, OLD, marked(OLD), record=settled(OLD)),
            seen(None, flavor(mark=OLD.digest)),
            Cause.DELETED_HERE,
            id="to be deleted",
        ),
        pytest.param(
            settled(image(min_ram=1)),
            seen(WHOLE, replace(QUEUED, mark=image(min_ram=1).digest)),
            Cause.CHANGED,
            id="an image of no bytes, where one with bytes was in step",
        ),
    ],
)
def test_what_people_changed_meanwhile_is_theirs(
    record: Record, sighting: Seen, cause: Cause
) -> None:
    step: Step = decide(record, sighting, POLICY)

    assert isinstance(step, Report)
    assert step.problem.cause is cause


def test_a_call_of_before_may_be_done_late() -> None:
    record = began(Effect.AMEND, flavor(ram=7), marked(OLD), record=AMENDING)

    assert decide(record, seen(flavor(ram=8), marked(NEW)), POLICY) == Perform(Effect.AMEND)


def test_what_was_open_is_forgotten_once_it_is_in_step() -> None:
    record = evolve(AMENDING, InStep(NOON, NEW.digest))

    assert record.may_be is None


def test_what_an_older_ephyrad_left_open_is_taken_for_its_own() -> None:
    record = tried(NEW, Effect.AMEND, Unknown("timed out"), record=settled(OLD))
    both = began(Effect.AMEND, NEW, marked(OLD), record=record)

    assert record.may_be is both.may_be is None


def test_what_is_marked_and_equal_is_written_down_where_the_journal_was_lost() -> None:
    assert decide(nobody(NEW), seen(NEW, marked(NEW)), POLICY) == Settle(NEW.digest)


def test_what_people_deleted_and_made_again_is_theirs() -> None:
    trait = Item(Kind.TRAIT, "CUSTOM_GOLD", "CUSTOM_GOLD", {})
    missed = Troubled(NOON, Cause.DELETED_THERE, "somebody deleted it", "CUSTOM_GOLD")
    record = evolve(evolve(settled(trait), missed), InStep(NOON, trait.digest))
    policy = EnvironmentPolicy(deletions=frozenset({Kind.TRAIT}))

    assert decide(settled(trait), seen(None, trait), policy) == Perform(Effect.DELETE)
    assert decide(record, seen(None, trait), policy) == Forget()


def test_values_are_spelt_in_the_journal_and_read_again() -> None:
    entry = Intended(NOON, "1", Effect.AMEND, "it", "7", None, AMENDING.may_be)

    assert from_json(kind_of(entry), entry.at, to_json(entry)) == entry


def test_an_intent_that_adds_nothing_says_nothing() -> None:
    entry = Intended(NOON, "2", Effect.AMEND, "it", "7", None, {})

    assert evolve(AMENDING, entry).may_be == AMENDING.may_be


def test_what_was_found_and_what_is_written_are_both_among_the_values() -> None:
    values = values_of(Effect.AMEND, NEW, OLD)

    assert merged(values, values) == values
    assert is_among(OLD, values)
    assert is_among(NEW, values)

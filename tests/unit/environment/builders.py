# SPDX-License-Identifier: Apache-2.0
"""Items, records and sightings of them, to say in a test only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ephyrad.environment.decide import Seen
from ephyrad.environment.effects import Effect
from ephyrad.environment.entries import (
    Asked,
    Concluded,
    Entry,
    InStep,
    Intended,
)
from ephyrad.environment.halves import values_of
from ephyrad.environment.item import Item, ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.environment.record import Record, evolve, fold
from ephyrad.environment.translate import Wanted
from ephyrad.migration.outcomes import Done, Outcome

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def flavor(*, mark: str | None = None, **fields: Any) -> Item:
    return Item(Kind.FLAVOR, "7", "bm.gold", {"ram": 64, **fields}, mark)


def image(status: str = "active", *, mark: str | None = None, **fields: Any) -> Item:
    found = {"status": status, **({} if status == "queued" else {"hash": "sha512:aa"}), **fields}
    return Item(Kind.IMAGE, "1f", "debian", found, mark)


def marked(item: Item) -> Item:
    return replace(item, mark=item.digest)


def seen(wanted: Any, found: Item | None = None, *, after: float = 0, **rest: Any) -> Seen:
    if isinstance(wanted, Item):
        wanted = Wanted(wanted)
    return Seen(NOON + after * SECOND, wanted, found, **rest)


def nobody(item: Item) -> Record:
    return Record(ItemId(item.kind, item.key))


def record_of(item: Item, *entries: Entry) -> Record:
    return fold(ItemId(item.kind, item.key), entries)


def asked(item: Item) -> Record:
    return record_of(item, Asked(NOON, "root"))


def tried(
    item: Item, effect: Effect, outcome: Outcome | None = None, *, record: Record | None = None
) -> Record:
    intended = Intended(NOON, "1", effect, item.name, item.key, item.digest)
    record = evolve(record or nobody(item), intended)
    return record if outcome is None else evolve(record, Concluded(NOON, "1", outcome))


def began(
    effect: Effect, wanted: Item, found: Item | None = None, *, record: Record | None = None
) -> Record:
    """Return the record of an effect that is open, on what was found then."""
    record = record or nobody(wanted)
    may_be = values_of(effect, None if effect is Effect.DELETE else wanted, found)
    intent = str(record.intents + 1)
    at = (NOON - 600 * SECOND, intent, effect, wanted.name, wanted.key, wanted.digest)
    return evolve(record, Intended(*at, may_be))


def settled(item: Item) -> Record:
    return evolve(tried(item, Effect.CREATE, Done()), InStep(NOON, item.digest))

# SPDX-License-Identifier: Apache-2.0
"""Notifications, from what oslo.messaging hands out to what is durable in the inbox."""

import json
import uuid
from functools import partial
from typing import Any

import pytest

from ephyrad.bus.envelope import decode
from ephyrad.journal.journal import Journal
from ephyrad.migration.facts import CloudName, Notification
from tests.bench.bare import BareStore
from tests.bench.laps import alternate, wall
from tests.bench.table import Table
from tests.unit.bus.samples import RELEASES, sample

COUNT = 100
BATCH = 50
KINDS = (
    "baremetal.node.provision_set.start",
    "baremetal.node.provision_set.success",
    "baremetal.node.update.end",
    "baremetal.node.power_set.end",
    "instance.update",
    "instance.delete.end",
)
OTHER = "sqlite3, one INSERT for each, as many per commit"

pytestmark = pytest.mark.bench


def _fresh() -> list[list[dict[str, Any]]]:
    """Real notifications that nobody has seen yet, in batches."""
    real = [sample(release, kind) for release in RELEASES for kind in KINDS]
    each = [{**real[n % len(real)], "message_id": str(uuid.uuid4())} for n in range(COUNT)]
    return [each[first : first + BATCH] for first in range(0, COUNT, BATCH)]


def _decoded(message: dict[str, Any]) -> Notification:
    found = decode(CloudName.OLD, message)
    assert isinstance(found, Notification)
    return found


def test_notifications(journal: Journal, bare: BareStore, table: Table) -> None:
    def one_by_one(batches: list[list[dict[str, Any]]]) -> None:
        for batch in batches:
            for message in batch:
                journal.receive([_decoded(message)])

    def together(batches: list[list[dict[str, Any]]]) -> None:
        for batch in batches:
            journal.receive([_decoded(message) for message in batch])

    texts = [[json.dumps(dict(_decoded(m).fields)) for m in batch] for batch in _fresh()]

    def bare_one_by_one() -> None:
        for batch in texts:
            for text in batch:
                bare.keep(text)

    def bare_together() -> None:
        for batch in texts:
            bare.keep_all(batch)

    for what, ours, other in (
        ("one by one", one_by_one, bare_one_by_one),
        (f"in batches of {BATCH}", together, bare_together),
    ):

        def lap(ours: Any = ours) -> float:
            batches = _fresh()
            return wall(partial(ours, batches))

        mine, theirs = alternate(lap, partial(wall, other), laps=7)
        table.add(
            f"notifications decoded and durable, {what}",
            COUNT / mine,
            COUNT / theirs,
            "per second",
            OTHER,
        )

# SPDX-License-Identifier: Apache-2.0
"""A long backlog is worked off in little memory, and nothing of it is lost."""

import gc
import json
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ephyrad.journal.journal import Journal
from ephyrad.migration.facts import Notification, Poison
from ephyrad.secrets.keys import KeyRing
from tests.functional.bus.conftest import Bus
from tests.functional.bus.inbox import Inbox
from tests.functional.bus.memory import resident_mib
from tests.functional.bus.wires import publish, waiting
from tests.unit.bus.samples import sample

pytestmark = [pytest.mark.rabbit, pytest.mark.slow, pytest.mark.timeout(600)]

MESSAGES = 100_000
# Of ten messages, these matter to nobody, and this one cannot be read.
IGNORED, POISON = {3, 7}, 9
MATTER = MESSAGES // 10 * 7
LOOKS_STANDING_STILL = 40
LOOK_SECONDS = 0.05
GIVE_UP_SECONDS = 480.0


class Gate(Inbox):
    """Stands still until it is let go, then stores in a real journal."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal
        self.works.clear()

    def __call__(
        self, notifications: Sequence[Notification], poison: Sequence[Poison] = ()
    ) -> None:
        assert self.works.wait(60)
        self._journal.receive(notifications, poison)
        self.batches.append(len(notifications))


def test_a_backlog_is_read_in_little_memory_and_nothing_is_lost(
    bus: Bus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # pytest keeps every record it captures, which is not the listener's memory.
    caplog.set_level(logging.WARNING)
    bus.listen(Inbox()).stop()
    began = time.monotonic()
    publish(bus.rabbit, bus.pool, backlog())
    print(f"published within {time.monotonic() - began:.1f} s")
    assert waiting(bus.rabbit, bus.pool) == MESSAGES
    journal = Journal.open(tmp_path, KeyRing.open(tmp_path / "keys"))
    inbox = Gate(journal)
    gc.collect()
    before = most = resident_mib()

    listener = bus.listen(inbox)

    # What is not held back by the broker piles up here while the store stands still.
    for _ in range(LOOKS_STANDING_STILL):
        most = max(most, resident_mib())
        time.sleep(LOOK_SECONDS)
    inbox.works.set()
    began = time.monotonic()
    while (status := listener.status()).stored + status.ignored + status.refused < MESSAGES:
        most = max(most, resident_mib())
        assert time.monotonic() - began < GIVE_UP_SECONDS, status
        time.sleep(LOOK_SECONDS)
    took = time.monotonic() - began
    print(
        f"{MESSAGES / took:.0f} messages/s in {len(inbox.batches)} commits; "
        f"memory {before:.0f} MiB before, {most:.0f} MiB at most"
    )
    listener.stop()
    assert most - before < 40
    stored = {row["message_id"] for row in journal._db.table("inbox").rows}
    expected = {
        f"m-{number}"
        for number in range(MESSAGES)
        if number % 10 not in IGNORED and number % 10 != POISON
    }
    assert len(expected) == MATTER
    assert stored == expected
    assert [one.last.count for one in journal.quarantine()] == [MESSAGES // 10]
    assert waiting(bus.rabbit, bus.pool) == 0
    journal.close()


def backlog() -> Iterator[bytes]:
    """The bodies, each of a real one's size; made by putting numbers into one."""
    matters = wire("new", "baremetal.node.power_set.end")
    ignored = wire("new", "baremetal.chassis.create.end")
    for number in range(MESSAGES):
        if number % 10 == POISON:
            yield b"no json %d" % number
        else:
            body = ignored if number % 10 in IGNORED else matters
            yield body.replace(b"NUMBER", b"%d" % number)


def wire(cloud: str, event_type: str) -> bytes:
    """A real notification as it comes off the wire, with NUMBER in its ids."""
    body = sample(cloud, event_type) | {"message_id": "m-NUMBER", "_unique_id": "u-NUMBER"}
    return json.dumps({"oslo.version": "2.0", "oslo.message": json.dumps(body)}).encode()

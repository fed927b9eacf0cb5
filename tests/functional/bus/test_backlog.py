# SPDX-License-Identifier: Apache-2.0
"""A long backlog is worked off steadily, in little memory."""

import gc
import json
import logging
import time
from collections.abc import Sequence

import pytest
from kombu.connection import Connection

from ephyrad.migration.facts import Notification, Poison
from tests.functional.bus.conftest import Bus
from tests.functional.bus.inbox import Inbox
from tests.functional.bus.memory import resident_mib
from tests.functional.bus.rabbit import PASSWORD
from tests.functional.bus.until import until
from tests.unit.bus.samples import sample

pytestmark = [pytest.mark.rabbit, pytest.mark.slow]

MESSAGES = 8_000
STAND_STILL_SECONDS = 4.0
STORE_SECONDS = 0.003
GIVE_UP_SECONDS = 200.0


class Slow(Inbox):
    """Counts, and takes as long as a commit; stands still until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __call__(
        self, notifications: Sequence[Notification], poison: Sequence[Poison] = ()
    ) -> None:
        assert self.works.wait(60)
        time.sleep(STORE_SECONDS)
        self.count += len(notifications)
        self.batches.append(len(notifications))


def test_a_backlog_is_read_in_little_memory(bus: Bus, caplog: pytest.LogCaptureFixture) -> None:
    # pytest keeps every record it captures, which is not the listener's memory.
    caplog.set_level(logging.WARNING)
    bus.listen(Inbox()).stop()
    fill(bus)
    until("the backlog is there", lambda: bus.unread() == MESSAGES)
    inbox = Slow()
    inbox.works.clear()
    gc.collect()
    before = most = resident_mib()

    listener = bus.listen(inbox)

    # What is not held back by the broker piles up here while the store stands still.
    end = time.monotonic() + STAND_STILL_SECONDS
    while time.monotonic() < end:
        most = max(most, resident_mib())
        time.sleep(0.05)
    inbox.works.set()
    began = time.monotonic()
    while inbox.count < MESSAGES:
        most = max(most, resident_mib())
        assert time.monotonic() - began < GIVE_UP_SECONDS, f"{inbox.count} of {MESSAGES} are stored"
        time.sleep(0.05)
    took = time.monotonic() - began
    print(
        f"{MESSAGES / took:.0f} messages/s in {len(inbox.batches)} commits; "
        f"memory {before:.0f} MiB before, {most:.0f} MiB at most"
    )
    assert most - before < 40
    assert listener.status().stored == MESSAGES
    until("all is acknowledged", lambda: bus.unread() == 0)


def fill(bus: Bus) -> None:
    """Put the backlog into the pool's queue, each message of a real one's size."""
    body = sample("new", "baremetal.node.provision_set.success")
    with Connection(  # type: ignore[no-untyped-call]
        hostname="127.0.0.1", port=bus.rabbit.port, userid="tester", password=PASSWORD
    ) as connection:
        channel = connection.channel()
        for number in range(MESSAGES):
            body |= {"message_id": f"m-{number}", "_unique_id": f"u-{number}"}
            wire = json.dumps({"oslo.version": "2.0", "oslo.message": json.dumps(body)})
            message = channel.prepare_message(
                wire, content_type="application/json", content_encoding="utf-8"
            )
            channel.basic_publish(message, exchange="", routing_key=bus.pool)

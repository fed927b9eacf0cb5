# SPDX-License-Identifier: Apache-2.0
"""Messages that the broker hands out again: none is lost, none is stored twice."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ephyrad.journal.journal import Journal
from ephyrad.migration.facts import Notification, Poison
from ephyrad.secrets.keys import KeyRing
from tests.functional.bus.cable import Cable
from tests.functional.bus.conftest import Bus
from tests.functional.bus.inbox import Inbox
from tests.functional.bus.publisher import NODE, Publisher
from tests.functional.bus.until import until
from tests.functional.bus.wires import waiting

pytestmark = [pytest.mark.rabbit, pytest.mark.slow]

DELIVERY_LIMIT = 2


class CutAfterCommit(Inbox):
    """Stores in a real journal, and cuts the cable after the first commits, before the ack."""

    def __init__(self, journal: Journal, cable: Cable, cuts: int) -> None:
        super().__init__()
        self._journal = journal
        self._cable = cable
        self._cuts = cuts

    def __call__(
        self, notifications: Sequence[Notification], poison: Sequence[Poison] = ()
    ) -> None:
        super().__call__(notifications, poison)
        self._journal.receive(notifications, poison)
        if self._cuts:
            self._cuts -= 1
            self._cable.cut()


def test_a_batch_that_was_stored_but_not_acknowledged_is_not_stored_twice(
    bus: Bus, tmp_path: Path
) -> None:
    journal = Journal.open(tmp_path, KeyRing.open(tmp_path / "keys"))
    bus.listen(Inbox()).stop()
    for number in range(200):
        bus.publisher.node(number)
    until("all lie there", lambda: waiting(bus.rabbit, bus.pool) == 200)
    with Cable(bus.rabbit.port) as cable:
        inbox = CutAfterCommit(journal, cable, cuts=2)

        listener = bus.listen(inbox, transport_url=bus.rabbit.url(cable.port))

        until("all came", lambda: len(set(inbox.names)) == 200, 60)
        until("all is acknowledged", lambda: bus.unread() == 0, step=0.5)
        until("it listens", listener.healthy)
        listener.stop()
    twice = len(inbox.names) - 200
    print(f"{twice} came twice")
    assert twice > 0
    kept = [str(one.fields["name"]) for _, one in journal.inbox(NODE)]
    assert sorted(kept, key=int) == [str(number) for number in range(200)]
    journal.close()


def test_a_store_that_fails_uses_up_no_deliveries_of_a_quorum_queue(bus: Bus) -> None:
    exchange = f"quorum-{bus.pool}"
    url = bus.rabbit.url(
        query="?amqp_durable_queues=true&rabbit_quorum_queue=true"
        f"&rabbit_quorum_delivery_limit={DELIVERY_LIMIT}"
    )
    feed = {"ironic_exchange": exchange, "ironic_topics": (exchange,), "nova_topics": ()}
    inbox = Inbox()
    inbox.works.clear()
    listener = bus.listen(inbox, transport_url=url, **feed)
    publisher = Publisher(bus.rabbit.url(query="?amqp_durable_queues=true"), exchange, exchange)
    for number in range(60):
        publisher.node(number)
    publisher.close()

    until("it tried more often than may be delivered", lambda: inbox.tries > DELIVERY_LIMIT + 1)
    inbox.works.set()

    until("all came", lambda: len(inbox.kept) >= 60)
    assert inbox.names == [str(number) for number in range(60)]
    listener.stop()
    assert waiting(bus.rabbit, bus.pool) == 0

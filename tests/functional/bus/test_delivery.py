# SPDX-License-Identifier: Apache-2.0
"""What a listener does with what a real broker hands it."""

import statistics
from typing import Any

import pytest

from tests.functional.bus.conftest import Bus
from tests.functional.bus.inbox import Inbox
from tests.functional.bus.publisher import NODE, Publisher
from tests.functional.bus.until import until

pytestmark = pytest.mark.rabbit


def test_a_message_alone_is_stored_within_a_fifth_of_a_second(bus: Bus) -> None:
    inbox = Inbox()
    bus.listen(inbox)

    for number in range(20):
        bus.publisher.node(number)
        until("it came", lambda: len(inbox.kept) > number)  # noqa: B023

    lags = [
        (came - one.at).total_seconds() for came, one in zip(inbox.came, inbox.kept, strict=True)
    ]
    print(f"lag: median {statistics.median(lags):.3f} s, most {max(lags):.3f} s")
    assert statistics.median(lags) < 0.2
    assert inbox.kept[0].node == NODE
    assert inbox.kept[0].fields == {"uuid": NODE, "name": "0"}


def test_order_is_kept_over_priorities(bus: Bus) -> None:
    bus.listen(Inbox()).stop()
    for number in range(300):
        bus.publisher.node(number, failed=number % 3 == 0)
    inbox = Inbox()

    bus.listen(inbox)

    until("all came", lambda: len(inbox.kept) >= 300)
    assert inbox.names == [str(number) for number in range(300)]
    assert max(inbox.batches) > 10


def test_ironic_and_nova_come_by_their_own_exchanges(bus: Bus) -> None:
    nova = Publisher(bus.rabbit.url(), "nova")
    inbox = Inbox()
    bus.listen(inbox)

    bus.publisher.node("one")
    nova.raw("instance.delete.end", {"nova_object.data": {"uuid": "i-1", "node": NODE}})

    until("both came", lambda: len(inbox.kept) == 2)
    assert {one.event_type for one in inbox.kept} == {
        "baremetal.node.provision_set.end",
        "instance.delete.end",
    }
    nova.close()


@pytest.mark.parametrize(
    ("topic", "changes"),
    [("notifications", {}), ("ephyra", {"pool": None, "ironic_topics": ("ephyra",)})],
    ids=["usual topic and a pool", "topic of its own"],
)
def test_glance_comes_by_its_exchange_where_a_topic_of_it_is_named(
    bus: Bus, topic: str, changes: dict[str, Any]
) -> None:
    glance = Publisher(bus.rabbit.url(), "glance", topic)
    inbox = Inbox()
    bus.listen(inbox, glance_topics=(topic,), **{"nova_topics": (), **changes})

    for event_type in ("image.send", "image.create", "image.delete"):
        glance.raw(event_type, {"id": NODE, "status": "active", "owner": "p"})

    until("both came", lambda: len(inbox.kept) == 2)
    assert [(one.event_type, one.item, one.node) for one in inbox.kept] == [
        ("image.create", f"image/{NODE}", None),
        ("image.delete", f"image/{NODE}", None),
    ]
    glance.close()


def test_glance_is_left_alone_where_no_topic_of_it_is_named(bus: Bus) -> None:
    glance = Publisher(bus.rabbit.url(), "glance")
    inbox = Inbox()
    listener = bus.listen(inbox)

    glance.raw("image.create", {"id": NODE, "status": "queued"})
    bus.publisher.node("after")

    until("the later one came", lambda: inbox.names == ["after"])
    assert listener.status().ignored == 0
    glance.close()


def test_a_pool_takes_nothing_from_another_consumer(bus: Bus) -> None:
    theirs, ours = Inbox(), Inbox()
    bus.listen(theirs, pool="ceilometer")
    bus.listen(ours)
    default = "ironic_versioned_notifications.info"
    before = bus.rabbit.queues().get(default, 0)

    for number in range(50):
        bus.publisher.node(number)

    until("both have all", lambda: len(theirs.kept) == len(ours.kept) == 50)
    assert ours.names == theirs.names
    assert bus.rabbit.queues()[default] == before + 50


def test_without_a_pool_it_says_that_it_takes_from_others(
    bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    bus.listen(Inbox(), pool=None)

    said = [one.getMessage() for one in caplog.records if "default topic" in one.getMessage()]
    assert len(said) == 2


def test_what_cannot_be_read_is_acknowledged_counted_and_said_once(
    bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox()
    listener = bus.listen(inbox)

    for _ in range(5):
        bus.publisher.raw("baremetal.node.update.end", {"no": "node"})
    bus.publisher.raw("baremetal.chassis.create.end", {})
    bus.publisher.node("good")

    until("the good one came", lambda: inbox.names == ["good"])
    until("all is acknowledged", lambda: bus.unread() == 0)
    status = listener.status()
    assert (status.stored, status.ignored, status.refused) == (1, 1, 5)
    assert inbox.kinds == ["no-payload"] * 5
    assert sum("is dropped" in one.getMessage() for one in caplog.records) == 1


def test_while_the_store_fails_nothing_is_acknowledged_and_nothing_lost(
    bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox()
    inbox.works.clear()
    listener = bus.listen(inbox)

    for number in range(120):
        bus.publisher.node(number)
    until("it tried more than once", lambda: inbox.tries > 2)
    assert bus.unread() == 120
    until("it says so", lambda: listener.status().condition == "not storing")
    inbox.works.set()

    until("all came", lambda: len(inbox.kept) >= 120)
    assert inbox.names == [str(number) for number in range(120)]
    until("all is acknowledged", lambda: bus.unread() == 0)
    said = [one for one in caplog.records if "cannot be stored" in one.getMessage()]
    assert len(said) == 1
    assert listener.status().rebuilds == 0
    assert listener.status().store_failures >= 2


def test_what_was_not_stored_at_the_stop_comes_again(bus: Bus) -> None:
    inbox = Inbox()
    inbox.works.clear()
    first = bus.listen(inbox)
    for number in range(120):
        bus.publisher.node(number)
    until("it tried", lambda: inbox.tries > 0)

    first.stop()

    assert inbox.kept == []
    assert bus.unread() == 120
    again = Inbox()
    bus.listen(again)
    until("all came", lambda: len(again.kept) >= 120)
    assert sorted(again.names, key=int) == [str(number) for number in range(120)]

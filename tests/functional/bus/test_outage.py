# SPDX-License-Identifier: Apache-2.0
"""What a listener does when its broker, or the way to it, fails."""

import logging
import time
from collections.abc import Iterator

import pytest

from ephyrad.migration.facts import CloudName
from tests.functional.bus.cable import Cable
from tests.functional.bus.conftest import Bus
from tests.functional.bus.inbox import Inbox
from tests.functional.bus.publisher import Publisher
from tests.functional.bus.rabbit import Rabbit
from tests.functional.bus.until import until

pytestmark = [pytest.mark.rabbit, pytest.mark.slow]


@pytest.fixture(autouse=True)
def running(rabbit: Rabbit) -> Iterator[None]:
    """Leave the broker running, whatever a test did to it."""
    yield
    if not rabbit.runs:
        rabbit.start()


@pytest.fixture
def cable(rabbit: Rabbit) -> Iterator[Cable]:
    with Cable(rabbit.port) as one:
        yield one


class Said:
    """What was logged, told apart by who said it."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog

    def ours(self, text: str) -> int:
        return sum(
            text in one.getMessage() and one.name.startswith("ephyrad")
            for one in self._caplog.records
        )

    def loud(self) -> list[str]:
        """All that an operator sees."""
        return [
            f"{one.name}: {one.getMessage()}"
            for one in self._caplog.records
            if one.levelno >= logging.INFO and not one.name.startswith("tests")
        ]


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Said:
    caplog.set_level(logging.INFO)
    return Said(caplog)


def test_a_broker_that_is_away_at_the_start_blocks_nothing(bus: Bus, said: Said) -> None:
    bus.publisher.close()
    bus.rabbit.stop()
    inbox = Inbox()
    began = time.monotonic()

    listener = bus.start(inbox)

    assert time.monotonic() - began < 1
    until("it says that the bus is down", lambda: listener.status().condition == "down")
    time.sleep(3)
    assert not listener.healthy()
    assert said.ours("is down") == 1
    assert len(said.loud()) < 5, said.loud()
    bus.rabbit.start()
    until("it listens", listener.healthy)
    publisher = Publisher(bus.rabbit.url())
    publisher.node("late")
    until("it came", lambda: inbox.names == ["late"])
    publisher.close()


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_a_broker_that_restarts_is_heard_again_and_its_queue_declared_anew(
    way: str, bus: Bus, said: Said
) -> None:
    inbox = Inbox()
    listener = bus.listen(inbox)
    bus.publisher.node("before")
    until("it came", lambda: inbox.names == ["before"])
    bus.publisher.close()

    getattr(bus.rabbit, way)()
    until("it says that the bus is down", lambda: listener.status().condition == "down")
    time.sleep(5)
    bus.rabbit.start()
    began = time.monotonic()

    until("the queue is declared anew", lambda: bus.pool in bus.rabbit.queues(), 60)
    until("it listens", listener.healthy)
    print(f"heard again after {time.monotonic() - began:.1f} s, {len(said.loud())} log lines")
    publisher = Publisher(bus.rabbit.url())
    publisher.node("after")
    until("it came", lambda: inbox.names == ["before", "after"])
    publisher.close()
    until("it says that it is back", lambda: said.ours("heard again") == 1)
    assert said.ours("is down") == 1
    assert len(said.loud()) < 15, said.loud()


def test_both_buses_gone_at_once_come_back(bus: Bus, said: Said) -> None:
    inboxes = {cloud: Inbox() for cloud in CloudName}
    listeners = [
        bus.listen(inbox, cloud=cloud, pool=f"{bus.pool}-{cloud}")
        for cloud, inbox in inboxes.items()
    ]
    bus.publisher.node("before")
    until("it came twice", lambda: all(one.names == ["before"] for one in inboxes.values()))
    bus.publisher.close()

    bus.rabbit.kill()

    for one in listeners:
        until("it says that the bus is down", lambda: one.status().condition == "down")  # noqa: B023
    bus.rabbit.start()
    for one in listeners:
        until("it listens", one.healthy, 60)
    queues = {f"{bus.pool}-{cloud}" for cloud in CloudName}
    until("both queues are there", lambda: queues <= set(bus.rabbit.queues()), 60, 0.5)
    publisher = Publisher(bus.rabbit.url())
    publisher.node("after")
    publisher.close()
    until("all came", lambda: all(one.names == ["before", "after"] for one in inboxes.values()))
    for cloud, inbox in inboxes.items():
        assert {one.cloud for one in inbox.kept} == {cloud}
        assert said.ours(f"The bus of the {cloud} cloud is down") == 1


@pytest.mark.parametrize(("durable", "expected"), [("true", ["unread"]), ("false", [])])
def test_what_is_unread_survives_a_restart_where_the_queues_are_durable(
    durable: str, expected: list[str], bus: Bus
) -> None:
    exchange = f"ironic-{durable}"
    url = bus.rabbit.url(query=f"?amqp_durable_queues={durable}")
    changes = {
        "transport_url": url,
        "ironic_exchange": exchange,
        "ironic_topics": (exchange,),
        "nova_topics": (),
    }
    bus.listen(Inbox(), **changes).stop()
    publisher = Publisher(url, exchange, exchange)
    publisher.node("unread")
    until("it lies there", lambda: bus.unread() == 1)
    publisher.close()

    bus.rabbit.stop()
    bus.rabbit.start()

    inbox = Inbox()
    bus.listen(inbox, **changes)
    again = Publisher(url, exchange, exchange)
    again.node("new")
    until("the new one came", lambda: "new" in inbox.names)
    again.close()
    assert inbox.names == [*expected, "new"]


def test_nothing_is_lost_when_the_connection_is_reset(bus: Bus, cable: Cable) -> None:
    inbox = Inbox()
    listener = bus.listen(inbox, transport_url=bus.rabbit.url(cable.port))
    for number in range(2000):
        bus.publisher.node(number)
        if number in {300, 301, 900, 1500}:
            cable.cut()

    until("all came", lambda: len(set(inbox.names)) == 2000, 60)

    until("all is acknowledged", lambda: bus.unread() == 0)
    until("it listens", listener.healthy)
    twice = len(inbox.names) - 2000
    print(f"{twice} came twice, {listener.status().rebuilds} rebuilds")
    assert {int(name) for name in inbox.names} == set(range(2000))
    assert twice <= 4 * bus.settings.prefetch


def test_a_way_that_goes_dead_unnoticed_is_noticed_and_found_again(
    bus: Bus, cable: Cable, said: Said
) -> None:
    inbox = Inbox()
    listener = bus.listen(inbox, transport_url=bus.rabbit.url(cable.port))

    cable.freeze()

    until("it says that the bus is down", lambda: listener.status().condition == "down")
    bus.publisher.node("meanwhile")
    cable.thaw()
    until("it came", lambda: inbox.names == ["meanwhile"])
    until("it listens", listener.healthy)
    assert said.ours("is down") == 1


@pytest.mark.parametrize("state", ["down", "frozen"])
def test_a_listener_whose_broker_is_away_stops_in_time(state: str, bus: Bus, cable: Cable) -> None:
    listener = bus.listen(Inbox(), transport_url=bus.rabbit.url(cable.port))
    if state == "down":
        bus.publisher.close()
        bus.rabbit.stop()
    else:
        cable.freeze()
    until("it says that the bus is down", lambda: listener.status().condition == "down")
    began = time.monotonic()

    listener.stop()

    print(f"stopped after {time.monotonic() - began:.1f} s")
    assert time.monotonic() - began < 7


def test_a_queue_that_is_deleted_under_the_listener_is_declared_anew(bus: Bus) -> None:
    inbox = Inbox()
    listener = bus.listen(inbox)

    bus.rabbit.control("delete_queue", bus.pool)

    until("the queue is declared anew", lambda: bus.pool in bus.rabbit.queues())
    bus.publisher.node("after")
    until("it came", lambda: "after" in inbox.names)
    print(f"{listener.status().rebuilds} rebuilds")


def test_a_listener_that_stalls_is_rebuilt(bus: Bus, said: Said) -> None:
    inbox = Inbox()
    listener = bus.listen(inbox, stall_seconds=2)
    running = listener._running
    assert running is not None
    running.server.listener._started = False  # its thread will end; its connection stays open
    running.server.listener._poll_style_listener._shutdown.set()

    for number in range(250):  # more than the broker hands out unacknowledged
        bus.publisher.node(number)

    until("all came", lambda: len(set(inbox.names)) == 250)
    assert listener.status().rebuilds == 1
    assert said.ours("has stalled") == 1
    until("it listens", listener.healthy)


def test_refused_credentials_are_said_once_and_in_words(bus: Bus, said: Said) -> None:
    url = bus.settings.transport_url.replace("not-secret", "wrong-one")

    listener = bus.start(Inbox(), transport_url=url)

    until("it says that the bus is down", lambda: listener.status().condition == "down")
    time.sleep(3)
    assert said.ours("is down") == 1
    assert "refused" in str(listener.status().cause).lower()
    assert len(said.loud()) < 5, said.loud()
    assert "wrong-one" not in "".join(said.loud())


def test_an_exchange_of_another_durability_is_said_once_and_in_words(bus: Bus, said: Said) -> None:
    query = "?amqp_durable_queues=true"
    publisher = Publisher(bus.rabbit.url(query=query), "ironic-lasting", "lasting")
    publisher.node("declares the exchange")

    listener = bus.start(
        Inbox(), ironic_exchange="ironic-lasting", ironic_topics=("lasting",), nova_topics=()
    )

    until("it says that the bus is down", lambda: listener.status().condition == "down")
    time.sleep(3)
    assert "amqp_durable_queues" in str(listener.status().cause)
    assert said.ours("is down") == 1
    assert len(said.loud()) < 10, said.loud()
    publisher.close()

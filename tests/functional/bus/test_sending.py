# SPDX-License-Identifier: Apache-2.0
"""ephyrad's own notifications on a real broker: as documented, through an outage, and unread."""

import gc
import json
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kombu.connection import Connection

from ephyrad.bus.settings import NotSentError, SenderSettings
from ephyrad.engine.announcer import Announcer
from tests.functional.bus.conftest import Bus
from tests.functional.bus.inbox import Inbox
from tests.functional.bus.until import until
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import rig
from tools.notification_samples import samples

if TYPE_CHECKING:
    from ephyrad.bus.sender import Sender

pytestmark = [pytest.mark.rabbit, pytest.mark.slow]

SAMPLE = samples()["ephyra.node.hold"]


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """amqp leaves the socket of a connection that broke to the garbage collector."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def topic() -> str:
    return f"ephyra-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def sender(bus: Bus, topic: str) -> Iterator["Sender"]:
    from ephyrad.bus.sender import Sender

    one = Sender(SenderSettings(bus.rabbit.url(), (topic,), "controller-1"), bus.conf)
    yield one
    one.close()


def taken(bus: Bus, queue: str) -> list[dict[str, Any]]:
    """Take all that is in a queue, as a consumer that knows oslo.messaging's envelope reads it."""
    found = []
    url = bus.rabbit.url().replace("rabbit://", "amqp://")
    with Connection(url) as connection:  # type: ignore[no-untyped-call]
        channel = connection.channel()
        while message := channel.basic_get(queue, no_ack=True):
            found.append(json.loads(json.loads(message.body)["oslo.message"]))
        channel.close()
    return found


def test_it_is_sent_as_the_sample_says(bus: Bus, topic: str, sender: "Sender") -> None:
    sender.send(SAMPLE["event_type"], SAMPLE["payload"])

    (message,) = taken(bus, f"{topic}.info")
    ours = {name: value for name, value in message.items() if not name.startswith("_")}
    assert ours.keys() == SAMPLE.keys()
    assert ours | {"message_id": "", "timestamp": ""} == SAMPLE | {
        "message_id": "",
        "timestamp": "",
    }
    assert set(message) - set(ours) <= {"_unique_id"}


def test_it_is_on_an_exchange_of_its_own(bus: Bus, topic: str, sender: "Sender") -> None:
    sender.send(SAMPLE["event_type"], SAMPLE["payload"])

    bindings = bus.rabbit.control("list_bindings", "source_name", "destination_name").splitlines()
    assert f"ephyra\t{topic}.info" in bindings


def test_ephyrad_does_not_hear_itself(bus: Bus, sender: "Sender") -> None:
    inbox = Inbox()
    bus.listen(inbox)

    sender.send(SAMPLE["event_type"], SAMPLE["payload"])
    bus.publisher.node("rack1")

    until("Ironic's is heard", lambda: inbox.kept)
    assert len(inbox.kept) == 1


def test_an_outage_loses_nothing_and_stops_nobody(
    bus: Bus, topic: str, sender: "Sender", tmp_path: Path
) -> None:
    made = rig(tmp_path / "journal", Kind.IDLE)
    announcer = Announcer(made.journal.announced, sender)
    announcer.begin()
    made.operations.migrate(["n0"], by="ann")
    assert announcer.work() is None
    bus.rabbit.stop()

    made.run(2 * 3600)
    pause = announcer.work()
    waiting = announcer.status().waiting
    bus.rabbit.start()
    until("it is sent", lambda: announcer.work() is None)

    assert made.operations.node("n0").state == "compute-ready"
    assert (pause, waiting > 3) == (1.0, True)
    data = [each["payload"]["ephyra_object.data"] for each in taken(bus, f"{topic}.info")]
    assert [each["seq"] for each in data] == sorted({each["seq"] for each in data})
    assert data[-1]["to"] == "compute-ready"


def test_a_broker_that_refuses_us_is_told(bus: Bus, topic: str) -> None:
    from ephyrad.bus.sender import Sender

    url = bus.rabbit.url().replace("tester", "nobody")
    one = Sender(SenderSettings(url, (topic,), "controller-1"), bus.conf)

    with pytest.raises(NotSentError, match="ACCESS_REFUSED"):
        one.send(SAMPLE["event_type"], SAMPLE["payload"])
    one.close()

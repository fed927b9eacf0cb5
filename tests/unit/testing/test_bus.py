# SPDX-License-Identifier: Apache-2.0
"""A simulated notification as a broker gets it."""

import json
import random

import pytest

from ephyrad.migration.facts import CloudName
from ephyrad.testing.bus import Bus, Message, as_published
from ephyrad.testing.clock import VirtualClock


@pytest.mark.parametrize(
    ("event_type", "priority", "exchange", "key"),
    [
        (
            "baremetal.node.provision_set.error",
            "error",
            "ironic",
            "ironic_versioned_notifications.error",
        ),
        ("instance.delete.end", "info", "nova", "versioned_notifications.info"),
    ],
)
def test_it_is_published_where_its_service_does(
    event_type: str, priority: str, exchange: str, key: str
) -> None:
    sent: list[Message] = []
    bus = Bus(CloudName.OLD, VirtualClock(), random.Random(0))
    bus.listen(sent.append)
    bus.publish("somebody", event_type, {"a": 1}, priority)

    where, routing_key, body = as_published(sent[0])

    assert (where, routing_key) == (exchange, key)
    inner = json.loads(json.loads(body)["oslo.message"])
    assert sent[0].items() <= inner.items()

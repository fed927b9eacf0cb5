# SPDX-License-Identifier: Apache-2.0
"""A bus: the raw notifications of one cloud, and the bad ways that lead from it to a listener."""

import json
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ephyrad.bus.envelope import decode
from ephyrad.migration.facts import CloudName, Notification
from ephyrad.testing.clock import VirtualClock

Message = Mapping[str, Any]
"""A notification as oslo.messaging hands it out: message_id, event_type, timestamp, payload ..."""

Fate = Callable[[Message], Sequence[float]]
"""Says after how many seconds each copy of a message arrives; no copy: it is lost."""


def at_once(_: Message) -> Sequence[float]:
    """Let a message arrive once and without delay."""
    return (0.0,)


class Bus:
    """What the services of one cloud publish."""

    def __init__(self, cloud: CloudName, clock: VirtualClock, rng: random.Random) -> None:
        self.cloud = cloud
        self.on = True
        self._clock = clock
        self._rng = rng
        self._listeners: list[Callable[[Message], None]] = []

    def publish(
        self, publisher: str, event_type: str, payload: Mapping[str, Any], priority: str = "info"
    ) -> None:
        """Send a notification; with `on` false it is as if notifications were configured off."""
        message_id = str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
        message = {
            "message_id": message_id,
            "publisher_id": publisher,
            "event_type": event_type,
            "priority": priority,
            "payload": payload,
            "timestamp": self._clock.now().replace(tzinfo=None).isoformat(sep=" "),
        }
        if self.on:
            for listener in self._listeners:
                listener(message)

    def listen(self, listener: Callable[[Message], None]) -> None:
        """Have every message handed to `listener` in the instant it is sent."""
        self._listeners.append(listener)

    def deliver(
        self,
        receive: Callable[[Notification], None],
        fate: Fate = at_once,
        spoil: Callable[[Message], Message] = lambda message: message,
    ) -> None:
        """Have notifications that ephyrad knows handed to `receive`, as late and often as `fate`
        says: that is how they get lost, doubled and out of order. `spoil` may make another message
        of one, as Ironic does when a worker is faster than its parent notifies (observed on
        2023.1).
        """

        def on_the_way(true: Message) -> None:
            message = spoil(true)
            for seconds in fate(message):
                self._clock.call_later(seconds, lambda: arrive(message))

        def arrive(message: Message) -> None:
            decoded = decode(self.cloud, message)
            if isinstance(decoded, Notification):
                receive(decoded)

        self.listen(on_the_way)


def as_published(message: Message) -> tuple[str, str, bytes]:
    """Return the exchange, the routing key and the body with which oslo.messaging publishes it.

    Both exchanges are of type topic, not durable, and not deleted by themselves (observed).
    """
    exchange = "ironic" if str(message["event_type"]).startswith("baremetal.") else "nova"
    topic = "versioned_notifications"
    if exchange == "ironic":
        topic = "ironic_versioned_notifications"
    inner = {**message, "_unique_id": str(message["message_id"]).replace("-", "")}
    body = {"oslo.version": "2.0", "oslo.message": json.dumps(inner)}
    return exchange, f"{topic}.{message['priority']}", json.dumps(body).encode()


def ironic_object(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Wrap a payload as Ironic does."""
    return {
        "ironic_object.name": name,
        "ironic_object.namespace": "ironic",
        "ironic_object.version": "1.17",
        "ironic_object.data": dict(data),
    }


def nova_object(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Wrap a payload as Nova does."""
    return {
        "nova_object.name": name,
        "nova_object.namespace": "nova",
        "nova_object.version": "1.8",
        "nova_object.data": dict(data),
    }

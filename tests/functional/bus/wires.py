# SPDX-License-Identifier: Apache-2.0
"""Publishes bytes as they are, with properties that no library would write."""

import struct
from collections.abc import Iterable, Mapping
from typing import Any

import amqp
from kombu.connection import Connection

from tests.functional.bus.rabbit import PASSWORD, Rabbit

# Bodies that are sent without waiting for the broker: more, and it makes a sender wait too long.
AT_ONCE = 500
ANSWERS_WITHIN = 60.0
JSON = {"content_type": "application/json", "content_encoding": "utf-8"}


class RawProperties(amqp.Message):  # type: ignore[misc]
    """A message whose properties are these bytes: two of flags, then the values."""

    written = b""

    def _serialize_properties(self) -> bytes:
        return self.written


def properties(flags: int, values: bytes) -> bytes:
    """The properties that the flags name, as they stand in a frame."""
    return struct.pack(">H", flags) + values


def headers(name: bytes, value: bytes) -> bytes:
    """The property of that name: a table with one entry."""
    entry = bytes([len(name)]) + name + value
    return properties(0x2000, struct.pack(">I", len(entry)) + entry)


def connected(rabbit: Rabbit) -> Any:
    """A connection to the broker, to be closed."""
    return Connection(  # type: ignore[no-untyped-call]
        hostname="127.0.0.1", port=rabbit.port, userid="tester", password=PASSWORD
    )


def waiting(rabbit: Rabbit, queue: str) -> int:
    """How many messages of a queue no consumer has."""
    with connected(rabbit) as connection:
        found: int = connection.channel().queue_declare(queue=queue, passive=True).message_count
        return found


def publish(
    rabbit: Rabbit,
    queue: str,
    bodies: Iterable[bytes],
    described: Mapping[str, Any] | bytes = JSON,
) -> None:
    """Put bodies into a queue; returns when the broker has them."""
    with connected(rabbit) as connection:
        channel = connection.channel()
        sent = Unconfirmed(channel)
        for number, body in enumerate(bodies, 1):
            if isinstance(described, bytes):
                message = RawProperties(body)
                message.written = described
            else:
                message = amqp.Message(body, **described)
            channel.basic_publish(message, exchange="", routing_key=queue)
            sent.tags.add(number)
            if not number % AT_ONCE:
                sent.wait(connection)
        sent.wait(connection)
        channel.close()


class Unconfirmed:
    """The numbers of the messages that the broker has not confirmed.

    It confirms a message once its queue has it; a flow command or the channel's end it answers
    before (observed: 25 of 100,000 messages were not in the queue yet).
    """

    def __init__(self, channel: Any) -> None:
        self.tags: set[int] = set()
        channel.confirm_select()
        channel.events["basic_ack"].add(self._confirmed)

    def wait(self, connection: Any) -> None:
        """Return when there are none; raises TimeoutError where the broker keeps silent."""
        while self.tags:
            connection.drain_events(timeout=ANSWERS_WITHIN)

    def _confirmed(self, tag: int, multiple: bool) -> None:
        self.tags -= {one for one in self.tags if one <= tag} if multiple else {tag}

# SPDX-License-Identifier: Apache-2.0
"""Somebody who listens to what ephyrad announces on the new cloud's real bus."""

import json
from collections.abc import Mapping
from typing import Any, Self

from kombu.connection import Connection

from tests.lab import patience
from tests.lab.settings import ADDRESS, Settings


class Announcements:
    """An exchange and a topic of one test's own; they are removed with the context."""

    def __init__(self, lab: Settings, name: str) -> None:
        self._name = name
        self._queue = f"{name}.info"
        self._connection: Any = Connection(  # type: ignore[no-untyped-call]
            hostname=ADDRESS,
            port=lab.port("new", "amqp"),
            userid="openstack",
            password=lab.password,
        )

    def __enter__(self) -> Self:
        self._remove()
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()
        self._connection.release()

    @property
    def options(self) -> Mapping[str, Mapping[str, str]]:
        """What an ephyrad has to be told to announce there."""
        return {
            "DEFAULT": {"control_exchange": self._name},
            "notifications": {"enabled": "true", "topics": self._name, "host": "controller-1"},
        }

    def taken(self, event_type: str, count: int) -> list[Mapping[str, Any]]:
        """Take out what comes, until so many of a type were there; return those.

        They are read as a consumer does that knows oslo.messaging's envelope.
        """
        found: list[Mapping[str, Any]] = []

        def are_there() -> bool | None:
            with self._connection.channel() as channel:
                while message := channel.basic_get(self._queue, no_ack=True):
                    found.append(json.loads(json.loads(message.body)["oslo.message"]))
            return sum(each["event_type"] == event_type for each in found) >= count or None

        patience.until(f"{count} of {event_type} to be announced", are_there, 30)
        return [each for each in found if each["event_type"] == event_type]

    def _remove(self) -> None:
        with self._connection.channel() as channel:
            channel.queue_delete(self._queue)
            channel.exchange_delete(self._name)

# SPDX-License-Identifier: Apache-2.0
"""The queue of CI's messages at its broker: received from, acknowledged, and put aside as dead.

It is read by kombu's connection alone: oslo.messaging reads nothing but what it has sent itself.
"""

import contextlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import amqp

from ephyrad.bus import wire
from ephyrad.bus.broker import ANSWER_SECONDS, NOT_FOUND, Line, connect, open_url
from ephyrad.bus.delivery import tolerate_properties
from ephyrad.bus.mailbox_settings import MailboxSettings
from ephyrad.reclaim.letter import Letter

HEARTBEAT = 20
"""Seconds; without a sign of the broker's for twice as long, the connection is given up."""

_KEPT = 64 * 1024
"""Bytes that are kept of a body that is too large."""

_LONGEST_REASON = 500
_MORE_SECONDS = 0.01
_LATEST = 1 << 37
"""A time above this, in seconds, is no date that Python has."""


@dataclass(frozen=True, slots=True)
class Received:
    """A letter with what is needed to answer the broker. `plain`: its headers that are texts."""

    letter: Letter
    tag: int
    exchange: str = ""
    routing_key: str = ""
    plain: Mapping[str, str] | None = None


class NotBuriedError(Exception):
    """A letter could not be put into the queue of the dead; it says why. The connection stands."""


class Mailbox(Protocol):
    """A queue that is read. Each method may raise whatever a lost connection raises."""

    def receive(self, seconds: float) -> Sequence[Received]:
        """Return what came, waiting so long for it at most."""

    def acknowledge(self, received: Received) -> None:
        """Tell the broker that it is dealt with."""

    def bury(self, received: Received, reason: str) -> None:
        """Put it into the queue of the dead; returns when the broker has it there.

        :raises NotBuriedError: that failed.
        """

    def waiting(self) -> int:
        """Return how many messages of the queue no consumer was given."""

    def close(self) -> None:
        """Drop the connection; what was not acknowledged will be handed out again."""


class BrokerMailbox:
    """The mailbox at a real broker; it is connected when it is made."""

    def __init__(self, settings: MailboxSettings, line: Line) -> None:
        """Connect by the line, declare and bind the queues, and let the messages come.

        :raises OSError: no broker answers; other errors of kombu and amqp.
        """
        tolerate_properties()
        self._settings = settings
        self._came: deque[Received] = deque()
        self._connection: Any = connect(
            line,
            "ephyrad reads what CI says",
            heartbeat=HEARTBEAT,
            # So that a letter that is put aside is known to be there.
            confirm_publish=True,
        )
        self._burying: Any = None
        try:
            self._declare()
            self._channel = self._connection.channel()
            self._channel.basic_qos(0, settings.prefetch, False)
            self._channel.basic_consume(settings.queue, callback=self._take)
        except BaseException:
            self.close()
            raise

    def receive(self, seconds: float) -> Sequence[Received]:
        """Return what came, waiting so long for it at most; what comes with it is part of it."""
        with contextlib.suppress(TimeoutError):
            while len(self._came) < self._settings.prefetch:
                # Never 0: amqp would forget the part of a frame that is there already.
                self._connection.drain_events(timeout=_MORE_SECONDS if self._came else seconds)
        self._connection.heartbeat_check()
        found = tuple(self._came)
        self._came.clear()
        return found

    def acknowledge(self, received: Received) -> None:
        """Tell the broker that it is dealt with."""
        self._channel.basic_ack(received.tag)

    def bury(self, received: Received, reason: str) -> None:
        """Put it into the queue of the dead; returns when the broker has it there."""
        message = amqp.Message(
            received.letter.content,
            content_type=received.letter.headers.get("content-type", "application/octet-stream"),
            delivery_mode=2,
            application_headers={
                **(received.plain or {}),
                "x-ephyra-reason": reason[:_LONGEST_REASON],
                "x-ephyra-exchange": received.exchange,
                "x-ephyra-routing-key": received.routing_key,
            },
        )
        queue = self._settings.dead_letters
        try:
            if self._burying is None:
                self._exists("queue_declare", queue=queue, durable=True, auto_delete=False)
                self._burying = self._connection.channel()
            # Mandatory: the broker confirms what no queue takes, too.
            self._burying.basic_publish(
                message, exchange="", routing_key=queue, mandatory=True, timeout=ANSWER_SECONDS
            )
        except (*self._connection.channel_errors, amqp.exceptions.MessageNacked) as error:
            self._burying = None
            raise NotBuriedError(f"{type(error).__name__}: {error}") from error

    def waiting(self) -> int:
        """Return how many messages of the queue no consumer was given."""
        answer = self._channel.queue_declare(queue=self._settings.queue, passive=True)
        count: int = answer.message_count
        return count

    def close(self) -> None:
        """Drop the connection; what was not acknowledged will be handed out again."""
        with contextlib.suppress(Exception):
            self._connection.release()

    def _declare(self) -> None:
        settings = self._settings
        if settings.routing_keys:
            self._exists(
                "exchange_declare",
                exchange=settings.exchange,
                type=settings.exchange_type,
                durable=True,
                auto_delete=False,
            )
        for queue in (settings.queue, settings.dead_letters):
            self._exists("queue_declare", queue=queue, durable=True, auto_delete=False)
        with self._connection.channel() as channel:
            for key in settings.routing_keys:
                channel.queue_bind(settings.queue, settings.exchange, key)

    def _exists(self, declare: str, **what: Any) -> None:
        """See that something is there, however it was made; else make it."""
        channel = self._connection.channel()
        try:
            getattr(channel, declare)(passive=True, **what)
        except self._connection.channel_errors as error:  # the broker has closed the channel
            if getattr(error, "code", None) != NOT_FOUND:
                raise
            channel = self._connection.channel()
            getattr(channel, declare)(**what)
        channel.close()

    def _take(self, raw: Any) -> None:
        self._came.append(read(raw.body, raw.properties, raw.delivery_info))


def line_of(settings: MailboxSettings, conf: Any) -> Line:
    """Return the way to the broker; nothing is connected yet. `conf`: as for
    :func:`ephyrad.bus.broker.open_line`.

    :raises BusSetupError: the transport URL cannot be used.
    """
    return open_url("CI's broker, [reclaim_amqp]", settings.transport_url, conf, {})


def read(body: bytes | str, properties: Mapping[str, Any], info: Mapping[str, Any]) -> Received:
    """Read a message of the AMQP library into a letter; never raises.

    A body is text where the library has decoded it by the property `content_encoding`.
    """
    content = body.encode(errors="surrogatepass") if isinstance(body, str) else bytes(body)
    trouble = None
    if wire.UNREADABLE in properties:
        trouble = "its AMQP properties cannot be read"
    elif len(content) > wire.LONGEST:
        trouble = f"it has {len(content)} bytes, and may have {wire.LONGEST}"
        trouble += f": its first {_KEPT} are kept"
        content = content[:_KEPT]
    given = properties.get("application_headers") or {}
    plain = {name: value for name, value in given.items() if isinstance(value, str)}
    headers = {name.lower(): value for name, value in plain.items()}
    media = properties.get("content_type")
    if isinstance(media, str):
        headers["content-type"] = media
    return Received(
        Letter(content, headers, _moment(properties.get("timestamp")), trouble),
        tag=info["delivery_tag"],
        exchange=str(info.get("exchange", "")),
        routing_key=str(info.get("routing_key", "")),
        plain=plain,
    )


def _moment(value: object) -> datetime | None:
    if isinstance(value, int) and 0 < value < _LATEST:
        return datetime.fromtimestamp(value, UTC)
    return None

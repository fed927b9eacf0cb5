# SPDX-License-Identifier: Apache-2.0
"""Stands between the AMQP library and oslo.messaging's driver, so that no message escapes it.

What happens without it, on RabbitMQ 3.10 with oslo.messaging 18.3 and amqp 5.4: a body that is no
JSON, or of an unknown envelope, is rejected by the driver before anybody sees it; a body or what
it decompresses to takes any amount of memory; a message whose AMQP properties cannot be read
breaks the connection each time it is delivered, for ever, and nothing behind it arrives.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any

from amqp import serialization, spec

from ephyrad.bus import wire
from ephyrad.bus.envelope import Ignored, Reason, Refusal
from ephyrad.migration.facts import CloudName, Notification

LOG = logging.getLogger(__name__)

# The method of its consumers that the driver hands to the AMQP library each time it connects.
_HANDED = "_callback"


class Delivered(dict[str, Any]):
    """A message that is read already, in the shape of the driver's own, and empty to it.

    Neither the body nor the sender's request context is kept. The driver calls `acknowledge` and
    `requeue` on the thread that reads the connection.
    """

    def __init__(self, content: Notification | Ignored | Refusal, raw: Any) -> None:
        super().__init__()
        self.content = content
        self._channel, self._tag = raw.channel, raw.delivery_tag

    def acknowledge(self) -> None:
        """Tell the broker that the message is dealt with."""
        self._channel.basic_ack(self._tag)

    def requeue(self) -> None:
        """Give the message back to its queue."""
        self._channel.basic_reject(self._tag, requeue=True)


def take_over(listener: Any, cloud: CloudName) -> None:
    """Have every message for oslo.messaging's listener, which has not begun, read here first."""
    tolerate_properties()
    # None of this is meant to be used; but nothing else comes before the driver.
    polled = getattr(listener, "_poll_style_listener", None)
    consumers = getattr(getattr(polled, "conn", None), "_consumers", ())
    for consumer in consumers:
        if not callable(getattr(consumer, _HANDED, None)):
            LOG.warning(
                "This release of oslo.messaging is not known: what it cannot read of the bus of"
                " the %s cloud is dropped uncounted.",
                cloud,
            )
            return
        setattr(consumer, _HANDED, functools.partial(_deliver, cloud, consumer.callback))


def _deliver(cloud: CloudName, hand_on: Callable[[Delivered], None], raw: Any) -> None:
    """Read a message of the AMQP library and hand on what became of it."""
    try:
        content = wire.read(cloud, raw.body, raw.properties)
    except Exception:  # else the connection would break, and the message come again, for ever
        LOG.exception("A message from the bus of the %s cloud could not be decoded", cloud)
        content = wire.identified(Refusal(Reason.OUR_BUG), raw.body)
    hand_on(Delivered(content, raw))


def tolerate_properties() -> None:
    """Have the AMQP library mark properties that it cannot read; done twice, it changes nothing."""
    decoders = serialization.PROPERTY_CLASSES
    decoder = decoders[spec.Basic.CLASS_ID]
    if not isinstance(decoder, _Tolerant):
        decoders[spec.Basic.CLASS_ID] = _Tolerant(decoder)


class _Tolerant:
    """Decodes the properties of a message as the AMQP library does, and never fails."""

    def __init__(self, decode: Callable[[bytes, int], tuple[dict[str, Any], int]]) -> None:
        self._decode = decode

    def __call__(self, frame: bytes, offset: int) -> tuple[dict[str, Any], int]:
        try:
            return self._decode(frame, offset)
        except Exception:  # noqa: BLE001  text of other bytes, moments beyond the calendar, ...
            return {wire.UNREADABLE: True}, len(frame)

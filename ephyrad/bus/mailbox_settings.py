# SPDX-License-Identifier: Apache-2.0
"""What must be told about the broker to which CI sends its messages."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxSettings:
    """CI's broker, and the queue there that ephyrad reads.

    `transport_url` is one of oslo.messaging's, as for the clouds' buses; it is kept out of `repr`.
    The queue is bound to the exchange by each of the routing keys; without any, somebody else has
    to bind it. What cannot be used is put into the queue `dead_letters`. `prefetch`: how many
    messages the broker may hand out before they are acknowledged. `look_seconds`: between two looks
    at how many wait there.
    """

    transport_url: str = field(repr=False)
    exchange: str = "ephyra"
    exchange_type: str = "topic"
    queue: str = "ephyra.reclaim"
    routing_keys: tuple[str, ...] = ("run.COMPLETED",)
    dead_letters: str = "ephyra.reclaim.dead"
    prefetch: int = 50
    look_seconds: float = 10.0

# SPDX-License-Identifier: Apache-2.0
"""What happens to each message that oslo.messaging hands out: decode, store, then acknowledge.

What cannot be read is stored too, as a count of each kind in the same commit, and acknowledged.

It takes the place of oslo.messaging's own dispatcher, which sorts a batch by priority (an error
would overtake what came before it) and requeues a whole batch for ever when one message's
priority is no text.
"""

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from ephyrad.bus.delivery import Delivered
from ephyrad.bus.envelope import Ignored, Reason, Refusal, decode
from ephyrad.bus.settings import PRIORITIES
from ephyrad.migration.facts import CloudName, Notification, Poison

LOG = logging.getLogger(__name__)

Store = Callable[[Sequence[Notification], Sequence[Poison]], object]
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0


class Incoming(Protocol):
    """A message of oslo.messaging; its context is never looked at.

    `message` is :class:`ephyrad.bus.delivery.Delivered` from RabbitMQ, the sender's message from
    another driver.
    """

    message: Any
    unique_id: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """What has come in so far.

    `stored`, `ignored` and `refused` add up to the messages acknowledged; `store_failures` counts
    failed tries; `told` are the reasons of refusals that the log has told of; `storing_since` is
    set while a batch is being stored, `failing_since` while storing fails.
    """

    stored: int = 0
    ignored: int = 0
    refused: int = 0
    store_failures: int = 0
    told: frozenset[Reason] = frozenset()
    last_message_at: datetime | None = None
    storing_since: datetime | None = None
    failing_since: datetime | None = None


class Intake:
    """Stores what one cloud's bus delivers. One worker thread calls :meth:`dispatch`."""

    supported_priorities: Collection[str] = PRIORITIES

    def __init__(
        self, cloud: CloudName, store: Store, clock: Callable[[], datetime], counts: Counts
    ) -> None:
        """Start with the counts of the intake before this one."""
        self._cloud = cloud
        self._store = store
        self._clock = clock
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._counts = replace(counts, storing_since=None, failing_since=None)

    @property
    def counts(self) -> Counts:
        """The counts at this moment."""
        with self._lock:
            return self._counts

    def close(self) -> None:
        """Store nothing more: what still comes, or waits for the store, goes back to the queue."""
        self._closed.set()

    def dispatch(self, incoming: Sequence[Incoming]) -> Collection[Incoming]:
        """Take a batch in, in its order, and return the messages that must not be acknowledged.

        Returns when the batch is durable. A store that fails is tried again here, with pauses,
        and not by requeueing: order is kept, and a quorum queue, which drops a message that was
        delivered too often, counts nothing.
        """
        for message in incoming:
            # Else oslo.messaging drops, without acknowledging it, what the broker hands out again
            # after a lost connection (seen with 18.3); the inbox knows a message by its id.
            message.unique_id = None
        if self._closed.is_set():
            return incoming
        self._count(last_message_at=self._clock())
        notifications: list[Notification] = []
        poison: dict[Reason, Poison] = {}
        ignored = refused = 0
        for message in incoming:
            match self._decode(message.message):
                case Notification() as notification:
                    notifications.append(notification)
                case Ignored():
                    ignored += 1
                case Refusal() as refusal:
                    refused += 1
                    self._tell(refusal)
                    before = poison.get(refusal.reason)
                    count = before.count + 1 if before else 1
                    poison[refusal.reason] = self._poison(refusal, count)
        if (notifications or poison) and not self._keep(notifications, tuple(poison.values())):
            return incoming
        counts = self.counts
        self._count(
            stored=counts.stored + len(notifications),
            ignored=counts.ignored + ignored,
            refused=counts.refused + refused,
        )
        return ()

    def _decode(self, message: object) -> Notification | Ignored | Refusal:
        if isinstance(message, Delivered):
            return message.content
        try:
            return decode(self._cloud, message)
        except Exception:  # else oslo.messaging would requeue the message, for ever
            LOG.exception("A notification of the %s cloud could not be decoded", self._cloud)
            return Refusal(Reason.OUR_BUG)

    def _poison(self, refusal: Refusal, count: int) -> Poison:
        return Poison(
            self._cloud,
            refusal.reason.kind,
            refusal.reason.value,
            count=count,
            message_id=refusal.message_id,
            event_type=refusal.event_type,
            size=refusal.size,
            sha256=refusal.sha256,
        )

    def _tell(self, refusal: Refusal) -> None:
        """Say once of each reason that messages are refused; the rest is counted only."""
        told = self.counts.told
        if refusal.reason in told:
            return
        self._count(told=told | {refusal.reason})
        LOG.warning(
            "A message from the bus of the %s cloud is dropped: %s (message %s, %s, %s bytes). "
            "Further ones of this kind are only counted: see `ephyra status`.",
            self._cloud,
            refusal.reason,
            refusal.message_id or "without a message_id",
            refusal.event_type or "without an event_type",
            "?" if refusal.size is None else refusal.size,
        )

    def _keep(self, notifications: Sequence[Notification], poison: Sequence[Poison]) -> bool:
        """Store, trying again until it works (True) or the intake is closed (False)."""
        pause = FIRST_PAUSE
        self._count(storing_since=self._clock())
        try:
            while not self._try(notifications, poison):
                if self._closed.wait(pause):
                    return False
                pause = min(pause * 2, LONGEST_PAUSE)
            return True
        finally:
            self._count(storing_since=None, failing_since=None)

    def _try(self, notifications: Sequence[Notification], poison: Sequence[Poison]) -> bool:
        try:
            self._store(notifications, poison)
        except Exception as error:  # whatever it is, the messages must not be lost
            counts = self.counts
            if counts.failing_since is None:
                LOG.exception(
                    "Notifications of the %s cloud cannot be stored (%s); they wait on the bus "
                    "until they can.",
                    self._cloud,
                    type(error).__name__,
                )
            self._count(
                store_failures=counts.store_failures + 1,
                failing_since=counts.failing_since or self._clock(),
            )
            return False
        if self.counts.failing_since is not None:
            LOG.warning("Notifications of the %s cloud are stored again.", self._cloud)
        return True

    def _count(self, **changes: Any) -> None:
        with self._lock:
            self._counts = replace(self._counts, **changes)

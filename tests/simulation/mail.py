# SPDX-License-Identifier: Apache-2.0
"""The brokers, as ephyrad's process meets them: what was not acknowledged comes again."""

import enum
import random
from collections import deque
from collections.abc import Callable

from ephyrad.migration.facts import CloudName, Notification
from ephyrad.testing.bus import Bus, Message
from tests.simulation.tally import Tally

_REMEMBERED = 12


class Mail(enum.Enum):
    """What the brokers deliver when ephyrad comes back after a crash."""

    FRESH = "only what was not acknowledged"
    REDELIVERED = "also what was acknowledged last, whose acknowledgements were lost"
    REORDERED = "all that, the newest first"


class Mailroom:
    """Takes notifications to `receive`; while that raises, or is None, the brokers keep them."""

    def __init__(self, mail: Mail, rng: random.Random, tally: Tally) -> None:
        self.receive: Callable[[Notification], None] | None = None
        self._mail = mail
        self._rng = rng
        self._tally = tally
        self._kept: list[Notification] = []
        self._last: deque[Notification] = deque(maxlen=_REMEMBERED)
        self._sent: dict[str, int] = {}
        self._newest: dict[CloudName, int] = {}

    def watch(self, bus: Bus) -> None:
        """See in which order a bus's messages are sent."""

        def sent(message: Message) -> None:
            self._sent[message["message_id"]] = len(self._sent)

        bus.listen(sent)

    def deliver(self, notification: Notification) -> None:
        """Bring one to ephyrad, or keep it for later."""
        if self.receive is None:
            self._kept.append(notification)
            return
        self._count(notification)
        try:
            self.receive(notification)
        except BaseException:
            self._kept.append(notification)
            raise
        self._last.append(notification)

    def redeliver(self) -> None:
        """Bring what was kept while ephyrad was away, and what the plan says besides."""
        kept, self._kept = self._kept, []
        if self._mail is not Mail.FRESH:
            kept = [*self._last, *kept]
        if self._mail is Mail.REORDERED:
            kept.reverse()
        else:
            self._rng.shuffle(kept)
        while kept:
            try:
                self.deliver(kept.pop(0))
            except BaseException:
                self._kept.extend(kept)
                raise

    def _count(self, notification: Notification) -> None:
        order = self._sent.get(notification.message_id, 0)
        newest = self._newest.get(notification.cloud, -1)
        if order < newest:
            self._tally.add("fault", "a notification overtaken by a newer one")
        self._newest[notification.cloud] = max(order, newest)

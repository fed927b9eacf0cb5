# SPDX-License-Identifier: Apache-2.0
"""The announcer: sends what the journal says to the new cloud's bus, in the journal's order.

It works from the journal and not from memory: how far it came is written down after the broker took
it. So nothing is left out, whatever ends when; what was sent and not written down is sent again.
Nothing waits for it: a bus that is down keeps it alone waiting, and takes no memory.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ephyrad.bus.settings import NotSentError
from ephyrad.engine.announcement import OF_NODES, OF_ROLLOUTS, announcement
from ephyrad.engine.told import Told, Written
from ephyrad.journal.announced import AnnouncedJournal, OfNode, Upto
from ephyrad.journal.errors import JournalError

LOG = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""Between two looks into the journal, where nobody wakes it: of rollouts nobody does."""

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two tries to send, while the bus does not take it."""

_STOP_SECONDS = 5.0


class Send(Protocol):
    """What sends; :class:`ephyrad.bus.sender.Sender` does."""

    def send(self, event_type: str, payload: Mapping[str, Any]) -> None:
        """Send a notification.

        :raises NotSentError: it was not taken.
        """

    def close(self) -> None:
        """Drop the connection."""


@dataclass(frozen=True, slots=True)
class Announced:
    """Since the start: how many were sent, and how many tries failed; how many wait now."""

    sent: int
    failures: int
    waiting: int


class Announcer:
    """Sends from :meth:`start` to :meth:`stop`, once, in a thread of its own."""

    def __init__(self, journal: AnnouncedJournal, sender: Send) -> None:
        self._journal = journal
        self._sender = sender
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._upto: Upto = (0, 0)
        self._kept_at = 0
        self._sent = 0
        self._failures = 0
        self._pause = SHORTEST_PAUSE
        self._fails = False
        self._thread = threading.Thread(target=self._keep, name="announcer", daemon=True)

    def begin(self) -> None:
        """Go on where it ended the last time, or with what happens from now on.

        :raises JournalError: the journal cannot be used.
        """
        self._upto = self._journal.begin()

    def start(self) -> None:
        """Begin to send."""
        self.begin()
        self._thread.start()

    def stop(self) -> None:
        """End after the notification that is being sent; the others are sent after a start."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)

    def tell(self, told: Told) -> None:
        """Be woken by what was written down."""
        if isinstance(told, Written) and isinstance(told.entry, OF_NODES):
            self._wake.set()

    def status(self) -> Announced:
        """Return how it fares.

        :raises JournalError: the journal cannot be read.
        """
        waiting = self._journal.waiting(self._upto, OF_NODES, OF_ROLLOUTS)
        return Announced(self._sent, self._failures, waiting)

    def work(self) -> float | None:
        """Send what there is; return for how many seconds not to try again, where it cannot be."""
        try:
            try:
                while not self._stop.is_set() and self._batch():
                    pass
            finally:
                self._keep_place()
        except NotSentError as error:
            self._failures += 1
            return self._suffer(f"the bus of the new cloud does not take them: {error}")
        except JournalError as error:
            return self._suffer(str(error))
        if self._fails:
            LOG.warning("notifications are sent again")
            self._fails = False
        self._pause = SHORTEST_PAUSE
        return None

    def _batch(self) -> bool:
        """Send the next ones; False where there is none."""
        found, upto = self._journal.after(self._upto, OF_NODES, OF_ROLLOUTS)
        for each in found:
            if self._stop.is_set():
                return False
            said = announcement(each)
            self._sender.send(said.event_type, said.payload)
            self._sent += 1
            nodes, rollouts = self._upto
            self._upto = (each.row, rollouts) if isinstance(each, OfNode) else (nodes, each.row)
        self._upto = upto
        if found:
            self._keep_place()
        return bool(found)

    def _keep_place(self) -> None:
        """Write down how far it came; not where nothing was sent, which costs the disk a sync."""
        if self._sent != self._kept_at:
            self._journal.reached(self._upto)
            self._kept_at = self._sent

    def _suffer(self, why: str) -> float:
        if not self._fails:
            LOG.warning("notifications wait in the journal, and are sent later: %s", why)
            self._fails = True
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        return pause

    def _keep(self) -> None:
        """The life of the thread."""
        while not self._stop.is_set():
            self._wake.clear()
            try:
                pause = self.work()
            except Exception:
                LOG.exception("notifications: an error of ephyrad's own; tried again in a minute")
                pause = LONGEST_PAUSE
            if pause is None:
                self._wake.wait(LOOK_SECONDS)
            else:
                # Whoever wakes it: a bus that is down is not asked at each transition.
                self._stop.wait(pause)
        self._sender.close()

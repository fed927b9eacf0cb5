# SPDX-License-Identifier: Apache-2.0
"""Collects CI's messages from their queue: hands them on, and acknowledges what is dealt with.

A thread of its own does so. While what takes the messages cannot, as when the disk is full, they
wait here and, beyond `prefetch`, at the broker; the connection is kept, since each one that is lost
counts as a delivery that failed.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from ephyrad.bus import noise
from ephyrad.bus.broker import Line, hang_up, in_words
from ephyrad.bus.health import Condition
from ephyrad.bus.intake import FIRST_PAUSE, LONGEST_PAUSE
from ephyrad.bus.mailbox import BrokerMailbox, Mailbox, NotBuriedError, Received, line_of
from ephyrad.bus.mailbox_settings import MailboxSettings
from ephyrad.reclaim.letter import Letter

LOG = logging.getLogger(__name__)

Take = Callable[[Sequence[Letter]], Sequence[str | None]]
"""Makes letters durable, so that they are dealt with; returns of each why it is of no use, None
where it is of some. What it raises means that none of them could be dealt with now."""

STOP_SECONDS = 5.0
_WAIT_SECONDS = 1.0
_AT_ONCE = 100
"""Letters that are handed on together: so many are made durable by one commit."""


@dataclass(frozen=True, slots=True)
class MailboxStatus:
    """How the collector fares. Times are of the clock handed in; counts are since the start.

    `taken`: what was dealt with; `dead`: what was put aside. `waiting` is of the last look at the
    broker, None before the first.
    """

    condition: Condition
    since: datetime
    cause: str | None = None
    last_message_at: datetime | None = None
    taken: int = 0
    dead: int = 0
    waiting: int | None = None


class _Pauses:
    """Grow with each failure, until something succeeds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._next = 0.0
        self._pause = FIRST_PAUSE

    @property
    def over(self) -> bool:
        return self._monotonic() >= self._next

    def failed(self) -> None:
        self._next = self._monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def succeeded(self) -> None:
        self._next, self._pause = 0.0, FIRST_PAUSE


class Collector:
    """Reads one mailbox, from :meth:`start` to :meth:`stop`, once."""

    def __init__(
        self,
        settings: MailboxSettings,
        take: Take,
        clock: Callable[[], datetime],
        conf: Any,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        connect: Callable[[MailboxSettings, Line], Mailbox] = BrokerMailbox,
    ) -> None:
        """Take what is needed; nothing is connected before the start.

        `take` is called by one thread; a letter may come twice, within one call, too. `conf`: as
        for :class:`ephyrad.bus.listener.Listener`.

        :raises BusSetupError: the settings cannot be used.
        """
        self._settings = settings
        self._take = take
        self._clock = clock
        self._monotonic = monotonic
        self._connect = connect
        self._line = line_of(settings, conf)
        self._mailbox: Mailbox | None = None
        self._fresh: deque[Received] = deque()
        self._dead: deque[tuple[Received, str]] = deque()
        self._taking, self._burying = _Pauses(monotonic), _Pauses(monotonic)
        self._connecting = _Pauses(monotonic)
        self._look_at = 0.0
        self._lock = threading.Lock()
        self._status = MailboxStatus(Condition.STARTING, clock())
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bus-ci", daemon=True)

    def start(self) -> None:
        """Begin to read; returns at once, whether the broker is there or not."""
        noise.quiet()
        self._thread.start()

    def stop(self) -> None:
        """End after the letters that are being dealt with."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        self._become(Condition.STOPPED, None)

    def status(self) -> MailboxStatus:
        """How it fares."""
        with self._lock:
            return self._status

    def _run(self) -> None:
        """The life of the thread."""
        while not self._stop.is_set():
            try:
                self.tend()
            except Exception:  # this thread must outlive whatever a broker does
                LOG.exception("Reading what CI says failed")
                self._drop()
            if self._mailbox is None:
                self._stop.wait(FIRST_PAUSE)
        self._drop()
        hang_up(None, self._line)

    def tend(self) -> None:
        """Connect, where that is due, or wait a second for messages and deal with what came."""
        if self._mailbox is None and not self._connecting.over:
            return
        try:
            if self._mailbox is None:
                self._mailbox = self._connect(self._settings, self._line)
                self._look_at = 0.0
            self._fresh += self._mailbox.receive(_WAIT_SECONDS)
            trouble = self._deal(self._mailbox) or self._bury(self._mailbox)
            self._look(self._mailbox)
        except Exception as error:  # noqa: BLE001  whatever it is, there will be another try
            self._drop()
            self._connecting.failed()
            self._become(Condition.DOWN, in_words(error))
            return
        self._connecting.succeeded()
        self._become(Condition.NOT_STORING if trouble else Condition.LISTENING, trouble)

    def _deal(self, mailbox: Mailbox) -> str | None:
        """Deal with what came, in order; return why that cannot be done now."""
        while self._fresh and not self._stop.is_set():
            if not self._taking.over:
                return self.status().cause or "what came could not be taken"
            batch = tuple(islice(self._fresh, _AT_ONCE))
            try:
                useless = self._take([each.letter for each in batch])
            except Exception as error:
                if self.status().condition is not Condition.NOT_STORING:
                    LOG.exception("What CI says cannot be taken; it waits until it can")
                self._taking.failed()
                return f"what came cannot be taken: {error}"
            self._taking.succeeded()
            for received, why in zip(batch, useless, strict=True):
                self._fresh.popleft()
                if why is None:
                    mailbox.acknowledge(received)
                    self._count(taken=1)
                else:
                    self._dead.append((received, why))
        return None

    def _bury(self, mailbox: Mailbox) -> str | None:
        """Put aside what is of no use; return why that cannot be done now."""
        while self._dead and not self._stop.is_set():
            if not self._burying.over:
                return self.status().cause or "what is of no use could not be put aside"
            received, reason = self._dead[0]
            try:
                mailbox.bury(received, reason)
            except NotBuriedError as error:
                self._burying.failed()
                return (
                    f"{len(self._dead)} messages of no use cannot be put into the queue"
                    f" {self._settings.dead_letters}, and stay where they are: {error}"
                )
            self._burying.succeeded()
            mailbox.acknowledge(received)
            self._dead.popleft()
            self._count(dead=1)
        return None

    def _look(self, mailbox: Mailbox) -> None:
        if self._monotonic() >= self._look_at:
            self._look_at = self._monotonic() + self._settings.look_seconds
            with self._lock:
                self._status = replace(self._status, waiting=mailbox.waiting())

    def _drop(self) -> None:
        """Give up the connection, with what was not acknowledged: the broker has it."""
        mailbox, self._mailbox = self._mailbox, None
        self._fresh.clear()
        self._dead.clear()
        if mailbox is not None:
            mailbox.close()

    def _count(self, *, taken: int = 0, dead: int = 0) -> None:
        with self._lock:
            self._status = replace(
                self._status,
                last_message_at=self._clock(),
                taken=self._status.taken + taken,
                dead=self._status.dead + dead,
            )

    def _become(self, condition: Condition, cause: str | None) -> None:
        now = self._clock()
        with self._lock:
            before = self._status
            since = before.since if condition is before.condition else now
            self._status = replace(before, condition=condition, since=since, cause=cause)
        if condition is before.condition:
            return
        match condition:
            case Condition.LISTENING if before.condition is Condition.STARTING:
                LOG.info("Reading what CI says.")
            case Condition.LISTENING:
                LOG.warning("What CI says is read again.")
            case Condition.DOWN:
                LOG.warning("The broker of what CI says is down (%s). It is tried again.", cause)
            case Condition.NOT_STORING:
                LOG.warning("What CI says waits at its broker: %s.", cause)
            case _:
                pass

# SPDX-License-Identifier: Apache-2.0
"""The listener of one cloud's bus: it stores what comes, acknowledges, and decides nothing.

A thread of its own keeps it alive: it connects when the broker is there, looks at the broker
every few seconds, and rebuilds what has stalled.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ephyrad.bus import noise
from ephyrad.bus.broker import Line, Lookout, hang_up, in_words, listen, open_line
from ephyrad.bus.health import Condition, Look, Verdict, Watch, judge
from ephyrad.bus.intake import Counts, Intake, Store
from ephyrad.bus.settings import BusSettings
from ephyrad.migration.facts import CloudName

LOG = logging.getLogger(__name__)

STOP_SECONDS = 5.0
SETTLE_LOOKS = 3
HEALTHY = frozenset({Condition.LISTENING, Condition.SILENT})
TROUBLES = frozenset({Condition.DOWN, Condition.STALLED})


@dataclass(frozen=True, slots=True)
class BusStatus:
    """How one listener fares. Times are of the clock handed in; counts are since the start.

    `since`: when `condition` began; `cause`: why, where there is a why. `backlog` and `looked_at`
    are of the last look at the broker, None before the first.
    """

    cloud: CloudName
    condition: Condition
    since: datetime
    cause: str | None = None
    connected_since: datetime | None = None
    last_message_at: datetime | None = None
    stored: int = 0
    ignored: int = 0
    refused: int = 0
    store_failures: int = 0
    rebuilds: int = 0
    backlog: int | None = None
    looked_at: datetime | None = None


@dataclass(slots=True)
class _Running:
    """A server that listens, with what is needed to judge and to end it."""

    line: Line
    server: Any
    intake: Intake
    watch: Watch


class Listener:
    """Listens to one cloud's bus, from :meth:`start` to :meth:`stop`, once."""

    def __init__(
        self,
        settings: BusSettings,
        store: Store,
        clock: Callable[[], datetime],
        conf: Any,
    ) -> None:
        """Take what is needed; nothing is opened before the start.

        `store` is given one to `prefetch`/2 notifications in their order, must have made them
        durable when it returns, and is called by one thread at a time; a message may come twice.
        `clock` gives the moment in UTC. `conf` is the oslo.config object that oslo.messaging
        registers and reads its own options on.
        """
        self._settings = settings
        self._store = store
        self._clock = clock
        self._conf = conf
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._running: _Running | None = None
        self._lookout: Lookout | None = None
        self._intake = Intake(settings.cloud, store, clock, Counts())
        self._status = BusStatus(settings.cloud, Condition.STARTING, clock())
        self._announced = Condition.STARTING
        self._thread = threading.Thread(
            target=self._keep, name=f"bus-{settings.cloud}", daemon=True
        )

    def start(self) -> None:
        """Begin to listen; returns at once, whether the broker is there or not.

        :raises BusSetupError: the settings cannot be used.
        """
        noise.quiet()
        self._lookout = Lookout(self._settings, open_line(self._settings, self._conf))
        for topic in self._settings.shared_topics:
            LOG.warning(
                "The bus of the %s cloud is read by its default topic %s and without a pool: "
                "other consumers of it lose what ephyrad takes. Give ephyrad a pool or a topic.",
                self._settings.cloud,
                topic,
            )
        self._thread.start()

    def stop(self) -> None:
        """End after the batch that is being stored; takes 5 s at most when the broker is away."""
        self._stop.set()
        self._intake.close()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        self._become(Condition.STOPPED, None)

    def status(self) -> BusStatus:
        """How it fares, by the last look."""
        with self._lock:
            status = self._status
        counts = self._intake.counts
        return replace(
            status,
            last_message_at=counts.last_message_at,
            stored=counts.stored,
            ignored=counts.ignored,
            refused=counts.refused,
            store_failures=counts.store_failures,
        )

    def healthy(self) -> bool:
        """True while it listens, even if nothing is heard."""
        return self.status().condition in HEALTHY

    def _keep(self) -> None:
        """The life of the thread."""
        while not self._stop.is_set():
            try:
                self.tend()
            except Exception:  # this thread must outlive whatever a broker does
                LOG.exception("Tending the bus of the %s cloud failed", self._settings.cloud)
            self._stop.wait(self._settings.look_seconds)
        running, self._running = self._running, None
        if running is not None:
            hang_up(running.server, running.line)
        if self._lookout is not None:
            self._lookout.close()

    def tend(self) -> None:
        """Look once at the broker, and do what is needed; the thread does so again and again."""
        if self._lookout is None:
            return
        look = self._lookout.look()
        now = self._clock()
        with self._lock:
            self._status = replace(
                self._status,
                looked_at=now,
                backlog=None if look.trouble else look.backlog,
            )
        if self._running is None:
            self._connect(look)
            return
        verdict = self._judge(self._running, look, now)
        self._running.watch = verdict.watch
        self._become(verdict.condition, verdict.cause)
        if verdict.condition is Condition.STALLED:
            self._rebuild(self._running)

    def _judge(self, running: _Running, look: Look, now: datetime) -> Verdict:
        counts = running.intake.counts
        patience = timedelta(seconds=self._settings.stall_seconds)
        storing = counts.failing_since is not None or (
            counts.storing_since is not None and now - counts.storing_since >= patience
        )
        taken = counts.stored + counts.ignored + counts.refused
        return judge(self._settings, now, look, running.watch, taken=taken, storing=storing)

    def _connect(self, look: Look) -> None:
        """Build the server if the broker answers."""
        if look.trouble:
            self._become(Condition.DOWN, look.trouble)
            return
        line = open_line(self._settings, self._conf)
        intake = Intake(self._settings.cloud, self._store, self._clock, self._intake.counts)
        self._intake = intake
        if self._stop.is_set():
            intake.close()
        try:
            server = listen(self._settings, line, intake)
        except Exception as error:  # noqa: BLE001  whatever it is, there will be another try
            hang_up(None, line)
            self._become(Condition.DOWN, in_words(error))
            return
        now = self._clock()
        counts = intake.counts
        taken = counts.stored + counts.ignored + counts.refused
        self._running = _Running(line, server, intake, Watch(taken, now, now))
        self._become(Condition.LISTENING, None)

    def _rebuild(self, running: _Running) -> None:
        """Give the stalled server up and build another; the old one may need long to end."""
        running.intake.close()
        self._running = None
        threading.Thread(
            target=hang_up,
            args=(running.server, running.line),
            name=f"bus-{self._settings.cloud}-ending",
            daemon=True,
        ).start()
        with self._lock:
            self._status = replace(self._status, rebuilds=self._status.rebuilds + 1)
        self._connect(Look(None))

    def _become(self, condition: Condition, cause: str | None) -> None:
        now = self._clock()
        with self._lock:
            before = self._status
            connected = condition in HEALTHY or condition is Condition.NOT_STORING
            self._status = replace(
                before,
                condition=condition,
                since=before.since if condition is before.condition else now,
                cause=cause,
                connected_since=(before.connected_since or now) if connected else None,
            )
            since = self._status.since
        if condition is self._announced:
            return
        settling = now - since < timedelta(seconds=SETTLE_LOOKS * self._settings.look_seconds)
        if condition in HEALTHY and self._announced in TROUBLES and settling:
            return  # a bus that comes and goes is not announced each time
        self._announce(condition, cause)
        self._announced = condition

    def _announce(self, condition: Condition, cause: str | None) -> None:
        """Say once what has changed."""
        cloud = self._settings.cloud
        match condition:
            case Condition.DOWN:
                LOG.warning(
                    "The bus of the %s cloud is down (%s). Its nodes are followed by the sweep "
                    "alone, which is slower, until it is back.",
                    cloud,
                    cause,
                )
            case Condition.STALLED:
                LOG.warning(
                    "The listener of the %s cloud's bus has stalled (%s) and is rebuilt.",
                    cloud,
                    cause,
                )
            case Condition.SILENT:
                LOG.warning(
                    "Nothing was heard from the bus of the %s cloud for %d s. That may be right; "
                    "if not, see that its services send notifications to %s.",
                    cloud,
                    self._settings.silence_seconds,
                    ", ".join(f"{exchange}/{topic}" for exchange, topic in self._settings.feeds),
                )
            case Condition.LISTENING if self._announced is Condition.STARTING:
                LOG.info("Listening to the bus of the %s cloud.", cloud)
            case Condition.LISTENING:
                LOG.warning("The bus of the %s cloud is heard again.", cloud)
            case Condition.NOT_STORING | Condition.STARTING | Condition.STOPPED:
                pass

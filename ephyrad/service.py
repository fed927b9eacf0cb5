# SPDX-License-Identifier: Apache-2.0
"""The process: everything put together, started, told what goes on, and stopped."""

import logging
import signal
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from queue import Empty, SimpleQueue
from types import FrameType
from typing import NoReturn

import sdnotify
from oslo_config import cfg

import ephyrad
from ephyrad.api.keystone import Keystone
from ephyrad.api.server import ApiServer
from ephyrad.api.tls import CertificateError
from ephyrad.bus import noise
from ephyrad.bus.collector import Collector
from ephyrad.bus.listener import Listener
from ephyrad.bus.queue import Queue
from ephyrad.bus.queues import find_queues
from ephyrad.bus.sender import Sender
from ephyrad.bus.settings import BusSettings
from ephyrad.clouds.connect import Services, connect
from ephyrad.clouds.environment.gateway import OpenStackEnvironment
from ephyrad.clouds.gateway import OpenStackCloud
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.settings import CloudSettings
from ephyrad.clouds.trials import TrialCloud, Trials
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.policy import OsloPolicy
from ephyrad.conf.settings import Settings
from ephyrad.engine.announcer import Announcer
from ephyrad.engine.answers import BusAnswer
from ephyrad.engine.engine import Engine, Tuning, utc_now
from ephyrad.engine.environment.engine import EnvironmentEngine, EnvironmentTuning
from ephyrad.engine.environment.look import Environments
from ephyrad.engine.look import Secrets
from ephyrad.engine.operations import EngineOperations
from ephyrad.engine.perform import Clouds
from ephyrad.engine.reclaim_answers import MailboxAnswer
from ephyrad.engine.rollout.kinds import gate_runner
from ephyrad.engine.told import Told
from ephyrad.journal.database import FILE_NAME
from ephyrad.journal.errors import JournalError
from ephyrad.journal.journal import Journal
from ephyrad.journal.lock import StateLock
from ephyrad.metrics.metrics import Metrics
from ephyrad.migration.facts import CloudName
from ephyrad.secrets.credentials import Credentials
from ephyrad.secrets.keys import KeyRing

LOG = logging.getLogger(__name__)

_TICK = 1.0
"""Seconds between two looks at whether the process is to be called healthy."""

_STOPS = (signal.SIGTERM, signal.SIGINT)

Reread = Callable[[Settings], Settings]


class Service:
    """One ephyrad. `reread` reads the configuration again, on SIGHUP."""

    def __init__(self, conf: cfg.ConfigOpts, settings: Settings, reread: Reread) -> None:
        self._conf = conf
        self._settings = settings
        self._reread = reread
        # A signal's handler runs in the midst of what the main thread does, which may have the lock
        # of an Event just then; to put something here is safe at any moment.
        self._signals: SimpleQueue[int] = SimpleQueue()
        self._systemd = sdnotify.SystemdNotifier()
        self._metrics = Metrics()
        self._collector: Collector | None = None
        self._announcer: Announcer | None = None

    def run(self) -> None:
        """Run until SIGTERM or SIGINT, then return with a clean journal.

        :raises CloudSetupError: a cloud cannot be used as configured.
        :raises JournalError: the state directory or the journal cannot be used.
        :raises SecretsError: the key file or the credentials file cannot be used.
        """
        self._catch(signal.SIGHUP)
        for number in _STOPS:
            signal.signal(number, _leave)
        noise.quiet(noise.KEYSTONE)
        with ExitStack() as stack:
            self._settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            stack.enter_context(StateLock(self._settings.state_dir))
            engine = self._engine(stack)
            listeners = self._listeners(engine)
            hearing = _hearing(listeners)
            operations = EngineOperations(
                engine, hearing, ephyrad.__version__, queues=self._queues, mailbox=self._of_mailbox
            )
            self._announcer = self._announcing(engine)
            self._metrics.observe(
                *(engine, hearing, operations.rollouts, ephyrad.__version__),
                mailbox=self._of_mailbox,
                announcer=self._announcer,
            )
            self._collector = self._collects(operations)
            policy = OsloPolicy.of(self._conf)
            keystone = self._keystone()
            api = ApiServer(self._settings.api, operations, self._metrics.text, policy, keystone)
            if self._announcer is not None:
                # It stops last; what it does not get to is sent after the next start.
                self._announcer.start()
                stack.callback(self._announcer.stop)
            # In this order they stop: nobody asks, nothing is heard, nothing is begun.
            engine.start()
            stack.callback(engine.stop)
            for listener in listeners.values():
                listener.start()
                stack.callback(listener.stop)
            if self._collector is not None:
                self._collector.start()
                stack.callback(self._collector.stop)
            api.start()
            stack.callback(api.stop)
            self._watch(engine, api)
        LOG.info("stopped; the journal is clean")

    def _engine(self, stack: ExitStack) -> Engine:
        settings = self._settings
        both = [(each, connect(each)) for each in (settings.old_cloud, settings.new_cloud)]
        clouds = Clouds(*(OpenStackCloud(each, services=services) for each, services in both))
        for cloud in (clouds.old, clouds.new):
            # One that cannot be asked yet is checked and named by its first sweep.
            with suppress(CloudReadError):
                cloud.check()
        # From here on there is something to end in order.
        self._catch(*_STOPS)
        self._tell_a_loss()
        journal = Journal.open(settings.state_dir, KeyRing.open(settings.journal.key_file))
        stack.callback(journal.close)
        engine = Engine(
            journal,
            clouds,
            self._secrets(),
            tuning=self._tuning,
            workers=settings.workers,
            environment=EnvironmentEngine(
                journal.environment,
                Environments(*(OpenStackEnvironment(*each) for each in both)),
                clouds,
                tuning=self._environment_tuning,
                workers=settings.environment.workers,
                clock=utc_now,
                tell=self._tell,
            ),
            gates=gate_runner(
                clouds,
                _trials(both),
                _identity(settings),
                told=lambda _run: engine.rollouts.wake(),
            ),
            tell=self._tell,
        )
        return engine

    def _announcing(self, engine: Engine) -> Announcer | None:
        """Return what sends ephyrad's own notifications, None where none are sent."""
        settings = self._settings.notifications
        if settings is None:
            engine.journal.announced.forget()
            return None
        return Announcer(engine.journal.announced, Sender(settings, self._conf))

    def _tell(self, told: Told) -> None:
        self._metrics.tell(told)
        if self._announcer is not None:
            self._announcer.tell(told)

    def _tell_a_loss(self) -> None:
        """Say that there was a journal: its key is there, which is made with the first one."""
        journal, key = self._settings.state_dir / FILE_NAME, self._settings.journal.key_file
        if key.exists() and not journal.exists():
            LOG.warning(
                "there is a key file, %s, but no journal %s: if it was lost, stop ephyrad and"
                " `ephyra restore` a backup; it starts with an empty one, and knows of no node",
                key,
                journal,
            )

    def _secrets(self) -> Secrets:
        path = self._settings.credentials_file
        return Credentials(path).for_node if path else lambda _uuid, _name: {}

    def _tuning(self) -> Tuning:
        settings = self._settings
        return Tuning(
            policy=settings.policy,
            max_in_flight=settings.max_in_flight,
            sweep_interval=settings.sweep_interval.total_seconds(),
            keep_notifications=settings.journal.retention,
            reclaim=settings.reclaim,
        )

    def _environment_tuning(self) -> EnvironmentTuning:
        settings = self._settings.environment
        return EnvironmentTuning(
            policy=settings.policy,
            # One worker is left for what takes no time.
            uploads=max(settings.workers - 1, 1),
            sweep_interval=settings.sweep_interval.total_seconds(),
            rules=settings.rules,
        )

    def _keystone(self) -> Keystone | None:
        """Return what says who asks over TCP, where the new cloud's Keystone does."""
        tcp = self._settings.api.tcp
        if tcp is None or tcp.http_basic is not None:
            return None
        # Only who needs it pays for it, in time and memory.
        from ephyrad.conf.keystone import token_middleware  # noqa: PLC0415

        return Keystone(token_middleware(self._conf))

    def _listeners(self, engine: Engine) -> dict[CloudName, Listener]:
        buses: dict[CloudName, BusSettings | None] = {
            CloudName.OLD: self._settings.old_bus,
            CloudName.NEW: self._settings.new_bus,
        }
        return {
            name: Listener(bus, engine.receive, utc_now, self._conf)
            for name, bus in buses.items()
            if bus is not None
        }

    def _collects(self, operations: EngineOperations) -> Collector | None:
        mailbox = self._settings.mailbox
        if mailbox is None:
            return None
        return Collector(mailbox, operations.reclaims.deliver, utc_now, self._conf)

    def _of_mailbox(self) -> MailboxAnswer | None:
        if self._collector is None:
            return None
        status = self._collector.status()
        return MailboxAnswer(
            words=str(status.condition) + (f" ({status.cause})" if status.cause else ""),
            condition=status.condition,
            last=status.last_message_at,
            taken=status.taken,
            dead=status.dead,
            waiting=status.waiting,
        )

    def _queues(self, name: CloudName) -> Sequence[Queue]:
        """Look for ephyrad's own queues on a cloud's broker."""
        buses = {CloudName.OLD: self._settings.old_bus, CloudName.NEW: self._settings.new_bus}
        bus = buses[name]
        if bus is None or not bus.own_queues:
            return ()
        return find_queues(bus, self._conf)

    def _watch(self, engine: Engine, api: ApiServer) -> None:
        """Tell systemd that the process is ready and well, until it is told to stop."""
        LOG.info("ready: %d migrations are not over", len(engine.unfinished()))
        self._systemd.notify("READY=1")
        told = None
        while (asked := self._next_signal()) not in _STOPS:
            # Where it could not be written, this is the try that finds that it can be again.
            engine.journal.can_write()
            if engine.journal.trouble != told:
                told = engine.journal.trouble
                self._systemd.notify(f"STATUS={told or 'the journal can be written again'}")
            if engine.journal.failed:
                # Only opening it anew tells what of it is durable.
                raise JournalError(engine.journal.trouble)
            if asked == signal.SIGHUP:
                self._renew(engine, api)
            if engine.alive():
                self._systemd.notify("WATCHDOG=1")
        self._systemd.notify("STOPPING=1")
        LOG.info("stopping: the effects under way are ended first")

    def _renew(self, engine: Engine, api: ApiServer) -> None:
        self._systemd.notify(f"RELOADING=1\nMONOTONIC_USEC={_monotonic_usec()}")
        trouble = ""
        try:
            self._settings = self._reread(self._settings)
            engine.retuned()
            api.renew(self._settings.api)
        except (ConfigurationError, CertificateError) as error:
            trouble = str(error)
        except Exception:  # nodes are under way: nothing in a file may end that
            LOG.exception("reading the configuration again failed by an error of ephyrad's own")
            trouble = "see the error above"
        if trouble:
            LOG.warning("%s; the configuration stays as it was", trouble)
        else:
            LOG.info("configuration read again")
        self._systemd.notify("READY=1")

    def _catch(self, *numbers: signal.Signals) -> None:
        for number in numbers:
            signal.signal(number, lambda caught, _frame: self._signals.put(caught))

    def _next_signal(self) -> int | None:
        """Return a signal that came; None where none does within a tick."""
        with suppress(Empty):
            return self._signals.get(timeout=_TICK)
        return None


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    """End at once: a cloud that does not answer may keep the start waiting for minutes."""
    raise SystemExit(0)


def _trials(both: Iterable[tuple[CloudSettings, Services]]) -> dict[CloudName, TrialCloud]:
    return {
        settings.name: Trials(services.nova, settings.page_size)
        for settings, services in both
        if services.nova is not None
    }


def _identity(settings: Settings) -> str:
    """Return what tells this ephyrad from all others, and is the same after a restart."""
    return f"{socket.gethostname()}:{settings.state_dir}"


def _hearing(listeners: dict[CloudName, Listener]) -> Callable[[CloudName], BusAnswer]:
    def hearing(name: CloudName) -> BusAnswer:
        listener = listeners.get(name)
        if listener is None:
            return BusAnswer("not listened to (no transport_url)", None, 0, None)
        status = listener.status()
        words = str(status.condition) + (f" ({status.cause})" if status.cause else "")
        return BusAnswer(
            words, status.last_message_at, status.stored, status.condition, status.backlog
        )

    return hearing


def _monotonic_usec() -> int:
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000

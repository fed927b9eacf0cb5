# SPDX-License-Identifier: Apache-2.0
"""A cloud's broker: its transport, the server that listens, and a look from outside.

oslo.messaging tells nobody whether a listener is connected, and reconnects for ever by itself;
so a connection of our own, by kombu, asks the broker about the queues that are read.
"""

import contextlib
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import oslo_messaging
from kombu.connection import Connection
from oslo_messaging.notify.listener import BatchNotificationServer

from ephyrad.bus.delivery import take_over
from ephyrad.bus.health import Look
from ephyrad.bus.intake import Intake
from ephyrad.bus.settings import BusSettings, BusSetupError
from ephyrad.migration.facts import CloudName

LOG = logging.getLogger(__name__)

# How long a batch may wait for company: it bounds the delay of a message that comes alone.
BATCH_SECONDS = 0.05
# How long our own connection waits for the broker, for each step.
ANSWER_SECONDS = 5.0
NOT_FOUND = 404  # AMQP's reply codes
PRECONDITION_FAILED = 406
# Added to the transport URL's query unless it stands there: oslo.messaging's own 30 s between two
# tries to connect, and 60 s until a dead connection is noticed, are long beside the second in
# which ephyrad wants to act.
RABBIT_DEFAULTS = {"rabbit_interval_max": "5", "heartbeat_timeout_threshold": "20"}


@dataclass(frozen=True, slots=True)
class Line:
    """The way to one cloud's broker: the parsed transport URL and oslo.messaging's transport."""

    url: Any
    transport: Any

    @property
    def is_rabbit(self) -> bool:
        """False for oslo.messaging's in-memory driver, which has no broker to look at."""
        return str(self.url.transport).split("+")[0] in {"rabbit", "kombu"}


def open_line(settings: BusSettings, conf: Any) -> Line:
    """Make the cloud's transport; nothing is connected yet.

    `conf`: the oslo.config options on which oslo.messaging registers its own. What
    `[oslo_messaging_rabbit]` says there holds where the transport URL's query says nothing
    (checked with oslo.messaging 18.3).

    :raises BusSetupError: the settings cannot be used.
    """
    where = f"The bus of the {settings.cloud} cloud"
    if not settings.feeds:
        raise BusSetupError(f"{where} has no topic to listen to; name one")
    defaults = RABBIT_DEFAULTS | {"rabbit_qos_prefetch_count": str(settings.prefetch)}
    return open_url(where, settings.transport_url, conf, defaults)


def open_url(where: str, transport_url: str, conf: Any, defaults: Mapping[str, str]) -> Line:
    """Make the transport of a URL. `defaults` hold where neither its query nor a driver but
    RabbitMQ's says otherwise; `where` says what it is of.

    :raises BusSetupError: the URL cannot be used.
    """
    cure = "it reads rabbit://USER:PASSWORD@HOST:PORT/VHOST?OPTION=VALUE"
    try:
        url = oslo_messaging.TransportURL.parse(conf, transport_url)
    except Exception:  # noqa: BLE001  its text may repeat a part of the password
        raise BusSetupError(f"{where}: its transport_url cannot be read; {cure}") from None
    if Line(url, None).is_rabbit:
        for option, value in defaults.items():
            url.query.setdefault(option, value)
    try:
        return Line(url, oslo_messaging.get_notification_transport(conf, url=url))
    except Exception as error:
        raise BusSetupError(
            f"{where}: its transport_url cannot be used ({error}); {cure}, with options of "
            "[oslo_messaging_rabbit]"
        ) from error


class Server(BatchNotificationServer):  # type: ignore[misc]
    """oslo.messaging's server, which is handed messages that are read already."""

    def __init__(self, *args: Any, cloud: CloudName, **kwargs: Any) -> None:
        """Take what oslo.messaging's own takes, and the cloud whose bus it is."""
        super().__init__(*args, **kwargs)
        self._cloud = cloud

    def _create_listener(self) -> Any:
        listener = super()._create_listener()
        take_over(listener, self._cloud)
        return listener


def listen(settings: BusSettings, line: Line, intake: Intake) -> Any:
    """Connect, declare and bind the queues, and let the messages come to the intake.

    Blocks while the broker is away. Returns oslo.messaging's server.
    """
    targets = [
        oslo_messaging.Target(exchange=exchange, topic=topic) for exchange, topic in settings.feeds
    ]
    server = Server(
        line.transport,
        targets,
        intake,
        cloud=settings.cloud,
        allow_requeue=True,
        pool=settings.pool,
        # Half of what the broker hands out: the next half arrives while this one is stored.
        batch_size=max(1, settings.prefetch // 2),
        batch_timeout=BATCH_SECONDS,
    )
    # One worker thread: more would reorder the messages.
    server.start(override_pool_size=1)
    return server


def in_words(error: Exception) -> str:
    """Say why a bus cannot be used, with the cure where it is known."""
    text = f"{type(error).__name__}: {error}"
    if "inequivalent arg 'durable'" in text or "inequivalent arg 'x-queue-type'" in text:
        text += (
            "; the cloud's services declare it otherwise: put their amqp_durable_queues or "
            "rabbit_quorum_queue into the query of the transport_url"
        )
    return text


def hang_up(server: Any, line: Line) -> None:
    """Stop a server and close its connections; may block while the broker is away."""
    try:
        if server is not None:
            server.stop()
            server.wait()
        line.transport.cleanup()
    except Exception:  # the broker forgets a connection that is gone
        LOG.debug("A listener did not close cleanly", exc_info=True)


class Lookout:
    """Looks at the queues that are read, through a connection of its own, which it keeps."""

    def __init__(self, settings: BusSettings, line: Line) -> None:
        """Nothing is connected before the first look."""
        self._settings = settings
        self._line = line
        self._connection: Any = None

    def look(self) -> Look:
        """Ask the broker about the queues; never raises."""
        if not self._line.is_rabbit:
            return Look(None, 0, 1)
        try:
            if self._connection is None:
                self._connection = connect(self._line)
            return _ask(self._connection, self._settings.queues)
        except Exception as error:  # noqa: BLE001  whatever it is, the broker did not answer
            self.close()
            return Look(in_words(error))

    def close(self) -> None:
        """Drop the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.release()


def connect(
    line: Line,
    name: str = "ephyrad looks at its queues",
    *,
    heartbeat: float = 0,
    **options: Any,
) -> Any:
    """Connect to the first broker of the transport URL that answers; it shows the name.

    `options` are of amqp's connection.

    :raises OSError: none answers; other errors of kombu and amqp, such as refused credentials.
    """
    trouble: Exception = OSError("its transport_url names no host")
    for host in line.url.hosts:
        connection = _connection(line, host, name, heartbeat, options)
        try:
            connection.connect()
        except Exception as error:  # noqa: BLE001  the next host may do
            trouble = error
            with contextlib.suppress(Exception):
                connection.release()
        else:
            return connection
    raise trouble


def _connection(line: Line, host: Any, name: str, heartbeat: float, more: Mapping[str, Any]) -> Any:
    options = line.transport.conf.oslo_messaging_rabbit
    return Connection(  # type: ignore[no-untyped-call]
        hostname=host.hostname,
        port=host.port or 5672,
        userid=host.username,
        password=host.password,
        virtual_host=unquote(line.url.virtual_host or "") or "/",
        login_method=options.rabbit_login_method,
        ssl=_ssl(options, host.hostname),
        connect_timeout=ANSWER_SECONDS,
        heartbeat=heartbeat,
        transport_options={
            "read_timeout": ANSWER_SECONDS,
            "write_timeout": ANSWER_SECONDS,
            "client_properties": {"connection_name": name},
            **more,
        },
    )


def _ssl(options: Any, hostname: str) -> dict[str, Any] | bool:
    """The same trust as oslo.messaging's own connection has."""
    if not options.ssl:
        return False
    files = {
        "keyfile": options.ssl_key_file,
        "certfile": options.ssl_cert_file,
        "ca_certs": options.ssl_ca_file,
    }
    params: dict[str, Any] = {key: value for key, value in files.items() if value}
    if options.ssl_ca_file:
        params |= {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": hostname}
    return params or True


def _ask(connection: Any, queues: tuple[str, ...]) -> Look:
    backlog = 0
    consumers: list[int] = []
    for queue in queues:
        channel = connection.channel()
        try:
            answer = channel.queue_declare(queue=queue, passive=True)
        except connection.channel_errors as error:  # the broker has closed the channel
            if getattr(error, "code", None) != NOT_FOUND:
                raise
            consumers.append(0)
            continue
        backlog += answer.message_count
        consumers.append(answer.consumer_count)
        channel.close()
    return Look(None, backlog, min(consumers))

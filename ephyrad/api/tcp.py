# SPDX-License-Identifier: Apache-2.0
"""Serves the API over TCP, with TLS, for who says who they are."""

import logging
import threading
from dataclasses import replace
from socket import socket
from typing import Any

from cheroot import wsgi
from cheroot.server import HTTPConnection

from ephyrad.api.gate import Gate, Identify, Wsgi
from ephyrad.api.http_basic import HttpBasic
from ephyrad.api.settings import TcpSettings
from ephyrad.api.tls import Tls, tls_context

LOG = logging.getLogger(__name__)

_STOP_SECONDS = 5
_LARGEST_HEADER = 16 << 10


class PortTakenError(Exception):
    """The port cannot be had; the message names it, the cause and the cure."""


class OverTcp:
    """Answers from :meth:`start` to :meth:`stop`."""

    def __init__(
        self, settings: TcpSettings, app: Wsgi, max_body: int, keystone: Identify | None
    ) -> None:
        """`keystone` says who asks, unless `settings` have users of their own.

        :raises CertificateError: the certificate cannot be used.
        """
        self._settings = settings
        self._basic = None if settings.http_basic is None else HttpBasic(settings.http_basic)
        identify = self._basic or keystone
        if identify is None:
            raise ValueError("nobody says who asks over TCP")
        self._server = _Server(settings, app, identify, max_body)
        self._thread = threading.Thread(target=self._server.serve, name="api-tcp", daemon=True)

    @property
    def port(self) -> int:
        """The port that is served, where any was wanted."""
        found: int = self._server.bind_addr[1]
        return found

    def start(self) -> None:
        """Take the port and serve it.

        :raises PortTakenError: it cannot be had.
        """
        settings = self._settings
        try:
            self._server.prepare()
        except OSError as error:
            cause = str(error).rpartition("] ")[2].rstrip(")")
            raise PortTakenError(
                f"[api] bind_host = {settings.host}, bind_port = {settings.port}: it cannot be"
                f" served ({cause}); stop what is there, or name another one"
            ) from error
        self._thread.start()
        LOG.info("API: serving https://%s:%d", settings.host, self.port)

    def renew(self, settings: TcpSettings) -> None:
        """Go on with the certificate and the roles that are there now.

        :raises CertificateError: the certificate cannot be used; all stays as it was.
        """
        self._server.renew(settings)
        if self._basic is not None and settings.http_basic is not None:
            roles = settings.http_basic.roles
            self._basic.settings = replace(self._basic.settings, roles=roles)

    def stop(self) -> None:
        """Answer what was asked, and take nothing new."""
        if self._thread.is_alive():
            self._server.stop()
            self._thread.join(_STOP_SECONDS)


class _Connection(HTTPConnection):
    begun = False
    """Whether anything came over it."""


class _Server(wsgi.Server):
    """cheroot, with limits for people that nobody knows yet."""

    ConnectionClass = _Connection

    def __init__(self, settings: TcpSettings, app: Wsgi, identify: Identify, max_body: int) -> None:
        """:raises CertificateError: the certificate cannot be used."""
        super().__init__(
            (settings.host, settings.port),
            Gate(app, identify, settings.metrics_public),
            numthreads=settings.threads,
            request_queue_size=settings.max_connections,
            shutdown_timeout=_STOP_SECONDS,
        )
        context = tls_context(settings.cert_file, settings.key_file)
        self.ssl_adapter = Tls(
            context, most=settings.max_connections, seconds=settings.request_seconds
        )
        self.max_request_header_size = _LARGEST_HEADER
        # A body that is a little too big is refused in the API's own words.
        self.max_request_body_size = 2 * max_body
        self.keep_alive_conn_limit = settings.max_connections
        # Seconds between two looks at whether to stop.
        self.expiration_interval = 0.1

    def renew(self, settings: TcpSettings) -> None:
        """Serve new connections with the certificate that is there now.

        :raises CertificateError: it cannot be used; the former one stays.
        """
        self.ssl_adapter.context = tls_context(settings.cert_file, settings.key_file)

    @staticmethod
    def bind_socket(socket_: socket, bind_addr: Any) -> socket:
        """Bind it; cheroot would leave it open where it cannot."""
        try:
            socket_.bind(bind_addr)
        except OSError:
            socket_.close()
            raise
        return socket_

    def process_conn(self, conn: Any) -> None:
        """Let a connection wait for its first byte without a thread."""
        if conn.begun:
            super().process_conn(conn)
        else:
            conn.begun = True
            self._connections.put(conn)  # type: ignore[attr-defined]

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        LOG.log(level, "API: %s", msg.strip(), exc_info=traceback)

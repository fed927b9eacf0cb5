# SPDX-License-Identifier: Apache-2.0
"""Serves the API on a unix socket, and over TCP where that is wanted, in threads of its own."""

import logging
import os
import socket
import stat
import threading
from contextlib import suppress
from pathlib import Path

import flask
from cheroot import wsgi

from ephyrad.api.app import create_app
from ephyrad.api.caller import Policy
from ephyrad.api.gate import Identify, Wsgi
from ephyrad.api.settings import ApiSettings
from ephyrad.api.tcp import OverTcp, PortTakenError
from ephyrad.api.watching import Scrape, no_metrics
from ephyrad.engine.port import Operations

LOG = logging.getLogger(__name__)

_STOP_SECONDS = 5


class SocketTakenError(Exception):
    """The socket or port cannot be had; the message names it, the cause and the cure."""


class ApiServer:
    """Answers operators from :meth:`start` to :meth:`stop`."""

    def __init__(
        self,
        settings: ApiSettings,
        operations: Operations,
        scrape: Scrape = no_metrics,
        policy: Policy | None = None,
        keystone: Identify | None = None,
    ) -> None:
        """`scrape` is asked for the metrics, `policy` who may do what: by default, its defaults.

        `keystone` says who asks over TCP, unless `settings` have users of their own.

        :raises CertificateError: the certificate for TCP cannot be used.
        """
        self._settings = settings
        app = create_app(
            operations,
            max_body=settings.max_body,
            names=settings.names,
            scrape=scrape,
            policy=policy,
        )
        self._server = _Server(settings, app)
        self._tcp = _over_tcp(settings, app, keystone)
        self._thread = threading.Thread(target=self._server.serve, name="api", daemon=True)

    def start(self) -> None:
        """Make the socket and serve it; requests are answered once this returns.

        :raises SocketTakenError: another ephyrad serves it, or it cannot be made.
        :raises PortTakenError: the port cannot be had.
        """
        try:
            self._server.prepare()
        except OSError as error:
            raise SocketTakenError(
                f"the socket {self._settings.socket} cannot be made: {error}"
            ) from error
        self._thread.start()
        LOG.info("API: serving %s", self._settings.socket)
        if self._tcp is not None:
            try:
                self._tcp.start()
            except PortTakenError:
                self.stop()
                raise

    @property
    def port(self) -> int | None:
        """The port of TCP that is served."""
        return None if self._tcp is None else self._tcp.port

    def renew(self, settings: ApiSettings) -> None:
        """Go on with the certificate and the roles that are there now.

        :raises CertificateError: the certificate cannot be used; all stays as it was.
        """
        if self._tcp is not None and settings.tcp is not None:
            self._tcp.renew(settings.tcp)

    def stop(self) -> None:
        """Answer what was asked, take nothing new, remove the socket."""
        if self._tcp is not None:
            self._tcp.stop()
        if self._thread.is_alive():
            self._server.stop()
            self._thread.join(_STOP_SECONDS)
            self._server.remove_socket()


class _Server(wsgi.Server):
    """cheroot, with a socket that is nobody else's to use or to remove."""

    def __init__(self, settings: ApiSettings, app: flask.Flask) -> None:
        super().__init__(
            str(settings.socket),
            app,
            numthreads=settings.threads,
            shutdown_timeout=_STOP_SECONDS,
            peercreds_enabled=True,
        )
        self._settings = settings
        self._inode: int | None = None
        self.max_request_header_size = 16 << 10
        # Seconds between two looks at whether to stop.
        self.expiration_interval = 0.1

    def bind_unix_socket(self, bind_addr: str) -> None:
        """Bind the socket; cheroot would remove a living daemon's and let everybody use ours."""
        path = Path(bind_addr)
        _remove_stale(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # On Linux a bound file has the mode that its socket had before.
        os.fchmod(self.socket.fileno(), stat.S_IRUSR | stat.S_IWUSR)
        try:
            self.socket.bind(bind_addr)
        except OSError:
            self.socket.close()
            raise
        self.bind_addr = bind_addr
        self._inode = path.stat().st_ino
        if self._settings.group is not None:
            os.chown(path, -1, self._settings.group)
            path.chmod(0o660)

    def remove_socket(self) -> None:
        """Remove the socket's file, unless somebody put another one there."""
        path = self._settings.socket
        with suppress(FileNotFoundError):
            if path.stat().st_ino == self._inode:
                path.unlink()

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        LOG.log(level, "API: %s", msg.strip(), exc_info=traceback)


def _over_tcp(settings: ApiSettings, app: Wsgi, keystone: Identify | None) -> OverTcp | None:
    if settings.tcp is None:
        return None
    return OverTcp(settings.tcp, app, settings.max_body, keystone)


def _remove_stale(path: Path) -> None:
    """Remove the socket of a dead daemon.

    :raises SocketTakenError: a process listens there, or what is there is no socket.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise SocketTakenError(f"{path} is there and is no socket: remove it or name another path")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.settimeout(1)
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except TimeoutError:
            pass
    raise SocketTakenError(
        f"another process serves {path}: stop that ephyrad, or give this one a state_dir of its own"
    )

# SPDX-License-Identifier: Apache-2.0
"""TLS for the API, and connections that cannot be held open by who is slow."""

import ssl
import time
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from socket import socket
from typing import Any

from cheroot import errors
from cheroot.makefile import MakeFile
from cheroot.ssl import Adapter

_HTTPS = {"wsgi.url_scheme": "https", "HTTPS": "on"}
_PLAIN = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    b"ephyrad speaks HTTPS here, not HTTP\n"
)


class CertificateError(Exception):
    """The certificate cannot be used; the message names the files, the cause and the cure."""


def tls_context(cert_file: Path, key_file: Path) -> ssl.SSLContext:
    """Return what serves TLS 1.2 and later with this certificate and key.

    :raises CertificateError: they cannot be read, or do not belong together.
    """
    for path in (cert_file, key_file):
        try:
            with path.open("rb"):
                pass
        except OSError as error:
            raise CertificateError(
                f"{path}: {error.strerror}; correct the path or make it readable for the user that"
                " ephyrad runs as"
            ) from error
    if key_file.stat().st_mode & 0o007:
        raise CertificateError(f"{key_file}: others may use this key: `chmod o= {key_file}`")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.sslsocket_class = HurriedSocket
    try:
        # A password cannot be asked for: nobody sits there.
        context.load_cert_chain(cert_file, key_file, password="")
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or str(error)
        raise CertificateError(
            f"certificate {cert_file} and key {key_file} cannot be used ({reason}): both must be"
            " PEM, the key without a password, and belong together"
        ) from error
    return context


class HurriedSocket(ssl.SSLSocket):
    """Ends a request that does not arrive in time, and an answer that is not taken in time.

    `seconds` is for all of one request or one answer, however many pieces it comes in. The
    handshake is part of the first request.
    """

    seconds = 30.0
    _sends: bool | None = None
    _since = 0.0

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        self._hurry(sends=False)
        return self._translated(lambda: ssl.SSLSocket.recv_into(self, buffer, nbytes, flags))

    def send(self, data: Any, flags: int = 0) -> int:
        self._hurry(sends=True)
        return self._translated(lambda: ssl.SSLSocket.send(self, data, flags))

    def _hurry(self, *, sends: bool) -> None:
        now = time.monotonic()
        if sends is not self._sends:
            self._sends, self._since = sends, now
        left = self._since + self.seconds - now
        if left <= 0:
            raise TimeoutError("timed out")
        self.settimeout(left)

    def _translated(self, call: Callable[[], int]) -> int:
        try:
            return call()
        except TimeoutError as error:
            raise TimeoutError("timed out") from error
        except ssl.SSLError as error:
            if error.reason == "HTTP_REQUEST":
                socket.send(self, _PLAIN)
            raise errors.FatalSSLAlert(*error.args) from error
        except ValueError as error:
            # The other side went away before there was any TLS.
            raise errors.FatalSSLAlert(*error.args) from error


class Tls(Adapter):
    """cheroot's way to TLS. The handshake is left to the thread that answers the request.

    cheroot's own adapter shakes hands where connections are accepted: one that says nothing keeps
    all others waiting.
    """

    def __init__(self, context: ssl.SSLContext, *, most: int, seconds: float) -> None:
        """At `most` so many connections are open; each request and answer has `seconds`."""
        self.context = context
        self._most = most
        self._seconds = seconds
        self._open: weakref.WeakSet[ssl.SSLSocket] = weakref.WeakSet()

    def bind(self, sock: socket) -> socket:
        return sock

    def wrap(self, sock: socket) -> tuple[socket, Mapping[str, str]]:
        if sum(1 for other in self._open if other.fileno() != -1) >= self._most:
            sock.close()
            raise errors.FatalSSLAlert(f"{self._most} connections are open, no more are taken on")
        try:
            tls = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        except (OSError, ValueError) as error:
            # Whoever it was is gone already.
            sock.close()
            raise errors.FatalSSLAlert(*error.args) from error
        if isinstance(tls, HurriedSocket):
            tls.seconds = self._seconds
        self._open.add(tls)
        return tls, _HTTPS

    def get_environ(self) -> Mapping[str, str]:
        return _HTTPS

    def makefile(self, sock: socket, mode: str = "r", bufsize: int = -1) -> Any:
        return MakeFile(sock, mode, bufsize)

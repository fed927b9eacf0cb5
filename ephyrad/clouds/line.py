# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 as REST services speak it, over connections that urllib3 makes.

urllib3 and http.client read an answer's headers as they would an e-mail's, and encode, check and
copy what was sent: that takes five times the CPU of what is done here (measured). What is read is
what RFC 9112 allows; where an answer is anything else, the connection is given up.
"""

import ssl
import weakref
from contextlib import suppress
from http.client import BadStatusLine, IncompleteRead
from socket import socket
from typing import Any

from urllib3 import HTTPConnectionPool
from urllib3 import exceptions as wire
from urllib3.util import is_connection_dropped

from ephyrad.clouds.errors import Answer

_AT_ONCE = 1 << 16
_LONGEST_HEAD = 1 << 16
"""Bytes that the status line and the headers of an answer may have, and a line about a chunk."""

_WITHOUT_BODY = (204, 304)


class Lines:
    """Connections to one service, each of them one thread's at a time, and kept for the next.

    There are as many as threads that ask at once. No request is ever repeated.
    """

    def __init__(self, pool: HTTPConnectionPool, connect: float, read: float) -> None:
        """`pool` makes the connections. The time-outs are seconds: to connect, for each part."""
        self._pool = pool
        self._connect = connect
        self._read = read
        self._idle: list[Any] = []
        weakref.finalize(self, _close, self._idle)

    def ask(self, request: bytes) -> Answer:
        """Send a whole request and return its answer.

        :raises urllib3.exceptions.HTTPError: there was none.
        :raises OSError: the connection broke.
        """
        connection = self._taken() or self._made()
        try:
            answer, goes_on = self._asked(connection.sock, request)
        except TimeoutError as error:
            connection.close()
            raise wire.ReadTimeoutError(self._pool, "", f"no answer in {self._read} s") from error
        except BaseException:
            connection.close()
            raise
        if goes_on:
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    def _taken(self) -> Any:
        """Return a connection that is open still, None where there is none."""
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                # The service may have closed it. What it says unasked is no answer.
                if not is_connection_dropped(connection):
                    return connection
                connection.close()
        return None

    def _made(self) -> Any:
        # With all that requests' session says of TLS, which only the pool knows.
        connection: Any = self._pool._new_conn()  # noqa: SLF001
        connection.timeout = self._connect
        try:
            connection.connect()
        except (ssl.SSLError, ssl.CertificateError) as error:
            connection.close()
            raise wire.SSLError(error) from error
        except TimeoutError as error:
            connection.close()
            raise wire.ReadTimeoutError(self._pool, "", "no TLS handshake in time") from error
        connection.sock.settimeout(self._read)
        return connection

    @staticmethod
    def _asked(line: socket, request: bytes) -> tuple[Answer, bool]:
        # A service may answer, and hang up, before it has read all.
        with suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(request)
        incoming = _Incoming(line)
        status, reason, headers, is_old = incoming.head()
        body, has_end = _body(incoming, status, headers)
        goes_on = has_end and not is_old and headers.get("connection", "").lower() != "close"
        answer = Answer(status, body, reason, headers.get("location", ""))
        return answer, goes_on and incoming.is_empty


def _close(connections: list[Any]) -> None:
    for connection in connections:
        connection.close()


class _Incoming:
    """What comes over a connection, cut where HTTP says."""

    def __init__(self, line: socket) -> None:
        self._line = line
        self._held = b""

    @property
    def is_empty(self) -> bool:
        """Whether all that came was read."""
        return not self._held

    def head(self) -> tuple[int, str, dict[str, str], bool]:
        """Return status, reason and headers, and whether it is HTTP/1.0."""
        while True:
            first, *fields = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
            version, _, rest = first.partition(" ")
            code, _, reason = rest.partition(" ")
            if version not in ("HTTP/1.1", "HTTP/1.0") or len(code) != 3 or not code.isdecimal():
                raise wire.ProtocolError("Connection aborted.", BadStatusLine(first[:100]))
            if code[0] != "1":
                break
        headers: dict[str, str] = {}
        for field in fields:
            name, _, value = field.partition(":")
            headers[name.lower()] = value.strip()
        return int(code), reason.strip(), headers, version == "HTTP/1.0"

    def until(self, end: bytes) -> bytes:
        """Return what comes before `end`."""
        held = self._held
        while (at := held.find(end)) < 0:
            if len(held) > _LONGEST_HEAD:
                raise wire.ProtocolError("Connection aborted.", BadStatusLine("no end of headers"))
            held += self._more()
        self._held = held[at + len(end) :]
        return held[:at]

    def exactly(self, count: int) -> bytes:
        """Return so many bytes."""
        parts, have = [self._held], len(self._held)
        while have < count:
            parts.append(self._more(count - have))
            have += len(parts[-1])
        held = b"".join(parts)
        self._held = held[count:]
        return held[:count]

    def rest(self) -> bytes:
        """Return all that comes until the connection ends."""
        parts = [self._held]
        while part := self._line.recv(_AT_ONCE):
            parts.append(part)
        self._held = b""
        return b"".join(parts)

    def _more(self, lacking: int | None = None) -> bytes:
        part = self._line.recv(_AT_ONCE)
        if not part:
            raise wire.ProtocolError("Connection broken", IncompleteRead(b"", lacking))
        return part


def _body(incoming: _Incoming, status: int, headers: dict[str, str]) -> tuple[bytes, bool]:
    """Return an answer's body, and whether it ends before the connection does."""
    if status in _WITHOUT_BODY:
        return b"", True
    if "transfer-encoding" in headers:
        if headers["transfer-encoding"].lower() != "chunked":
            raise wire.ProtocolError("Connection broken: an unknown transfer encoding")
        return b"".join(iter(lambda: _chunk(incoming), b"")), True
    length = headers.get("content-length")
    if length is None:
        return incoming.rest(), False
    if not length.isdecimal():
        raise wire.ProtocolError("Connection broken: a content length that is no number")
    return incoming.exactly(int(length)), True


def _chunk(incoming: _Incoming) -> bytes:
    """Return the next chunk of a body, nothing after the last one."""
    size = incoming.until(b"\r\n").split(b";", 1)[0].strip()
    try:
        count = int(size, 16)
    except ValueError:
        count = -1
    if count < 0:
        raise wire.ProtocolError("Connection broken: a chunk without its size")
    if count:
        chunk = incoming.exactly(count)
        if incoming.until(b"\r\n"):
            raise wire.ProtocolError("Connection broken: a chunk that does not end")
        return chunk
    # What may follow are headers.
    while incoming.until(b"\r\n"):
        pass
    return b""

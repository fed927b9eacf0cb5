# SPDX-License-Identifier: Apache-2.0
"""How the daemon is reached: over its unix socket, or over TCP with TLS."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from ephyrad.cli.errors import CommandError, ExitStatus


class Line(Protocol):
    """A way to the daemon."""

    @property
    def place(self) -> str:
        """What is asked, as an operator knows it: a path, or a URL."""
        ...

    @property
    def prefix(self) -> str:
        """What stands before each path."""
        ...

    @property
    def cure(self) -> str:
        """How another place is named."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """What each request says of who asks."""
        ...

    def connection(self, seconds: float) -> http.client.HTTPConnection: ...

    def unreachable(self, error: Exception) -> str | None:
        """Return why it cannot be reached, None where that needs no words of its own."""
        ...


@dataclass(frozen=True, slots=True)
class UnixLine:
    """The socket at `place`, whose mode says who may use it."""

    place: str
    prefix: str = ""
    cure: str = "name its socket with --socket"
    headers: Mapping[str, str] = field(default_factory=dict)

    def connection(self, seconds: float) -> http.client.HTTPConnection:
        return _UnixConnection(self.place, seconds)

    def unreachable(self, error: Exception) -> str | None:
        match error:
            case FileNotFoundError() | ConnectionRefusedError():
                return (
                    f"ephyrad is not running: nothing serves {self.place}; start it with"
                    " `systemctl start ephyrad`, or name its socket with --socket"
                )
            case PermissionError():
                return (
                    f"you may not use {self.place}: run this as the user of ephyrad or as root, or"
                    " as a member of the group that its option [api] socket_group names"
                )
            case _:
                return None


@dataclass(frozen=True, slots=True)
class HttpsLine:
    """`place` is a URL. `context` says which certificates are trusted; `headers` are secret.

    `ca_option` is the option that names the file of a CA.
    """

    place: str
    cure: str
    ca_option: str
    context: ssl.SSLContext = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @property
    def prefix(self) -> str:
        return urlsplit(self.place).path.rstrip("/")

    def connection(self, seconds: float) -> http.client.HTTPConnection:
        url = urlsplit(self.place)
        return http.client.HTTPSConnection(
            url.hostname or "", url.port, timeout=seconds, context=self.context
        )

    def unreachable(self, error: Exception) -> str | None:
        match error:
            case ssl.SSLCertVerificationError():
                return (
                    f"{self.place} is not trusted ({error.verify_message}): nothing was asked; name"
                    f" the file of its CA with {self.ca_option}"
                )
            case ssl.SSLError():
                return f"{self.place} does not speak TLS ({error.reason}); {self.cure}"
            case socket.gaierror():
                return f"{self.place}: there is no such host; {self.cure}"
            case ConnectionRefusedError():
                return f"nothing serves {self.place}: start ephyrad there, or {self.cure}"
            case _:
                return None


def https_line(
    url: str, headers: Mapping[str, str], context: ssl.SSLContext, *, cure: str, ca_option: str
) -> HttpsLine:
    """Return the way to a URL.

    :raises CommandError: it is no https URL.
    """
    parts = urlsplit(url)
    try:
        is_right = parts.scheme == "https" and parts.hostname and (parts.port or 1)
    except ValueError:
        is_right = False
    if not is_right:
        raise CommandError(
            ExitStatus.USAGE, f"{url!r} is no URL of ephyrad's API: it is https://HOST:PORT; {cure}"
        )
    return HttpsLine(url.rstrip("/"), cure, ca_option, context, headers)


def trusting(cafile: str | None) -> ssl.SSLContext:
    """Return what trusts the CA of a file, or those that the system trusts.

    :raises CommandError: the file cannot be read.
    """
    try:
        return ssl.create_default_context(cafile=cafile)
    except (OSError, ssl.SSLError) as error:
        raise CommandError(
            ExitStatus.USAGE, f"the CA's file {cafile} cannot be used: {error.strerror or error}"
        ) from error


class _UnixConnection(http.client.HTTPConnection):
    """HTTP to a unix socket."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

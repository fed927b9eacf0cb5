# SPDX-License-Identifier: Apache-2.0
"""One instant query over HTTP."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3 import exceptions as wire

import ephyrad

LONGEST_ANSWER = 4 * 1024 * 1024
"""Bytes: some ten thousand series, which no gate needs."""

_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, whatever it is."""

    status: int
    body: bytes


class QueryError(Exception):
    """There was no answer; the message names the server and the cause."""


class Prometheus:
    """Asks Prometheus servers. Any number of threads may call it.

    A server's certificate is verified by the certificates that the system trusts; SSL_CERT_FILE
    names others. No redirect is followed, no proxy used, and nothing asked a second time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self._clock = clock
        # With ssl's default context: certificates and names are checked.
        self._pool = PoolManager(num_pools=4, retries=False, headers=_headers())

    def ask(self, url: str, query: str, seconds: float) -> Answer:
        """Return the answer to an instant query, which is given so many seconds in all.

        :raises QueryError: there was none, or one that is too long, or the url is none.
        """
        where = _peer(url)
        end = self._clock() + seconds
        try:
            response = self._pool.request(
                "GET",
                f"{url.rstrip('/')}/api/v1/query",
                # A server that is asked to answer in time says what keeps it.
                fields={"query": query, "timeout": f"{max(seconds, 1.0):g}s"},
                timeout=Timeout(connect=seconds, read=seconds),
                redirect=False,
                preload_content=False,
            )
            with response:
                return Answer(response.status, self._body(response, where, end))
        except (wire.HTTPError, OSError, ValueError) as error:
            raise QueryError(f"{where}: {_cause(error)}") from error

    def _body(self, response: BaseHTTPResponse, where: str, end: float) -> bytes:
        body = b""
        # What is there, so that one who sends a byte a second is seen to take too long.
        while part := response.read1(_AT_ONCE, decode_content=True):
            body += part
            if len(body) > LONGEST_ANSWER:
                raise QueryError(
                    f"{where}: the answer is longer than {LONGEST_ANSWER >> 20} MiB: have the query"
                    " give fewer values"
                )
            if self._clock() > end:
                raise QueryError(f"{where}: the answer did not come in time")
        return body


def _headers() -> dict[str, str]:
    return {"Accept": "application/json", "User-Agent": f"ephyrad/{ephyrad.__version__}"}


def _peer(url: str) -> str:
    """Return what of a url tells where it leads, and nothing that may be a secret.

    :raises QueryError: it is no url of HTTP.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise QueryError(f"the gate's url is none: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise QueryError("the gate's url is none: give it as https://prometheus.example.org:9090")
    if parts.username or parts.password:
        raise QueryError(
            f"the gate's url has a user or password, which are not used: leave them out, and let"
            f" ephyrad ask {host} without any"
        )
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _cause(error: Exception) -> str:
    """Return an error in the words of who knows most about it."""
    match error:
        case wire.SSLError():
            return f"it is not trusted: {error}"
        # Which is a time-out as well, to urllib3.
        case wire.TimeoutError() if not isinstance(error, wire.NewConnectionError):
            return "no answer in time"
        case _:
            beneath = error.__cause__ or error.__context__
            known = beneath if isinstance(beneath, OSError) else error
            return getattr(known, "strerror", None) or str(error) or type(error).__name__

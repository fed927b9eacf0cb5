# SPDX-License-Identifier: Apache-2.0
"""Where the API is served, for whom, and how much it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class HttpBasicSettings:
    """The htpasswd file with the users, and the role of each that has one."""

    user_file: Path
    roles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TcpSettings:
    """Where it is served over TCP, with TLS always.

    `http_basic` is None where Keystone says who asks. Besides the `threads` that answer requests,
    `max_connections` may be open: more are not taken on. A request has `request_seconds` to arrive,
    and its answer as many to be taken.
    """

    host: str
    port: int
    cert_file: Path
    key_file: Path
    http_basic: HttpBasicSettings | None
    metrics_public: bool = False
    threads: int = 16
    max_connections: int = 200
    request_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The unix socket, and the group (gid) that may use it besides the user it runs as.

    `names`: those of proxies that open the socket for browsers, besides this machine's own.
    `threads` answer requests; each request's body may have `max_body` bytes: the UUIDs of some
    20,000 nodes. `tcp` is None where the socket is all that is served.
    """

    socket: Path
    group: int | None = None
    names: frozenset[str] = frozenset()
    threads: int = 4
    max_body: int = 1 << 20
    tcp: TcpSettings | None = None

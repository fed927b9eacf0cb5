# SPDX-License-Identifier: Apache-2.0
"""Where the API is served, for whom, and how much it takes."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The unix socket, and the group (gid) that may use it besides the user it runs as.

    `threads` answer requests; each request's body may have `max_body` bytes: the UUIDs of some
    20,000 nodes.
    """

    socket: Path
    group: int | None = None
    threads: int = 4
    max_body: int = 1 << 20

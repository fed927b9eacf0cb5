# SPDX-License-Identifier: Apache-2.0
"""What may go wrong with a call to a cloud's API, as its client sees it."""

import enum
import json
import select
import socket
from typing import Self

from ephyrad.testing.http.calls import Cut, Fault, Garbled, Instead, Silence
from ephyrad.testing.http.keystone import unauthorized
from ephyrad.testing.http.wire import Reply, html, reply

SECRET = "canary-tell-no-one"
"""A BMC password; errors about a request that has it repeat it."""


class Trouble(enum.Enum):
    """One thing that goes wrong."""

    LOCKED = "409, the node is locked"
    CONFLICT = "409, there is one already"
    BROKEN = "500"
    OVERLOADED = "503"
    REJECTED = "503, too many are cleaned"
    EXPIRED = "401, once"
    BANNED = "401, for ever"
    ASTRAY = "404 of a proxy"
    GONE = "404 of the service"
    SILENT_BEFORE = "time-out, nothing done"
    SILENT_AFTER = "time-out, done"
    GARBAGE = "done, and garbage answered"
    TRUNCATED = "done, and the answer broken off"
    RESET = "done, and the connection reset"
    MOVED_301 = "301 to another host"
    MOVED_302 = "302 to another host"
    MOVED_307 = "307 to another host"

    @property
    def is_done(self) -> bool:
        """Whether the service does what it was asked to."""
        return self in _DONE

    @property
    def times(self) -> int | None:
        """How often it happens, None for ever."""
        return None if self is Trouble.BANNED else 1


_DONE = frozenset({Trouble.SILENT_AFTER, Trouble.GARBAGE, Trouble.TRUNCATED, Trouble.RESET})
SILENT = frozenset({Trouble.SILENT_BEFORE, Trouble.SILENT_AFTER})
MOVED = {Trouble.MOVED_301: 301, Trouble.MOVED_302: 302, Trouble.MOVED_307: 307}


def fault_of(trouble: Trouble, node: str, elsewhere: str, quoted: str = "") -> Fault:
    """Return the fault of the server's.

    `elsewhere` is where redirects lead, `quoted` what errors quote of the request.
    """
    match trouble:
        case Trouble.LOCKED:
            words = f"Node {node} is locked by host c, please retry after the current operation"
            return _ironic(409, f"{words} is completed. {quoted}")
        case Trouble.CONFLICT:
            return _ironic(409, f"A node with UUID {node} already exists. {quoted}")
        case Trouble.BROKEN:
            return _ironic(500, f"Internal error about {{'redfish_password': '{quoted}'}}")
        case Trouble.OVERLOADED:
            return Instead(html(503, "Service Unavailable", "No server is available."))
        case Trouble.REJECTED:
            words = "Concurrent process limit for cleaning has been reached. Please try later."
            return _ironic(503, words)
        case Trouble.EXPIRED | Trouble.BANNED:
            return Instead(unauthorized())
        case Trouble.ASTRAY:
            return Instead(html(404, "Not Found", "The page is not here."))
        case Trouble.GONE:
            return _ironic(404, f"Node {node} could not be found.")
        case Trouble.SILENT_BEFORE:
            return Silence(done=False)
        case Trouble.SILENT_AFTER:
            return Silence(done=True)
        case Trouble.GARBAGE:
            return Garbled(b"\x00\xff{" + quoted.encode())
        case Trouble.TRUNCATED:
            return Cut(after=5)
        case Trouble.RESET:
            return Cut(after=None)
        case Trouble.MOVED_301 | Trouble.MOVED_302 | Trouble.MOVED_307:
            return Instead(Reply(MOVED[trouble], b"", {"Location": elsewhere}))


def _ironic(status: int, words: str) -> Instead:
    inner = json.dumps({"faultcode": "Client", "faultstring": words, "debuginfo": None})
    return Instead(reply({"error_message": inner}, status))


class Elsewhere:
    """Another host, which nobody may be led to."""

    def __init__(self) -> None:
        self._line = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._line.getsockname()[1]}/v1/nodes"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def was_visited(self) -> bool:
        """Say whether anybody came."""
        # Not select(), which knows of 1,024 files: a whole run of tests may have more open.
        visitors = select.poll()
        visitors.register(self._line, select.POLLIN)
        return bool(visitors.poll(0))

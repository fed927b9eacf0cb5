# SPDX-License-Identifier: Apache-2.0
"""Which call of which service a request is, and what may go wrong with it on purpose."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ephyrad.migration.facts import CloudName
from ephyrad.testing.http.wire import JSON, Reply


@dataclass(frozen=True, slots=True)
class Call:
    """A call; `service` is the type in the catalogue ("identity", "baremetal", ...), `route` the
    path with names in place of what varies: /v1/nodes/{ident}.
    """

    cloud: CloudName
    service: str
    method: str
    route: str

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.route}"


@dataclass(frozen=True, slots=True)
class Instead:
    """Nothing is done, and this is answered."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer comes, until the client gives up. With `done`, what was asked is done first."""

    done: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """It is done, and the connection breaks off after so many bytes of the answer's body, of which
    more were announced. None: it is reset before a word of the answer.
    """

    after: int | None


@dataclass(frozen=True, slots=True)
class Garbled:
    """It is done, and the answer's body is another one; an answer without one becomes a 200."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)


Fault = Instead | Silence | Cut | Garbled


class Faults:
    """What the next calls meet.

    `seen` is told of every call before it is done, `answered` of the status that a service answers
    it with, whether that arrives or not. All are called by the threads of the server.
    """

    def __init__(self) -> None:
        self.seen: Callable[[Call], None] | None = None
        self.answered: Callable[[Call, int], None] | None = None
        self._planned: list[tuple[Callable[[Call], bool], Fault, int | None]] = []
        self._lock = threading.Lock()

    def plan(self, which: Callable[[Call], bool], fault: Fault, times: int | None = 1) -> None:
        """Have the next `times` such calls, or all of them (None), meet this fault."""
        with self._lock:
            self._planned.append((which, fault, times))

    def clear(self) -> None:
        """Let the weather be fair."""
        with self._lock:
            self._planned.clear()

    def meet(self, call: Call) -> Fault | None:
        """Return what this call meets."""
        if self.seen is not None:
            self.seen(call)
        with self._lock:
            for at, (which, fault, left) in enumerate(self._planned):
                if left != 0 and which(call):
                    self._planned[at] = (which, fault, None if left is None else left - 1)
                    return fault
        return None

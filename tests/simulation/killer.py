# SPDX-License-Identifier: Apache-2.0
"""Kills a real daemon around each kind of change that it makes to clouds that are served over HTTP.

Three times each: before the call is carried out, after it without the reply, and at the next call,
when the reply is written down.
"""

import enum
import threading
from collections import Counter
from collections.abc import Callable

from ephyrad.migration.facts import CloudName
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.http.calls import Call, Faults, Instead
from ephyrad.testing.http.wire import Reply

Change = tuple[str, str]
"""A kind of change: the cloud and the call."""

_READS = frozenset({"GET", "HEAD"})


class Moment(enum.Enum):
    """When the daemon dies."""

    BEFORE = "before the call is carried out"
    AFTER = "after the call, without the reply"
    NEXT = "at the call after it, when the reply is written down"


class Killer:
    """`kill` is SIGKILL: when it returns, the daemon is dead. The server's threads call this."""

    def __init__(
        self,
        faults: Faults,
        new: SimulatedCloud,
        kill: Callable[[], None],
    ) -> None:
        self.kills: list[tuple[Change, Moment]] = []
        self._faults = faults
        self._new = new
        self._kill = kill
        self._made = Counter[tuple[Change, str]]()
        self._next: Change | None = None
        self._lock = threading.Lock()
        faults.seen = self._seen

    def _seen(self, call: Call) -> None:
        with self._lock:
            if self._next is not None:
                change, self._next = self._next, None
                self._strike(change, Moment.NEXT)
            elif call.service == "baremetal" and call.method not in _READS:
                self._changes(call)

    def _changes(self, call: Call) -> None:
        change = (str(call.cloud), str(call))
        # The call that manages a node is of the same kind as that which provides it.
        states = sorted({node.state for node in self._new.ironic.nodes.values()} - {"available"})
        kind = change, ", ".join(states) if call.cloud is CloudName.NEW else ""
        self._made[kind] += 1
        match self._made[kind]:
            case 1:
                self._faults.plan(lambda each: each is call, Instead(Reply(503)))
                self._strike(change, Moment.BEFORE)
            case 2:
                # The call goes on without the one who made it.
                self._strike(change, Moment.AFTER)
            case 3:
                self._next = change
            case _:
                pass

    def _strike(self, change: Change, moment: Moment) -> None:
        self.kills.append((change, moment))
        self._kill()

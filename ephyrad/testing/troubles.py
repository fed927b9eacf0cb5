# SPDX-License-Identifier: Apache-2.0
"""Troubles on the way to a cloud: what goes wrong with a call, on demand and counted down."""

from collections.abc import Callable
from dataclasses import dataclass

from ephyrad.migration.outcomes import Outcome, Unknown

TIMED_OUT = Unknown("Read timed out. (read timeout=60)")


@dataclass(frozen=True, slots=True)
class Answered:
    """The call changes nothing and is answered so."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ReplyLost:
    """The call does what it does, and its answer never arrives."""


@dataclass(frozen=True, slots=True)
class Late:
    """The call is given up after `patience` seconds, and done `seconds` after it was made.

    A service that waits for its conductor does so no longer than its RPC lives (60 s by default,
    oslo.messaging's rpc_response_timeout); a proxy before it may have less patience.
    """

    seconds: float
    patience: float = 60.0


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A read fails."""

    words: str = "HTTP 503: Service Unavailable"


Trouble = Answered | ReplyLost | Late | Unreadable


@dataclass(slots=True)
class _Planned:
    call: str
    trouble: Trouble
    left: int


class Troubles:
    """What the next calls of a cloud's port meet.

    `weather` is asked about calls for which nothing is planned: with the name of the port's method
    and whether it changes the cloud.
    """

    def __init__(self) -> None:
        self.weather: Callable[[str, bool], Trouble | None] | None = None
        self._planned: list[_Planned] = []

    def plan(self, call: str, trouble: Trouble, times: int = 1) -> None:
        """Have the next `times` calls of the port's method `call` meet this trouble."""
        self._planned.append(_Planned(call, trouble, times))

    def meet(self, call: str, *, changes: bool) -> Trouble | None:
        """Return what this call meets, None for fair weather."""
        for planned in self._planned:
            if planned.call == call and planned.left:
                planned.left -= 1
                return planned.trouble
        return self.weather(call, changes) if self.weather else None

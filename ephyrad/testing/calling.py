# SPDX-License-Identifier: Apache-2.0
"""The way of a call to a simulated cloud: the time that it takes, and what it meets on it."""

from collections.abc import Callable
from typing import TypeVar

from ephyrad.clouds.port import CloudReadError
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Outcome
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.troubles import TIMED_OUT, Answered, Late, ReplyLost, Troubles, Unreadable

T = TypeVar("T")


class Calling:
    """Makes the calls of a port.

    `troubles` says what goes wrong with them, `latency` how many seconds pass on the clock before
    and after what a call does.
    """

    def __init__(
        self,
        cloud: CloudName,
        clock: VirtualClock,
        troubles: Troubles,
        latency: Callable[[], tuple[float, float]],
    ) -> None:
        self._cloud = cloud
        self._clock = clock
        self._troubles = troubles
        self._latency = latency

    def read(self, call: str, read: Callable[[], T]) -> T:
        """Return what is read.

        :raises CloudReadError: it is to be unreadable.
        """
        before, after = self._latency()
        self._clock.advance(before)
        trouble = self._troubles.meet(call, changes=False)
        try:
            if isinstance(trouble, Unreadable):
                raise CloudReadError(f"the {self._cloud} cloud: {call}: {trouble.words}")
            return read()
        finally:
            self._clock.advance(after)

    def change(self, call: str, change: Callable[[], Outcome]) -> Outcome:
        """Return what becomes of a change."""
        before, after = self._latency()
        self._clock.advance(before)
        trouble = self._troubles.meet(call, changes=True)
        match trouble:
            case Answered(outcome):
                return outcome
            case Late(seconds, patience):
                self._clock.call_later(seconds, lambda: _ignore(change()))
                self._clock.advance(patience)
                return TIMED_OUT
        outcome = change()
        self._clock.advance(after)
        return TIMED_OUT if isinstance(trouble, ReplyLost) else outcome


def _ignore(_outcome: Outcome) -> None:
    """Tell nobody."""

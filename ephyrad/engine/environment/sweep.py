# SPDX-License-Identifier: Apache-2.0
"""The environment's sweep: the regular comparison of whole clouds, kind by kind."""

import logging
import threading
from collections.abc import Callable, Iterator

from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.environment.comparison import Comparer
from ephyrad.engine.environment.decided import Line
from ephyrad.engine.environment.standing import Standings
from ephyrad.environment.decide import Report, Rest, Wait
from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.environment.problems import Cause, Problem
from ephyrad.journal.environment import EnvironmentJournal

LOG = logging.getLogger(__name__)


class EnvironmentSweep:
    """Wakes each item that needs something, in the order in which kinds are carried."""

    def __init__(
        self,
        comparer: Comparer,
        standings: Standings,
        wake: Callable[[str], None],
        *,
        policy: Callable[[], EnvironmentPolicy],
        interval: Callable[[], float],
    ) -> None:
        """`interval` is in seconds."""
        self._comparer = comparer
        self._standings = standings
        self._wake = wake
        self._policy = policy
        self._interval = interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep-environment", daemon=True)

    def start(self) -> None:
        """Start its thread."""
        self._thread.start()

    def stop(self) -> None:
        """Start no more comparisons. One that is under way is left to end with the process."""
        self._stop.set()

    def sweep(self) -> None:
        """Compare every kind that is kept in step."""
        for kind in self._kinds():
            self._sweep(kind)

    def _kinds(self) -> Iterator[Kind]:
        for kind in Kind:
            if kind in self._policy().kept and not self._stop.is_set():
                yield kind

    def _sweep(self, kind: Kind) -> None:
        try:
            found = self._comparer.compare(kind, self._policy())
        except CloudReadError as error:
            trouble = str(error)
        else:
            self._standings.compared(kind, found.at, found.standings())
            for line in found.lines:
                if needs_a_turn(line, self._comparer.journal):
                    self._wake(str(line.item))
            return
        # Outside of the handler, where oslo.log would add the exception once more.
        if self._standings.failed(kind, trouble):
            LOG.warning("%ss cannot be compared: %s; trying again at every sweep", kind, trouble)

    def _run(self) -> None:
        while not self._stop.is_set():
            for kind in self._kinds():
                # What ephyrad stumbles over in one kind does not keep it from the others.
                try:
                    self._sweep(kind)
                except Exception:
                    trouble = "comparing them failed by an error of ephyrad's own: see its log"
                    self._standings.failed(kind, trouble)
                    LOG.exception("comparing %ss failed by an error of ephyrad's own", kind)
            self._stop.wait(self._interval())


def needs_a_turn(line: Line, journal: EnvironmentJournal) -> bool:
    """Return whether a comparison found something to do, or to write down.

    A wait was begun by a turn, which comes again by itself.
    """
    match line.step:
        case Rest() | Wait():
            return False
        case Report(Problem(Cause.UNREACHABLE)):
            # It comes again by itself, or waits for the cloud to show all.
            return False
        case Report(problem):
            return problem != journal.record(line.item).problem
        case _:
            return True

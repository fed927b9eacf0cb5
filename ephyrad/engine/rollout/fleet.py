# SPDX-License-Identifier: Apache-2.0
"""Both clouds as a rollout looks at them, read whole when what is known is too old."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from ephyrad.engine.perform import Clouds
from ephyrad.journal.journal import Journal
from ephyrad.migration.direction import Direction
from ephyrad.rollout.admission import RECENT, Look
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.standing import Fleet

_Listed = Mapping[str, Candidate]
_Seen = tuple[datetime, _Listed, _Listed]


class FleetReader:
    """Gives the fleet. To be read by one thread at a time; `look` and `last` are anybody's."""

    def __init__(self, journal: Journal, clouds: Clouds, clock: Callable[[], datetime]) -> None:
        self._journal = journal
        self._clouds = clouds
        self._clock = clock
        self._seen: _Seen | None = None
        self._look: Look | None = None
        self._wanted = False

    def another(self) -> "FleetReader":
        """Return one for another thread."""
        return FleetReader(self._journal, self._clouds, self._clock)

    def read(self, oldest: timedelta) -> tuple[Fleet, timedelta]:
        """Return the fleet, of which the clouds' part is no older than that, and how old it is.

        :raises CloudReadError: a cloud could not be read whole.
        """
        at = self._clock()
        seen = self._seen
        # One of the future is of before the clock was set back.
        if seen is None or self._wanted or not timedelta() <= at - seen[0] <= oldest:
            self._wanted = False
            old, new = self._clouds.old.candidates(), self._clouds.new.candidates()
            seen = self._seen = at, _by_uuid(old), _by_uuid(new)
            at = self._clock()
        return self._fleet(at, seen), at - seen[0]

    def look(self, direction: Direction) -> Look | None:
        """Return what was read last, None where nothing was yet.

        Where that is too old to take a node by, the next reading is a new one.
        """
        seen = self._seen
        if seen is None or not timedelta() <= self._clock() - seen[0] <= RECENT:
            self._wanted = True
        if seen is None:
            return None
        look = self._look
        leaving, entering = seen[1:] if direction is Direction.FORWARD else (seen[2], seen[1])
        # Its counts are made once, and last as long as the reading.
        if look is None or look.leaving is not leaving:
            look = self._look = Look(seen[0], leaving, entering)
        return look

    def last(self) -> Fleet:
        """Return the fleet as it was read last, without a cloud's node where it never was."""
        at = self._clock()
        return self._fleet(at, self._seen or (at, {}, {}))

    def _fleet(self, at: datetime, seen: _Seen) -> Fleet:
        migrations = {each.node: each for each in self._journal.migrations()}
        return Fleet(at, seen[1], seen[2], migrations)


def _by_uuid(nodes: Iterable[Candidate]) -> _Listed:
    return {each.uuid: each for each in nodes}

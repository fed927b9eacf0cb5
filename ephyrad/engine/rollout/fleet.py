# SPDX-License-Identifier: Apache-2.0
"""Both clouds as a rollout looks at them, read whole when what is known is too old."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from ephyrad.engine.perform import Clouds
from ephyrad.journal.journal import Journal
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.standing import Fleet

_Listed = Mapping[str, Candidate]
_Seen = tuple[datetime, _Listed, _Listed]


class FleetReader:
    """Gives the fleet. To be used by one thread at a time."""

    def __init__(self, journal: Journal, clouds: Clouds, clock: Callable[[], datetime]) -> None:
        self._journal = journal
        self._clouds = clouds
        self._clock = clock
        self._seen: _Seen | None = None

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
        if seen is None or not timedelta() <= at - seen[0] <= oldest:
            old, new = self._clouds.old.candidates(), self._clouds.new.candidates()
            seen = self._seen = at, _by_uuid(old), _by_uuid(new)
            at = self._clock()
        return self._fleet(at, seen), at - seen[0]

    def last(self) -> Fleet:
        """Return the fleet as it was read last, without a cloud's node where it never was."""
        at = self._clock()
        return self._fleet(at, self._seen or (at, {}, {}))

    def _fleet(self, at: datetime, seen: _Seen) -> Fleet:
        migrations = {each.node: each for each in self._journal.migrations()}
        return Fleet(at, seen[1], seen[2], migrations)


def _by_uuid(nodes: Iterable[Candidate]) -> _Listed:
    return {each.uuid: each for each in nodes}

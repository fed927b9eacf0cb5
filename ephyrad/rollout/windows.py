# SPDX-License-Identifier: Apache-2.0
"""When a rollout may begin with nodes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from ephyrad.rollout.declaration import Window

Zones = Callable[[str], tzinfo]
"""Gives the time zone of a name of the tz database."""

_DAY = timedelta(days=1)
_WEEK = 7


def is_open(windows: Sequence[Window], at: datetime, zones: Zones) -> bool:
    """Return whether nodes may be begun with at a time (UTC)."""
    if not windows:
        return True
    return any(start <= at < end for start, end in _spans(windows, at, zones))


def next_opening(windows: Sequence[Window], at: datetime, zones: Zones) -> datetime | None:
    """Return when the next window opens (UTC): `at` where one is open, None where none ever is."""
    if is_open(windows, at, zones):
        return at
    return min((start for start, _ in _spans(windows, at, zones) if start > at), default=None)


def _spans(
    windows: Sequence[Window], at: datetime, zones: Zones
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans (UTC) of all windows that begin from the day before to a week after."""
    for window in windows:
        zone = zones(window.zone)
        today = at.astimezone(zone).date()
        for ahead in range(-1, _WEEK + 1):
            day = today + ahead * _DAY
            if day.weekday() in window.days:
                last = day if window.end > window.start else day + _DAY
                start, end = _moment(day, window.start, zone), _moment(last, window.end, zone)
                # A window may lie in the hour that a clock skips.
                if start < end:
                    yield start, end


def _moment(day: date, clock: time, zone: tzinfo) -> datetime:
    """Return a local time in UTC; one that is skipped or comes twice, as Python takes it."""
    return datetime.combine(day, clock, zone).astimezone(UTC)

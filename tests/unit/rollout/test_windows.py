# SPDX-License-Identifier: Apache-2.0
"""When nodes may be begun with, by the clocks of people. Berlin's are put forward at 01:00 UTC on
2027-03-28, a Sunday, and back at 01:00 UTC on 2027-10-31, another.
"""

from datetime import UTC, datetime, time, timedelta

import pytest

from ephyrad.rollout.declaration import Window
from ephyrad.rollout.windows import is_open, next_opening
from tests.unit.rollout.builders import zones

EVERY_DAY = frozenset(range(7))
FRIDAY, SUNDAY = frozenset({4}), frozenset({6})


def berlin(start: str, end: str, days: frozenset[int] = EVERY_DAY) -> Window:
    return Window(days, time.fromisoformat(start), time.fromisoformat(end), "Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def spans(window: Window, first: str, hours: int = 24) -> list[str]:
    """From when to when it is open, by the quarter of an hour."""
    found: list[str] = []
    was_open = False
    for quarter in range(4 * hours):
        now = at(first) + quarter * timedelta(minutes=15)
        if is_open([window], now, zones) is not was_open:
            was_open = not was_open
            found.append(f"{now:%a %H:%M}")
    return found


@pytest.mark.parametrize(
    ("window", "first", "expected"),
    [
        (berlin("22:00", "06:00", FRIDAY), "2027-01-15T12:00", ["Fri 21:00", "Sat 05:00"]),
        (berlin("22:00", "00:00", FRIDAY), "2027-01-15T12:00", ["Fri 21:00", "Fri 23:00"]),
        (berlin("22:00", "22:00", FRIDAY), "2027-01-15T18:00", ["Fri 21:00"]),
        # Seven hours and nine of the night.
        (berlin("22:00", "06:00"), "2027-03-27T12:00", ["Sat 21:00", "Sun 04:00"]),
        (berlin("22:00", "06:00"), "2027-10-30T12:00", ["Sat 20:00", "Sun 05:00"]),
        # It begins in the hour that is skipped: as much later, by the clock, as that hour is long.
        (berlin("02:30", "05:00"), "2027-03-28T00:00", ["Sun 01:30", "Sun 03:00"]),
        (berlin("01:00", "02:30", SUNDAY), "2027-03-28T00:00", ["Sun 00:00", "Sun 01:30"]),
        # All of it is skipped.
        (berlin("02:30", "03:15"), "2027-03-28T00:00", []),
        # The hour that comes twice counts the first time.
        (berlin("02:15", "02:45"), "2027-10-31T00:00", ["Sun 00:15", "Sun 00:45"]),
    ],
)
def test_when_it_is_open(window: Window, first: str, expected: list[str]) -> None:
    assert spans(window, first) == expected


def test_one_that_is_skipped_whole_is_not_waited_for() -> None:
    skipped = berlin("02:30", "03:15", SUNDAY)

    assert next_opening([skipped], at("2027-03-28T00:00"), zones) == at("2027-04-04T00:30")


def test_it_opens_on_its_day_a_week_later() -> None:
    window = berlin("22:00", "06:00", FRIDAY)

    assert next_opening([window], at("2027-01-16T05:00"), zones) == at("2027-01-22T21:00")
    assert next_opening([window], at("2027-01-16T04:59"), zones) == at("2027-01-16T04:59")

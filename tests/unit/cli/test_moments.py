# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime, timedelta

import pytest

from ephyrad.cli import moments

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0.9, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (3601, "1 h"),
        (7260, "2 h 1 min"),
        (86400 * 3 + 7200 + 60, "3 d 2 h"),
    ],
)
def test_a_span_is_told_in_its_biggest_units(seconds: float, words: str) -> None:
    assert moments.span(timedelta(seconds=seconds)) == words


def test_a_moment_is_past_or_to_come() -> None:
    assert moments.relative(NOW - timedelta(seconds=5), NOW) == "5 s ago"
    assert moments.relative(NOW + timedelta(minutes=5), NOW) == "in 5 min"


def test_the_api_s_text_is_a_moment() -> None:
    assert moments.parse("2026-01-02T03:04:05.000Z") == NOW

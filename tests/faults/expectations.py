# SPDX-License-Identifier: Apache-2.0
"""What a gateway makes of each trouble, and what it says of it."""

import pytest

from ephyrad.migration.outcomes import Outcome, Refused, Unknown, Unreachable
from tests.faults.troubles import SECRET, Trouble

LONGEST = 700
"""Characters that an operator can be expected to read."""

OUTCOMES: dict[Trouble, type[Outcome]] = {
    Trouble.LOCKED: Unreachable,
    Trouble.CONFLICT: Refused,
    Trouble.BROKEN: Unknown,
    Trouble.OVERLOADED: Unreachable,
    Trouble.REJECTED: Unreachable,
    Trouble.BANNED: Unreachable,
    Trouble.ASTRAY: Refused,
    Trouble.GONE: Refused,
    Trouble.SILENT_BEFORE: Unknown,
    Trouble.SILENT_AFTER: Unknown,
    Trouble.GARBAGE: Unknown,
    Trouble.TRUNCATED: Unknown,
    Trouble.RESET: Unknown,
    Trouble.MOVED_301: Unreachable,
    Trouble.MOVED_302: Unreachable,
    Trouble.MOVED_307: Unreachable,
}


def expect_readable(words: str) -> None:
    assert 0 < len(words) < LONGEST
    assert "\n" not in words
    assert " object at 0x" not in words
    assert "Traceback" not in words
    assert SECRET not in words


def expect_nothing_told(caplog: pytest.LogCaptureFixture) -> None:
    assert SECRET not in caplog.text

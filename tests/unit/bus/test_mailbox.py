# SPDX-License-Identifier: Apache-2.0
"""What is read out of a message of the AMQP library."""

from datetime import UTC, datetime
from typing import Any

from ephyrad.bus.mailbox import read
from ephyrad.bus.wire import LONGEST, UNREADABLE
from ephyrad.reclaim.letter import Letter

INFO = {"delivery_tag": 7, "exchange": "ci", "routing_key": "run.COMPLETED"}


def letter(body: bytes | str, **properties: Any) -> Letter:
    return read(body, properties, INFO).letter


def test_what_is_needed_of_its_properties() -> None:
    found = read(
        b"{}",
        {
            "content_type": "application/json",
            "timestamp": 1767225600,
            "application_headers": {"X-Ephyra-Signature": "t=1", "x-death": [{"count": 3}]},
        },
        INFO,
    )

    assert found.letter == Letter(
        b"{}",
        {"x-ephyra-signature": "t=1", "content-type": "application/json"},
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert (found.tag, found.exchange, found.routing_key) == (7, "ci", "run.COMPLETED")
    assert found.plain == {"X-Ephyra-Signature": "t=1"}


def test_a_body_that_was_decoded_is_bytes_again() -> None:
    assert letter("ä").content == "ä".encode()


def test_what_is_too_large_keeps_its_beginning() -> None:
    found = letter(b"x" * (LONGEST + 1))

    assert (
        found.trouble
        == f"it has {LONGEST + 1} bytes, and may have {LONGEST}: its first 65536" + (" are kept")
    )
    assert len(found.content) == 65536
    assert letter(b"x" * LONGEST).trouble is None


def test_properties_that_cannot_be_read_are_said() -> None:
    assert letter(b"{}", **{UNREADABLE: True}).trouble == "its AMQP properties cannot be read"


def test_a_time_that_is_none() -> None:
    for value in (0, 1 << 60, "1767225600", None):
        assert letter(b"{}", timestamp=value).sent_at is None

# SPDX-License-Identifier: Apache-2.0
"""Which letters are believed."""

from datetime import UTC, datetime, timedelta

import pytest

from ephyrad.reclaim.authentic import Credentials, NotAuthenticError, signature
from ephyrad.reclaim.letter import Letter, Trust, believe
from ephyrad.reclaim.nomination import MessageError

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
KEY, TOKEN = b"0123456789abcdef", b"fedcba9876543210"
CREDENTIALS = Credentials((KEY,), (TOKEN,))
ANYBODY = Trust(signed=False)
BODY = b'{"id": "7"}'


def signed(at: datetime = NOW, key: bytes = KEY, content: bytes = BODY) -> Letter:
    return Letter(content, {"x-ephyra-signature": signature(key, at, "7", BODY)})


def test_a_signed_letter_is_believed_and_by_default_no_other() -> None:
    assert believe(signed(), CREDENTIALS, Trust(), NOW) == "7"

    with pytest.raises(NotAuthenticError, match=r"no header X-Ephyra-Signature: sign it or"):
        believe(Letter(BODY, sent_at=NOW), CREDENTIALS, Trust(), NOW)


def test_where_nobody_else_may_publish_it_needs_no_signature() -> None:
    assert believe(Letter(BODY, sent_at=NOW), Credentials(), ANYBODY, NOW) is None


@pytest.mark.parametrize("trust", [Trust(), ANYBODY], ids=["signed", "anybody"])
@pytest.mark.parametrize(
    ("letter", "says"),
    [
        (signed(key=b"x" * 16), "its signature is of no key"),
        (signed(content=b'{"id": "8"}'), "or of another message"),
        (signed(NOW - timedelta(hours=1, seconds=1)), "its time is 3601 s ago, and may be 3600 s"),
        (signed(NOW + timedelta(hours=1, seconds=1)), "its time is 3601 s from now"),
        (Letter(BODY, {"x-ephyra-signature": "v1"}, NOW), "is not t=SECONDS,id=ID,v1=HEX"),
    ],
)
def test_a_signature_that_is_there_has_to_be_right(letter: Letter, says: str, trust: Trust) -> None:
    with pytest.raises(NotAuthenticError, match=says):
        believe(letter, CREDENTIALS, trust, NOW)


def test_the_window_is_its_own() -> None:
    at = NOW - timedelta(minutes=50)

    assert believe(signed(at), CREDENTIALS, Trust(), NOW) == "7"
    with pytest.raises(NotAuthenticError, match="may be 60 s off"):
        believe(signed(at), CREDENTIALS, Trust(window=timedelta(minutes=1)), NOW)


@pytest.mark.parametrize(
    ("sent_at", "says"),
    [
        (None, "its property timestamp is missing"),
        (NOW - timedelta(hours=2), "its time is 7200 s ago"),
        (NOW + timedelta(hours=2), "its time is 7200 s from now"),
    ],
)
def test_an_unsigned_letter_of_another_time_is_not_believed(
    sent_at: datetime | None, says: str
) -> None:
    with pytest.raises(NotAuthenticError, match=says):
        believe(Letter(BODY, sent_at=sent_at), CREDENTIALS, ANYBODY, NOW)


def test_a_token_counts_for_nothing() -> None:
    letter = Letter(BODY, {"authorization": f"Bearer {TOKEN.decode()}"}, NOW)

    with pytest.raises(NotAuthenticError, match="no header X-Ephyra-Signature"):
        believe(letter, CREDENTIALS, Trust(), NOW)


def test_what_cannot_be_read_is_said() -> None:
    with pytest.raises(MessageError, match="too large"):
        believe(Letter(b"", sent_at=NOW, trouble="too large"), CREDENTIALS, ANYBODY, NOW)

# SPDX-License-Identifier: Apache-2.0
"""Who is believed, and who is not."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from ephyrad.reclaim.authentic import (
    Credentials,
    NotAuthenticError,
    signature,
    signed_at,
    verify,
)

NOW = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)
KEY, NEXT, OTHER = b"k" * 32, b"n" * 32, b"o" * 32
TOKEN = b"t" * 32
BODY = b'{"id": "a/1,b"}'
KNOWN = Credentials((KEY, NEXT), (TOKEN, b"u" * 32))


def signed(key: bytes = KEY, at: datetime = NOW, content: bytes = BODY) -> dict[str, str]:
    return {"x-ephyra-signature": signature(key, at, "a/1,b", content)}


def refused(headers: dict[str, str], known: Credentials = KNOWN, content: bytes = BODY) -> str:
    with pytest.raises(NotAuthenticError) as raised:
        verify(headers, content, known, NOW)
    return str(raised.value)


def test_a_signature_is_of_these_bytes() -> None:
    """Anybody can compute it: HMAC-SHA256, in hex, of time, id and body with dots between."""
    assert signature(b"secret" * 6, NOW, "7", b"{}") == (
        "t=1795644000,id=7,v1=b0eab68059c0da7c513bfef6dcd1c50628722d6319283c94ce913755cc81ac61"
    )


@pytest.mark.parametrize("key", [KEY, NEXT])
@pytest.mark.parametrize("off", [-300, 0, 300])
def test_each_key_counts_within_the_window(key: bytes, off: int) -> None:
    headers = signed(key, NOW + timedelta(seconds=off))

    assert verify(headers, BODY, KNOWN, NOW) == "a/1,b"


@pytest.mark.parametrize("between", [",", ", ", " ,", " , "])
def test_its_time_is_known_however_it_is_spaced(between: str) -> None:
    """Spaces are not signed: who adds some must not make the message one of any time."""
    headers = {"x-ephyra-signature": signed()["x-ephyra-signature"].replace(",", between)}

    assert verify(headers, BODY, KNOWN, NOW) == "a/1,b"
    assert signed_at(headers) == NOW


def test_what_is_forged() -> None:
    says = "its signature is of no key that counts, or of another message"

    assert refused(signed(OTHER)) == says
    assert refused(signed(), content=BODY + b" ") == says
    assert refused(signed(), Credentials(tokens=(TOKEN,))) == says
    late = signed(at=NOW - timedelta(hours=1))["x-ephyra-signature"]
    moved = late.replace(late[2:12], str(int(NOW.timestamp())))
    assert refused({"x-ephyra-signature": moved}) == says
    for part in ("id", "v1"):
        no_unicode = signed()["x-ephyra-signature"].replace(f"{part}=", f"{part}=\ud800")
        assert refused({"x-ephyra-signature": no_unicode}) == says
    renamed = signed()["x-ephyra-signature"].replace("id=a", "id=b")
    assert refused({"x-ephyra-signature": renamed}) == says


@pytest.mark.parametrize(("off", "when"), [(-301, "301 s ago"), (301, "301 s from now")])
def test_what_is_late_or_early(off: int, when: str) -> None:
    says = refused(signed(at=NOW + timedelta(seconds=off)))

    assert says == f"its time is {when}, and may be 300 s off: see to the clocks"


@pytest.mark.parametrize(
    "header",
    [
        *("", "t=1", "t=1,id=2,v1=3,v2=4", "t=1,t=1,id=2,v1=3", "t=x,id=2,v1=3"),
        *("t=-1,id=2,v1=3", "t=1.5,id=2,v1=3", f"t={'9' * 40},id=2,v1=3", "t=²,id=2,v1=3"),
        f"t={1 << 37},id=2,v1=3",
    ],
)
def test_a_signature_that_cannot_be_read(header: str) -> None:
    assert refused({"x-ephyra-signature": header}).startswith("X-Ephyra-Signature is not t=SEC")


def basic(text: bytes) -> str:
    return f"Basic {base64.b64encode(text).decode()}"


@pytest.mark.parametrize(
    "value", [f"Bearer {'t' * 32}", f"bearer  {'u' * 32}", basic(b"jenkins:" + TOKEN)]
)
def test_a_token_counts(value: str) -> None:
    assert verify({"authorization": value}, BODY, KNOWN, NOW) is None


@pytest.mark.parametrize(
    "value", ["Bearer ", f"Bearer {'t' * 31}", "Bearer ë", basic(b"x"), basic(b"a:b")]
)
def test_another_token_does_not(value: str) -> None:
    assert refused({"authorization": value}) == "its token is none that counts"


@pytest.mark.parametrize("headers", [{}, {"authorization": "Basic ?"}, {"authorization": "x y"}])
def test_nothing_at_all(headers: dict[str, str]) -> None:
    assert refused(headers).startswith("it has neither X-Ephyra-Signature nor a token")


def test_a_wrong_signature_is_not_made_good_by_a_token() -> None:
    headers = signed(OTHER) | {"authorization": f"Bearer {'t' * 32}"}

    assert refused(headers).startswith("its signature is of no key")


def test_secrets_are_not_shown() -> None:
    assert "kkk" not in repr(KNOWN)
    assert "ttt" not in repr(KNOWN)

# SPDX-License-Identifier: Apache-2.0
"""Whether a message is from somebody who knows a secret, and, where it is signed, from now."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

SIGNATURE = "x-ephyra-signature"
_PARTS = {"t", "id", "v1"}
_LATEST = 1 << 37
"""A time above this, in seconds, is no date that Python has."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The secrets that count now: keys to sign with, and tokens. Several are for a change of them.

    `window`: how much a signature's time may differ from ours, either way.
    """

    keys: tuple[bytes, ...] = field(default=(), repr=False)
    tokens: tuple[bytes, ...] = field(default=(), repr=False)
    window: timedelta = timedelta(minutes=5)

    @property
    def any(self) -> bool:
        """Whether there is one at all."""
        return bool(self.keys or self.tokens)


class NotAuthenticError(Exception):
    """A message that may be anybody's, or of another time; it says why, and no secret."""


def verify(
    headers: Mapping[str, str], content: bytes, credentials: Credentials, at: datetime
) -> str | None:
    """Return the id that was signed with the message, None where a token came with it instead.

    Names of headers are in small letters.

    :raises NotAuthenticError: it is not to be believed.
    """
    signature = headers.get(SIGNATURE)
    if signature is not None:
        return _signed_id(signature, content, credentials, at)
    token = _token(headers.get("authorization", ""))
    if token is None:
        raise NotAuthenticError("it has neither X-Ephyra-Signature nor a token in Authorization")
    if not _is_one_of(token, credentials.tokens):
        raise NotAuthenticError("its token is none that counts")
    return None


def signature(key: bytes, at: datetime, message_id: str, content: bytes) -> str:
    """Return what a sender puts into X-Ephyra-Signature."""
    moment, name = int(at.timestamp()), quote(message_id, safe="")
    return f"t={moment},id={name},v1={_digest(key, str(moment), name, content)}"


def signed_at(headers: Mapping[str, str]) -> datetime | None:
    """Return the time that was signed with a message, which was verified; None unsigned."""
    header = headers.get(SIGNATURE)
    return None if header is None else _moment(_parts(header))


def _signed_id(header: str, content: bytes, credentials: Credentials, at: datetime) -> str:
    parts = _parts(header)
    sent = _moment(parts)
    right = [_digest(key, parts["t"], parts["id"], content).encode() for key in credentials.keys]
    if not _is_one_of(_bytes(parts["v1"]), right):
        raise NotAuthenticError("its signature is of no key that counts, or of another message")
    must_be_of_now(sent, at, credentials.window)
    return unquote(parts["id"])


def _parts(header: str) -> Mapping[str, str]:
    pairs = [each.strip().partition("=") for each in header.split(",")]
    parts = {name: value for name, _, value in pairs}
    if set(parts) != _PARTS or len(pairs) != len(parts) or not _is_moment(parts["t"]):
        raise NotAuthenticError(
            "X-Ephyra-Signature is not t=SECONDS,id=ID,v1=HEX, with SECONDS since 1970"
        )
    return parts


def _moment(parts: Mapping[str, str]) -> datetime:
    return datetime.fromtimestamp(int(parts["t"]), UTC)


def must_be_of_now(sent: datetime, at: datetime, window: timedelta) -> None:
    """Let pass what was sent at most so long before, or, where clocks differ, after now.

    :raises NotAuthenticError: it is of another time.
    """
    behind = at - sent
    if abs(behind) > window:
        when = "ago" if behind > timedelta() else "from now"
        raise NotAuthenticError(
            f"its time is {abs(behind).total_seconds():.0f} s {when}, and may be"
            f" {window.total_seconds():.0f} s off: see to the clocks"
        )


def _is_moment(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 13 and int(value) < _LATEST


def _digest(key: bytes, moment: str, name: str, content: bytes) -> str:
    said = b".".join((moment.encode(), _bytes(name), content))
    return hmac.new(key, said, hashlib.sha256).hexdigest()


def _bytes(text: str) -> bytes:
    """Return a header's text as it came: over AMQP it may hold what is no Unicode."""
    return text.encode(errors="surrogatepass")


def _token(authorization: str) -> bytes | None:
    """Return the token of Bearer, or the password of Basic.

    Jenkins' Notification plugin can send nothing but the user and password of its URL
    (Protocol.java of 1.18).
    """
    scheme, _, value = authorization.strip().partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip().encode()
        case "basic":
            try:
                return base64.b64decode(value.strip(), validate=True).partition(b":")[2]
            except ValueError:
                return None
        case _:
            return None


def _is_one_of(value: bytes, known: Iterable[bytes]) -> bool:
    """Compare with each, so that the time taken tells of none."""
    found = [hmac.compare_digest(value, each) for each in known]
    return any(found)

# SPDX-License-Identifier: Apache-2.0
"""A letter: a message as it came over AMQP, and whether it is believed.

There is no connection of the sender's own to see it by, and the broker may keep a letter for long:
so its time is always asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ephyrad.reclaim.authentic import (
    SIGNATURE,
    Credentials,
    NotAuthenticError,
    must_be_of_now,
    verify,
)
from ephyrad.reclaim.nomination import MessageError


@dataclass(frozen=True, slots=True)
class Letter:
    """What was in it. Names of `headers` are in small letters, `content-type` among them.

    `sent_at` is its property `timestamp`. `trouble`: why it cannot be read at all; its content is
    its beginning then.
    """

    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    sent_at: datetime | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose letters are believed: those that are `signed` or, where that is not asked for, of
    whoever may publish. `window`: how much a letter's time may differ from ours, either way.
    """

    signed: bool = True
    window: timedelta = timedelta(hours=1)


def believe(letter: Letter, credentials: Credentials, trust: Trust, at: datetime) -> str | None:
    """Return the id that was signed with a letter, None where it is believed unsigned.

    A signature that is there has to be right, asked for or not. A token counts for nothing: whoever
    may read the queue would know it.

    :raises NotAuthenticError: it is not to be believed.
    :raises MessageError: it cannot be read.
    """
    if letter.trouble is not None:
        raise MessageError(letter.trouble)
    signature = letter.headers.get(SIGNATURE)
    if signature is not None:
        only_keys = replace(credentials, tokens=(), window=trust.window)
        return verify({SIGNATURE: signature}, letter.content, only_keys, at)
    if trust.signed:
        raise NotAuthenticError(
            "it has no header X-Ephyra-Signature: sign it or, where nobody but CI may publish, set"
            " require_signature of [reclaim_amqp] to false"
        )
    if letter.sent_at is None:
        raise NotAuthenticError("its property timestamp is missing, so it may be of any time")
    must_be_of_now(letter.sent_at, at, trust.window)
    return None

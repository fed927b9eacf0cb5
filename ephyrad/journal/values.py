# SPDX-License-Identifier: Apache-2.0
"""How moments and words are written into the journal's columns."""

from datetime import UTC, datetime
from typing import overload


def utc_now() -> datetime:
    """Return the time of this machine's clock, UTC."""
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """Return a moment as ISO 8601, UTC, of one width, so that text order is time order.

    :raises ValueError: it has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@overload
def writable(text: str) -> str: ...
@overload
def writable(text: str | None) -> str | None: ...
def writable(text: str | None) -> str | None:
    """Return the text with what UTF-8 cannot write escaped.

    Words that came as JSON may hold lone surrogates, and one such word must not keep a node's
    journal from being written.
    """
    return None if text is None else text.encode("utf-8", "backslashreplace").decode()

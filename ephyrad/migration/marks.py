# SPDX-License-Identifier: Apache-2.0
"""The marks that ephyrad leaves on both records, by which it knows its own work again.

They say enough to carry on where the journal was lost: which nodes are between the clouds, in which
direction, and what their own `automated_clean` was. The texts here are those of the way forward.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ephyrad.migration.direction import Direction

RETIRED = "ephyrad: being carried to the new cloud"
FENCED = "ephyrad: fenced, the new cloud takes over the BMC"
SHIELDED = "ephyrad: kept from schedulers until automated_clean is set back"

KEY = "ephyrad"
"""The member of a new record's `extra` that holds its mark until the node is registered."""

_NOTE = "being carried from the old cloud"
_WORDS = {None: "unset", True: "true", False: "false"}
_RETIRED = re.compile(rf"{re.escape(RETIRED)}; automated_clean was (unset|true|false)")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a mark says: the node's own `automated_clean` before ephyrad touched it, and its way."""

    automated_clean: bool | None
    direction: Direction = Direction.FORWARD


def retired(mark: Mark) -> str:
    """Return the `retired_reason` that marks an old record."""
    words = f"{RETIRED}; automated_clean was {_WORDS[mark.automated_clean]}"
    return mark.direction.words(words)


def is_retired(reason: str | None) -> bool:
    """Return whether a `retired_reason` is ephyrad's."""
    return reason is not None and reason.startswith(RETIRED)


def of_retired(reason: str | None) -> Mark | None:
    """Return what the `retired_reason` of an old record says, None where it is not a mark."""
    found = _RETIRED.fullmatch(reason or "")
    if found is None:
        return None
    return next(Mark(value) for value, word in _WORDS.items() if word == found[1])


def with_mark(extra: Mapping[str, Any], mark: Mark) -> dict[str, Any]:
    """Return the `extra` of a marked record."""
    note = mark.direction.words(_NOTE)
    return {**extra, KEY: {"note": note, "automated_clean": mark.automated_clean}}


def of_extra(extra: object) -> Mark | None:
    """Return what the mark in a new record's `extra` says, None where there is none."""
    match extra:
        case {"ephyrad": {"note": str(note), "automated_clean": bool() | None as value}}:
            found = (way for way in Direction if note == way.words(_NOTE))
            return next((Mark(value, way) for way in found), None)
        case _:
            return None


def without_mark(extra: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an `extra` as the node's owner knows it."""
    if of_extra(extra) is None:
        return extra
    return {key: value for key, value in extra.items() if key != KEY}

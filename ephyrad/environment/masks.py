# SPDX-License-Identifier: Apache-2.0
"""Comparing what one cloud shows in clear with what the other one shows masked."""

import re
from collections.abc import Mapping

from ephyrad.migration.document import MASK


def is_alike(wanted: object, found: object) -> bool:
    """Return whether values are equal, as far as those that were found are not masked.

    A mask may stand for a value of any kind, or in the midst of a text (observed on 2026.2:
    `password=****** x`).
    """
    match wanted, found:
        case _, str() if found == MASK:
            return True
        case str(), str() if MASK in found:
            hidden = ".*".join(map(re.escape, found.split(MASK)))
            return re.fullmatch(hidden, wanted, re.DOTALL) is not None
        case Mapping(), Mapping():
            return wanted.keys() == found.keys() and all(
                is_alike(value, found[key]) for key, value in wanted.items()
            )
        case list(), list():
            return len(wanted) == len(found) and all(map(is_alike, wanted, found))
        case _:
            return wanted == found


def do_agree(one: object, other: object) -> bool:
    """Return whether values are equal, as far as neither of them is masked."""
    match one, other:
        case Mapping(), Mapping():
            return one.keys() == other.keys() and all(
                do_agree(value, other[key]) for key, value in one.items()
            )
        case list(), list():
            return len(one) == len(other) and all(map(do_agree, one, other))
        case _:
            return is_alike(one, other) or is_alike(other, one)

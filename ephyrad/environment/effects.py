# SPDX-License-Identifier: Apache-2.0
"""Effects on the environment of the new cloud. The old cloud's is only read."""

import enum
from typing import assert_never


class Effect(enum.StrEnum):
    """What may be done with one item. Each may be done again: both clouds are read before."""

    CREATE = "create"
    """Make it, marked. Of an image only the record, private, until its bytes are there."""
    UPLOAD = "upload"
    """Give an image its bytes. Mark: the status `active` and the same hash."""
    AMEND = "amend"
    """Make an item that ephyrad made equal to the old cloud's once more."""
    DELETE = "delete"
    """Delete an item that ephyrad made and nobody changed since."""


def describe(effect: Effect) -> str:
    """Return what an effect does, in words for an operator."""
    match effect:
        case Effect.CREATE:
            return "create it in the new cloud"
        case Effect.UPLOAD:
            return "carry its bytes to the new cloud"
        case Effect.AMEND:
            return "make it equal in the new cloud"
        case Effect.DELETE:
            return "delete it in the new cloud"
        case _ as never:
            assert_never(never)

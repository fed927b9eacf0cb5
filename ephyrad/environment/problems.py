# SPDX-License-Identifier: Apache-2.0
"""Why an item cannot be carried. A problem stops one item; the others go on."""

import enum
from dataclasses import dataclass


class Cause(enum.StrEnum):
    """Why an item is not carried, in one word for machines; the reason says it to people."""

    CONFLICT = "conflict"
    """The new cloud has another one in its place, which ephyrad did not make."""
    CHANGED = "changed-in-new-cloud"
    """Somebody changed in the new cloud what ephyrad had made there."""
    DELETED_THERE = "deleted-in-new-cloud"
    """Somebody deleted in the new cloud what ephyrad had made there."""
    DELETED_HERE = "deleted-in-old-cloud"
    """It is gone from the old cloud, and stays in the new one, as the policy says."""
    BYTES = "different-bytes"
    """The two clouds have images of one id whose bytes differ."""
    STUCK = "stuck"
    """The new cloud has been taking in its bytes for too long."""
    OWNER = "unknown-owner"
    """The user or project that it belongs to has no counterpart in the new cloud."""
    MISSING = "missing-in-new-cloud"
    """It names another item that the new cloud does not have."""
    UNFIT = "unfit"
    """It cannot be carried as it stands in the old cloud."""
    REFUSED = "refused"
    """The new cloud answered that it will not do it."""
    UNREACHABLE = "unreachable"
    """A cloud could not be asked, or its answer was lost, for too long."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What stands in an item's way, in words that name the thing, the place and the cure."""

    cause: Cause
    reason: str

# SPDX-License-Identifier: Apache-2.0
"""The direction of a journey, and the words by which a decision's text names the right cloud.

The core knows two roles: the *old* cloud is the one that the node leaves, the *new* one the one
that it enters. On a way back the clouds have each other's roles: all that the core is shown is
turned round before (:mod:`ephyrad.migration.mirror`), and so is what it says.
"""

import enum
import re

_OTHER = {"old": "new", "new": "old"}
_NAMED = re.compile(r"\b(old|new)(?= (?:cloud|Ironic|Nova|placement|record|one)\b)")


class Direction(enum.StrEnum):
    """Where a node is carried: FORWARD to the new cloud, BACK to the old one."""

    FORWARD = "forward"
    BACK = "back"

    def words(self, text: str) -> str:
        """Return a text that names clouds by their roles as one that names them by themselves.

        It is its own inverse: what is quoted is turned round before it is quoted.
        """
        return (
            text if self is Direction.FORWARD else _NAMED.sub(lambda found: _OTHER[found[1]], text)
        )

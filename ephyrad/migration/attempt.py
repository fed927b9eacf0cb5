# SPDX-License-Identifier: Apache-2.0
"""An attempt: the effect that was tried last with a node or an item, and how it went."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from ephyrad.migration.outcomes import Outcome, Unknown

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Attempt(Generic[E]):
    """The effect that was tried last.

    `outcome` is None while it is performed, and after a crash in the middle of it. `tries` counts
    the tries of this intent, `first` and `last` are the times of the first and the last of them.
    """

    intent: str
    effect: E
    first: datetime
    last: datetime
    tries: int = 1
    outcome: Outcome | None = None

    @property
    def unsettled(self) -> bool:
        """Whether nobody knows what became of it: a cloud may still carry it out."""
        return self.outcome is None or isinstance(self.outcome, Unknown)

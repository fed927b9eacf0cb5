# SPDX-License-Identifier: Apache-2.0
"""What is told, once it is written down, to whoever counts. Nothing depends on who listens."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from ephyrad.migration.direction import Direction
from ephyrad.migration.entries import Entry
from ephyrad.migration.outcomes import Outcome

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """An entry stands in the journal of a node whose journey has this direction."""

    direction: Direction
    entry: Entry


@dataclass(frozen=True, slots=True)
class Performed:
    """An effect was performed and its outcome written down; the call took so many `seconds`.

    `effect` is its word in the journal. `again`: it was not the first try. `on_item`: on an item of
    the environment, not on a node.
    """

    effect: str
    outcome: Outcome
    seconds: float
    again: bool
    on_item: bool = False


Told = Written | Performed
Tell = Callable[[Told], None]


def nobody(_told: Told) -> None:
    """Listen to nothing."""


def safely(tell: Tell) -> Tell:
    """Return what tells the same and never fails: a turn must not end by it."""

    def told(what: Told) -> None:
        try:
            tell(what)
        except Exception:
            LOG.exception("%s was not counted, by an error of ephyrad's own", type(what).__name__)

    return told

# SPDX-License-Identifier: Apache-2.0
"""The failure budget: how much trouble is too much."""

import textwrap
from itertools import takewhile

from ephyrad.migration.migration import Migration
from ephyrad.rollout.floors import needed
from ephyrad.rollout.standing import Standing, is_failure
from ephyrad.rollout.words import counted

_LONGEST = 200
"""How much of a hold's reason is told; the node shows the whole."""


def exceeded(standing: Standing) -> str | None:
    """Return why the rollout has to pause, in words; None: it need not.

    Holds that an operator saw when he resumed the rollout count no more.
    """
    rollout = standing.rollout
    budget = rollout.declared.budget
    journeys = standing.journeys
    failed = [each for each in journeys if _counts(each, standing)]
    if budget.held is not None and failed:
        most = max(needed(budget.held, rollout.selected), 1)
        if len(failed) >= most:
            held = counted(len(failed), "node is", "nodes are")
            return f"{held} held, and {counted(most, 'is', 'are')} too many: {_named(failed)}"
    if budget.in_a_row is not None:
        ended = sorted(
            (each for each in journeys if each.finished or _counts(each, standing)), key=_ended
        )
        last = list(takewhile(lambda each: not each.finished, reversed(ended)))
        if len(last) >= budget.in_a_row:
            held = counted(len(last), "node was", "nodes were")
            return f"the last {held} held one after the other: {_named(last)}"
    return None


def _counts(journey: Migration, standing: Standing) -> bool:
    hold = journey.hold
    return hold is not None and is_failure(journey) and hold.since > standing.rollout.heeded


def _ended(journey: Migration) -> tuple[float, str]:
    at = journey.hold.since if journey.hold else journey.since
    return at.timestamp(), journey.node


def _named(journeys: list[Migration]) -> str:
    names = [each.name or each.node for each in journeys]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    first = journeys[0].hold
    why = f" ({textwrap.shorten(first.reason, _LONGEST, placeholder=' ...')})" if first else ""
    return f"{', '.join(names[:5])}{more}{why}"

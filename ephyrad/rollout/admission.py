# SPDX-License-Identifier: Apache-2.0
"""Admission: whether a rollout lets a node of its own go on its way now."""

from collections.abc import Collection, Mapping
from datetime import datetime

from ephyrad.rollout import windows
from ephyrad.rollout.limits import Values, over_limit
from ephyrad.rollout.rollout import Rollout
from ephyrad.rollout.windows import Zones


def refusal(
    rollout: Rollout,
    node: str,
    *,
    members: Mapping[str, Values],
    in_flight: Collection[str],
    begun: bool,
    at: datetime,
    zones: Zones,
) -> str | None:
    """Return why a node has to wait, in words; None: it has not, or is none of the rollout.

    `members`: what each node of the rollout has under the keys of limits. `in_flight`: the nodes
    that occupy a slot. `begun`: it was on its way before, so that neither a pause nor the end of a
    window keeps it.
    """
    mine = members.get(node)
    if mine is None:
        return None
    declared = rollout.declared
    if not begun:
        if not rollout.runs:
            return f"rollout {rollout.name} is {rollout.status}"
        if not windows.is_open(declared.windows, at, zones):
            return f"no window of rollout {rollout.name} is open"
    others = (members[each] for each in in_flight if each != node and each in members)
    return over_limit(declared.limits, mine, others)

# SPDX-License-Identifier: Apache-2.0
"""Admission: whether a rollout lets a node of its own go on its way now."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from ephyrad.migration.facts import Provision
from ephyrad.rollout import windows
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.floors import Both, below_leaving, both_capacities
from ephyrad.rollout.limits import Values, over_limit
from ephyrad.rollout.rollout import Rollout
from ephyrad.rollout.standing import clouds
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


RECENT = timedelta(seconds=30)
"""How old a look at both clouds may be for a node to be taken from those that are available."""


@dataclass(frozen=True)
class Look:
    """What both clouds had at a time: the one that nodes leave, and the one that they enter."""

    at: datetime
    leaving: Mapping[str, Candidate]
    entering: Mapping[str, Candidate]

    @cached_property
    def capacities(self) -> Both:
        """What either cloud had, whoever it is for."""
        return both_capacities(self.leaving, self.entering)


def below_floor(
    rollout: Rollout, node: str, *, look: Look | None, taken: Collection[str], at: datetime
) -> str | None:
    """Return why a node may not be taken from the cloud that it leaves, in words; None: it may.

    It was asked for when its floors allowed it, and people may have used others since. `taken`:
    nodes that may have been withdrawn since the look, whatever it shows.
    """
    if not rollout.declared.floors:
        return None
    if look is None or not timedelta() <= at - look.at <= RECENT:
        return "its floors are looked after: both clouds are looked at anew"
    found = look.leaving.get(node)
    if found is None or found.facts.retired or found.facts.provision_state is Provision.MANAGEABLE:
        # It is none of those that people can have.
        return None
    gone = Counter[str]()
    for each in taken:
        other = look.leaving.get(each)
        if other is not None and other.available and each != node:
            gone[other.facts.resource_class or ""] += 1
    of = found.facts.resource_class or ""
    cloud, _ = clouds(rollout.declared.direction)
    less = gone[of] - (not found.available)
    return below_leaving(rollout.declared.floors, cloud, of, look.capacities, taken=less)

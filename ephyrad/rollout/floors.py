# SPDX-License-Identifier: Apache-2.0
"""How many nodes of a resource class stay available in each cloud."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ephyrad.migration.facts import CloudName
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.declaration import Amount, Floor
from ephyrad.rollout.words import counted


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a cloud has, by resource class: all nodes, those available, those in use."""

    nodes: Mapping[str, int]
    available: Mapping[str, int]
    in_use: Mapping[str, int]


def capacity(nodes: Iterable[Candidate], spoken_for: Collection[str] = ()) -> Capacity:
    """Return what a cloud has; nodes that are `spoken_for` are available to nobody else."""
    every, available, in_use = Counter[str](), Counter[str](), Counter[str]()
    for node in nodes:
        of = node.facts.resource_class or ""
        every[of] += 1
        in_use[of] += node.in_use
        available[of] += node.available and node.uuid not in spoken_for
    return Capacity(every, available, in_use)


def needed(amount: Amount, nodes: int) -> int:
    """Return how many nodes an amount is, of so many; a part of one counts as one."""
    if amount.percent is None:
        return amount.count or 0
    return math.ceil(nodes * amount.percent / 100)


def floor_of(
    floors: Iterable[Floor], cloud: CloudName, resource_class: str, both: Collection[Capacity]
) -> int:
    """Return how many nodes of a class stay available in a cloud; `both` are both clouds'."""
    total = sum(each.nodes.get(resource_class, 0) for each in both)
    return max(
        (
            needed(floor.amount, total)
            for floor in floors
            if floor.cloud is cloud and fnmatchcase(resource_class, floor.resource_class)
        ),
        default=0,
    )


Both = tuple[Capacity, Capacity]
"""What the cloud has that nodes leave, and the one that they enter."""


def both_capacities(
    leaving: Mapping[str, Candidate],
    entering: Mapping[str, Candidate],
    spoken_for: Collection[str] = (),
) -> Both:
    """Return what both clouds have; a node with a record in both counts where it leaves."""
    entered = (node for uuid, node in entering.items() if uuid not in leaving)
    return capacity(leaving.values(), spoken_for), capacity(entered)


def below_leaving(
    floors: Iterable[Floor], cloud: CloudName, resource_class: str, both: Both, *, taken: int = 0
) -> str | None:
    """Return which floor breaks when an available node leaves that cloud, in words; None: none.

    `taken`: how many of the available ones are on their way since `both` was counted.
    Where nobody uses a node of the class there any more, nobody needs a spare one.
    """
    leaving, _ = both
    least = floor_of(floors, cloud, resource_class, both)
    left = leaving.available.get(resource_class, 0) - taken
    if left > least or not leaving.in_use.get(resource_class):
        return None
    return (
        f"{counted(left, 'node', 'nodes')} of {resource_class} {'is' if left == 1 else 'are'}"
        f" available in the {cloud} cloud, and at least {counted(least, 'has', 'have')} to be"
    )


def below_entering(
    floors: Iterable[Floor], cloud: CloudName, resource_class: str, both: Both, promised: int
) -> str | None:
    """Return which floor forbids to take a node from its owner, who goes to that cloud; None: none.

    `promised`: how many of the available ones are for owners who were told to go before.
    """
    _, entering = both
    least = floor_of(floors, cloud, resource_class, both)
    left = max(entering.available.get(resource_class, 0) - promised, 0)
    if left > least or not least:
        return None
    return (
        f"{counted(left, 'node', 'nodes')} of {resource_class} {'is' if left == 1 else 'are'} left"
        f" in the {cloud} cloud for owners who have to go there, and at least"
        f" {counted(least, 'has', 'have')} to be available"
    )

# SPDX-License-Identifier: Apache-2.0
"""The reversal of a rollout: what came by it goes back, within the same bounds."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import chain, count

from ephyrad.migration.direction import Direction
from ephyrad.rollout.declaration import Declaration, Selection
from ephyrad.rollout.rollout import Rollout
from ephyrad.rollout.standing import Standing

_OTHER = {Direction.FORWARD: Direction.BACK, Direction.BACK: Direction.FORWARD}


def arrivals(standing: Standing) -> Sequence[str]:
    """Return the nodes of a rollout that are where it carried them, in order of its waves."""
    migrations = standing.fleet.migrations
    direction = standing.rollout.declared.direction
    found = (migrations.get(member.node) for member in standing.rollout.members())
    return [
        each.node
        for each in found
        if each is not None and each.finished and each.direction is direction
    ]


def reversed_of(rollout: Rollout, nodes: Sequence[str], taken: Collection[str]) -> Declaration:
    """Return what carries these nodes back: as declared, but for the way and which nodes.

    Each goes when its owner lets it go: that instances may be deleted was said of those on the way
    there, and not of those that came since. `taken` are the names of rollouts that there are.
    """
    return replace(
        rollout.declared,
        name=_free_name(f"{rollout.name}-back", taken),
        nodes=(Selection(uuids=tuple(nodes)),),
        exclude=(),
        direction=_OTHER[rollout.declared.direction],
        drains=(),
        reclaims=(),
    )


def _free_name(name: str, taken: Collection[str]) -> str:
    numbered = (f"{name}-{number}" for number in count(2))
    return next(each for each in chain((name,), numbered) if each not in taken)

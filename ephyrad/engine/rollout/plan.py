# SPDX-License-Identifier: Apache-2.0
"""A rollout's plan: the forecast, with what preflight finds in the way of each node."""

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from statistics import median

from ephyrad.engine.rollout.scheduler import Hands
from ephyrad.engine.rollout_answers import PlanAnswer, PlannedAnswer, PointAnswer
from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import NodeFacts
from ephyrad.migration.findings import Judged
from ephyrad.migration.migration import Migration
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.declaration import Declaration, Drain
from ephyrad.rollout.entries import Applied, Resumed
from ephyrad.rollout.forecast import Forecast, Pace, forecast, imagined
from ephyrad.rollout.rollout import Rollout, Status, evolve
from ephyrad.rollout.selection import belongs, drain_of, excluded, limit_keys, ordered
from ephyrad.rollout.standing import Fleet, Standing
from ephyrad.rollout.waves import with_values

Judge = Callable[[Sequence[NodeFacts]], Sequence[Judged]]
"""Says what stands in the way of nodes of the old cloud, in their order."""

GUESS = timedelta(minutes=30)
"""How long a node takes, as long as none was carried."""

_OWNERS = {
    Drain.WAIT: "in use: it goes when its owner deletes the instance",
    Drain.RECLAIM: "in use: it goes when CI says that nobody needs it",
    Drain.RELEASE: "in use: ephyrad deletes the instance after its notice",
}


def plan(
    declared: Declaration,
    fleet: Fleet,
    hands: Hands,
    judge: Judge,
    rollout: Rollout | None = None,
) -> PlanAnswer:
    """Return what would become of a rollout; change nothing.

    `rollout`: the one under way to which the declaration would be applied; None: it is a new one.
    """
    leaving = fleet.leaving(declared.direction)
    selected = [node for node in leaving.values() if belongs(declared, node)]
    # What is on its way was judged before its first effect, and does not look as it did then.
    fresh = [node for node in selected if not _is_on_its_way(fleet.migrations.get(node.uuid))]
    whys = _in_the_way(declared, fresh, judge)
    carry = carried(fleet)
    begun = imagined(declared, fleet) if rollout is None else _applied(declared, fleet, rollout)
    turned = {node.uuid for node in selected if begun.went_back(node.uuid)}
    found = forecast(
        begun,
        pace=Pace(carry or GUESS, hands.slots()),
        zones=hands.zones,
        unfit=frozenset(whys),
    )
    nodes = [
        PlannedAnswer(node.uuid, node.facts.name, wave, why)
        for node in ordered(declared, leaving.values())
        for wave in [None if node.uuid in turned else found.waves.get(node.uuid)]
        for why in [_why(declared, node, found, whys, turned)]
    ]
    return PlanAnswer(
        name=declared.name,
        selected=len(selected) + _gone_ahead(declared, fleet),
        nodes=tuple(sorted(nodes, key=lambda node: (node.wave is None, node.wave or 0))),
        points=tuple(PointAnswer(each.at, each.wave, each.old, each.new) for each in found.points),
        end=found.end,
        arrived=found.arrived,
        left=found.left,
        carry_seconds=(carry or GUESS).total_seconds(),
        measured=carry is not None,
    )


def _is_on_its_way(migration: Migration | None) -> bool:
    return migration is not None and migration.touched and not migration.over


def _gone_ahead(declared: Declaration, fleet: Fleet) -> int:
    """Return how many are on their way that the cloud which they leave does not show any more."""
    leaving = fleet.leaving(declared.direction)
    return sum(
        _is_on_its_way(each) and each.direction is declared.direction and each.node not in leaving
        for each in fleet.migrations.values()
    )


def _applied(declared: Declaration, fleet: Fleet, rollout: Rollout) -> Standing:
    """Return a rollout as it would be if this were applied to it, and it went on."""
    members = tuple(with_values(Standing(rollout, fleet), limit_keys(declared)))
    changed = evolve(rollout, Applied(fleet.at, "", declared, members))
    if changed.status is Status.PAUSED:
        changed = evolve(changed, Resumed(fleet.at, ""))
    return Standing(changed, fleet)


def _in_the_way(
    declared: Declaration, selected: Sequence[Candidate], judge: Judge
) -> dict[str, str]:
    """Return what keeps a node from being carried, in words, by its UUID."""
    if declared.direction is Direction.BACK:
        # Preflight looks at the way to the new cloud.
        return {}
    judged = judge([node.facts for node in selected])
    return {
        each.node: "; ".join(finding.text for finding in each.findings)
        for each in judged
        if not each.is_ready
    }


def _why(
    declared: Declaration,
    node: Candidate,
    found: Forecast,
    whys: dict[str, str],
    turned: Collection[str],
) -> str:
    if node.uuid in turned:
        return "it was aborted or returned since the rollout was started"
    if node.uuid in whys:
        return whys[node.uuid]
    if node.uuid in found.kept:
        return f"it stays: {found.kept[node.uuid]}"
    if node.uuid in found.waves:
        return _OWNERS[drain_of(declared, node).policy] if node.in_use else ""
    if excluded(declared, node):
        return "the file excludes it"
    if not belongs(declared, node):
        return "none of the file's nodes fits it"
    return f"its wave does not come: {found.left}"


def carried(fleet: Fleet) -> timedelta | None:
    """Return how long idle nodes took so far, from the beginning to their arrival."""
    took = [
        (each.since - each.asked_at).total_seconds()
        for each in fleet.migrations.values()
        if each.finished and not each.was_in_use
    ]
    return timedelta(seconds=median(took)) if took else None

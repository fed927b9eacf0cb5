# SPDX-License-Identifier: Apache-2.0
"""How far the rollout has come: the one under way, else the newest."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from ephyrad.engine.engine import Engine
from ephyrad.engine.rollout_answers import RolloutAnswer, RolloutOperations
from ephyrad.metrics.families import gauges
from ephyrad.rollout.rollout import Status


def rollout(engine: Engine, asked: RolloutOperations) -> Iterator[Metric]:
    """Give how the rollout stands. Former ones have no metrics: their number has no bound."""
    known = engine.journal.rollouts
    found = known.active() or next(reversed(known.rollouts()), None)
    answer = None if found is None else asked.one(found.name)
    yield gauges(
        "ephyrad_rollout_nodes",
        "Nodes of the rollout, by how they stand.",
        ("rollout", "standing"),
        {} if answer is None else _standings(answer),
    )
    yield gauges(
        "ephyrad_rollout_status",
        "What the rollout does: 1 for the present status, 0 for the others.",
        ("rollout", "status"),
        {}
        if answer is None
        else {(answer.name, each): float(answer.status == each) for each in Status},
    )
    yield gauges(
        "ephyrad_rollout_wave",
        "The number of the wave that was opened last; 0 before the first.",
        ("rollout",),
        {} if answer is None else {(answer.name,): answer.waves[-1].number if answer.waves else 0},
    )
    eta = None if answer is None else answer.eta
    yield gauges(
        "ephyrad_rollout_eta_timestamp_seconds",
        "When all nodes that need not wait for their owners would have arrived, at the pace of the"
        " last hour; nothing while nobody can tell.",
        ("rollout",),
        {} if answer is None or eta is None else {(answer.name,): eta.timestamp()},
    )


def _standings(answer: RolloutAnswer) -> dict[tuple[str, ...], float]:
    begun = {
        "in-flight": answer.in_flight,
        "waiting-for-owner": answer.waiting,
        "held": answer.held,
        "arrived": answer.arrived,
        "back": answer.back,
    }
    to_come = max(answer.nodes - sum(begun.values()), 0)
    return {(answer.name, word): count for word, count in {**begun, "to-come": to_come}.items()}

# SPDX-License-Identifier: Apache-2.0
"""A rollout as operators see it."""

from collections.abc import Sequence

from ephyrad.engine.rollout_answers import (
    FlyingAnswer,
    GateAnswer,
    HeldAnswer,
    RolloutAnswer,
    WaveAnswer,
)
from ephyrad.rollout import waves
from ephyrad.rollout.outlook import outlook
from ephyrad.rollout.rollout import GateTry, Wave
from ephyrad.rollout.standing import Standing

_NAMED = 20


def answer(standing: Standing, waits_for: str) -> RolloutAnswer:
    """Return where a rollout stands."""
    rollout = standing.rollout
    journeys = standing.journeys
    found = outlook(standing)
    members = [member.node for member in rollout.members()]
    return RolloutAnswer(
        name=rollout.name,
        status=rollout.status.value,
        since=rollout.since,
        by=rollout.by,
        cause=rollout.cause.value if rollout.cause else None,
        reason=rollout.reason,
        waits_for=waits_for,
        direction=rollout.declared.direction.value,
        started_at=rollout.started_at,
        started_by=rollout.started_by,
        nodes=len(members) + (0 if rollout.over else len(waves.left(standing))),
        begun=len(journeys) + sum(map(standing.turned, members)),
        in_flight=sum(each.in_flight for each in journeys),
        waiting=sum(standing.waits_for_owner(each) for each in journeys),
        held=sum(each.hold is not None for each in journeys),
        arrived=sum(each.finished for each in journeys),
        back=sum(map(standing.went_back, members)),
        waves=tuple(_wave(standing, each) for each in rollout.waves),
        pace=found.pace,
        eta=found.end,
        eta_unknown=found.why,
        in_flight_nodes=tuple(_flying(standing)[:_NAMED]),
        held_nodes=tuple(_held(standing)[:_NAMED]),
    )


def _flying(standing: Standing) -> Sequence[FlyingAnswer]:
    found = (each for each in standing.journeys if each.in_flight)
    return [
        FlyingAnswer(each.node, each.name, each.state.value, each.since, each.aborting)
        for each in sorted(found, key=lambda each: (each.since, each.node))
    ]


def _held(standing: Standing) -> Sequence[HeldAnswer]:
    found = (
        HeldAnswer(each.node, each.name, each.hold.since, each.hold.cause.value, each.hold.reason)
        for each in standing.journeys
        if each.hold is not None
    )
    return sorted(found, key=lambda each: (each.since, each.node))


def _wave(standing: Standing, wave: Wave) -> WaveAnswer:
    found = [standing.journey(member.node) for member in wave.members]
    journeys = [each for each in found if each is not None]
    return WaveAnswer(
        number=wave.number,
        rule=wave.rule,
        opened=wave.opened,
        nodes=len(wave.members),
        arrived=sum(each.finished for each in journeys),
        held=sum(each.hold is not None for each in journeys),
        back=sum(standing.went_back(member.node) for member in wave.members),
        approved_by=wave.approved_by,
        gates=tuple(map(_gate, wave.tries.values())),
    )


def _gate(found: GateTry) -> GateAnswer:
    return GateAnswer(
        gate=found.gate,
        began=found.began,
        ended=found.ended,
        result=found.result.value if found.result else None,
        words=found.words,
        output=found.output,
    )

# SPDX-License-Identifier: Apache-2.0
"""The outlook of a rollout: how fast its nodes arrive, and when the last of them would."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ephyrad.rollout import waves
from ephyrad.rollout.rollout import Status
from ephyrad.rollout.standing import Standing

_HOUR = timedelta(hours=1)
_NEVER = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Outlook:
    """`pace`: so many arrived within the last hour. `end`: when all that need not wait for their
    owners would have arrived at that pace; None: `why` says why nobody can tell.
    """

    pace: int
    end: datetime | None
    why: str


def outlook(standing: Standing) -> Outlook:
    """Return how a rollout goes on, if it goes on as within the last hour."""
    rollout, at = standing.rollout, standing.fleet.at
    begun = max(at - _HOUR, rollout.started_at)
    pace = sum(each.finished and each.since >= begun for each in standing.journeys)
    if rollout.status not in (Status.RUNNING, Status.STOPPING):
        return Outlook(pace, None, f"it is {rollout.status}")
    to_come = _to_come(standing)
    if not to_come:
        return Outlook(pace, None, _nothing_to_come(standing))
    if not pace:
        return Outlook(pace, None, f"nothing arrived within the last hour; {to_come} are to come")
    length = (at - begun) / pace * to_come
    if length > _NEVER:
        return Outlook(pace, None, f"it would take more than {_NEVER.days} days at this pace")
    return Outlook(pace, at + length, "")


def _to_come(standing: Standing) -> int:
    """Return how many nodes are to arrive for which neither an owner nor a person is waited for."""
    going = sum(
        not (each.over or each.hold or each.aborting or standing.waits_for_owner(each))
        for each in standing.journeys
    )
    if standing.rollout.status is Status.STOPPING:
        return going
    wave = standing.rollout.wave
    nodes = [*waves.left(standing), *(waves.to_begin(standing, wave) if wave else ())]
    return going + sum(not node.in_use for node in nodes)


def _nothing_to_come(standing: Standing) -> str:
    held = sum(each.hold is not None for each in standing.journeys)
    waiting = sum(standing.waits_for_owner(each) for each in standing.journeys)
    if held or waiting:
        return f"what is left is held ({held}) or waits for its owner ({waiting})"
    return "nothing is to come but what its owners use"

# SPDX-License-Identifier: Apache-2.0
"""The decision: given a rollout and its fleet, what to do next. Pure, as that on a node is."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from ephyrad.migration.states import State
from ephyrad.rollout import budget, notices, waves, windows
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.declaration import ApprovalGate
from ephyrad.rollout.entries import PauseCause
from ephyrad.rollout.floors import below_leaving
from ephyrad.rollout.limits import next_start, over_limit
from ephyrad.rollout.moves import BeginNodes, End, GiveBack, Move, Pause, Rest, TryGate
from ephyrad.rollout.rollout import Status, Wave
from ephyrad.rollout.standing import Standing, clouds
from ephyrad.rollout.verdict import Result
from ephyrad.rollout.windows import Zones
from ephyrad.rollout.words import counted

_MOST_WORDS = 3


def next_move(
    standing: Standing, *, room: int, zones: Zones, under_way: Collection[str] = ()
) -> Move:
    """Return the one thing to do next with a rollout.

    `room`: how many slots are free in all. `under_way`: the runs of gates that are being made.
    """
    rollout = standing.rollout
    match rollout.status:
        case Status.RUNNING:
            return _while_running(standing, room, zones, under_way)
        case Status.PAUSED:
            return notices.void(standing) or Rest(f"it pauses: {rollout.reason}")
        case Status.STOPPING:
            return _stop(standing)
        case Status.STOPPED | Status.FINISHED:
            return Rest(rollout.reason)


def _stop(standing: Standing) -> Move:
    """Let what is in flight end, and give back what was not begun with but in words."""
    left = [each for each in standing.journeys if not each.over and each.state is State.ACTIVE]
    recall = notices.void(standing)
    if recall is not None:
        return recall
    # What somebody else asked for goes its own way.
    given = [each for each in left if notices.is_of_a_rollout(each)]
    waiting = [each.node for each in given if not (each.in_flight or each.hold or each.aborting)]
    if waiting:
        return GiveBack(tuple(waiting))
    going = sum(
        each.in_flight or (each.aborting and not each.over and each.hold is None)
        for each in standing.journeys
    )
    if not going:
        return End("it was stopped")
    return Rest(f"{counted(going, 'node', 'nodes')} in flight to end")


def _while_running(standing: Standing, room: int, zones: Zones, under_way: Collection[str]) -> Move:
    trouble = _trouble(standing)
    if trouble is not None:
        return trouble
    notice = notices.due(standing, zones)
    if notice is not None:
        return notice
    wave = standing.rollout.wave
    if wave is None:
        return _after(standing)
    if not waves.is_over(standing, wave):
        return _go_on(standing, wave, room, zones)
    return _gate(standing, wave, under_way) or _after(standing)


def _trouble(standing: Standing) -> Pause | None:
    rollout = standing.rollout
    limit = rollout.declared.deadlines.rollout
    if limit is not None:
        deadline = rollout.timed_from + limit
        if standing.fleet.at >= deadline:
            return Pause(
                PauseCause.DEADLINE,
                f"it was not over by {deadline:%F %T} UTC, as its deadline says: see what holds it"
                f" up, then `ephyra rollout resume {rollout.name}`",
            )
    too_much = budget.exceeded(standing)
    if too_much is None:
        return None
    return Pause(
        PauseCause.BUDGET,
        f"{too_much}: mend it, release the nodes, then `ephyra rollout resume {rollout.name}`",
    )


def _after(standing: Standing) -> Move:
    """Open the next wave, or end, where no node is left to begin with."""
    following, wave = waves.next_wave(standing), standing.rollout.wave
    if following is not None and wave is not None and waves.is_stuck(standing, wave):
        return Rest(
            f"a node of wave {wave.number} to arrive before it opens the next: none did, and some"
            " are held: release them, or abort them"
        )
    if following is not None:
        return following
    journeys = standing.journeys
    held = sum(each.hold is not None for each in journeys)
    arrived = sum(each.finished for each in journeys)
    over = sum(each.over for each in journeys)
    if over == len(journeys):
        gone = sum(standing.went_back(member.node) for member in standing.rollout.members())
        back = f", {gone} went back" if gone else ""
        return End(f"{counted(arrived, 'node', 'nodes')} arrived{back}, and none is left")
    waiting = len(journeys) - over - held
    return Rest(
        f"every node was begun with; {counted(held, 'is', 'are')} held, and"
        f" {counted(waiting, 'waits for its owner or is', 'wait for their owners or are')} on"
        " the way"
    )


def _gate(standing: Standing, wave: Wave, under_way: Collection[str]) -> Move | None:
    """Return what the gates after a wave ask for; None: all have passed."""
    declared = standing.rollout.declared
    for name in waves.rule_of(standing, wave).gates:
        if isinstance(declared.gates.get(name), ApprovalGate):
            if wave.approved_by is None:
                command = f"ephyra rollout approve {standing.rollout.name}"
                return Rest(f"somebody to approve wave {wave.number} (`{command}`)")
            continue
        run = wave.tries.get(name)
        if run is None or (run.result is None and run.run not in under_way):
            return TryGate(wave.number, name)
        if run.result is None:
            return Rest(f"gate {name} after wave {wave.number}")
        if run.result is not Result.PASS:
            return Pause(
                PauseCause.GATE,
                f"gate {name} after wave {wave.number} did not pass ({run.words}): see to it, then"
                f" `ephyra rollout resume {standing.rollout.name}`, which tries it again",
            )
    return None


def _go_on(standing: Standing, wave: Wave, room: int, zones: Zones) -> Move:
    """Begin with the nodes of a wave that nothing forbids to begin with."""
    at, declared = standing.fleet.at, standing.rollout.declared
    nodes = waves.to_begin(standing, wave)
    if not nodes:
        return Rest(f"the nodes of wave {wave.number} to arrive")
    opening = windows.next_opening(declared.windows, at, zones)
    if opening is None or opening > at:
        return Rest(f"its window, which opens {_when(opening)}", opening)
    leave = _Leave(standing, room)
    begun = []
    for node in nodes:
        if leave.due > at:
            break
        if leave.gives(node):
            begun.append(node)
    if begun:
        return BeginNodes(tuple(begun))
    if leave.due > at:
        return Rest(f"its rate of starts, until {_when(leave.due)}", leave.due)
    return Rest("; ".join(list(leave.refused)[:_MOST_WORDS]))


def kept(standing: Standing, room: int) -> Mapping[str, str]:
    """Return why nodes of the open wave are not begun with, in words, by their UUIDs."""
    wave, leave = standing.rollout.wave, _Leave(standing, room)
    nodes = waves.to_begin(standing, wave) if wave else ()
    whys = ((node.uuid, leave.refusal(node)) for node in nodes)
    return {node: why for node, why in whys if why is not None}


class _Leave:
    """Gives leave to begin with nodes, and counts those that it gave it to.

    `refused`: why it did not, in words. `due`: when the next one may be begun with.
    """

    def __init__(self, standing: Standing, room: int) -> None:
        rollout = standing.rollout
        self._standing = standing
        self._declared = rollout.declared
        self._room = room - standing.intended
        self._values = {member.node: member.values for member in rollout.members()}
        self._in_flight = [self._values[node] for node in standing.in_flight]
        self._starts = [each.asked_at for each in standing.journeys]
        self._taken = Counter[str]()
        self.refused: dict[str, None] = {}

    @property
    def due(self) -> datetime:
        return next_start(self._declared.limits.starts, self._starts, self._standing.fleet.at)

    def gives(self, node: Candidate) -> bool:
        why = self.refusal(node)
        if why is not None:
            self.refused[why] = None
            return False
        self._starts.append(self._standing.fleet.at)
        if not node.in_use:
            self._room -= 1
            self._in_flight.append(self._values[node.uuid])
            self._taken[node.facts.resource_class or ""] += node.available
        return True

    def refusal(self, node: Candidate) -> str | None:
        if node.in_use:
            # Nothing but its owner is waited for: it takes no slot, and nobody else could have it.
            return None
        if self._room <= 0:
            return "all slots are taken (max_in_flight)"
        declared = self._declared
        over = over_limit(declared.limits, self._values[node.uuid], self._in_flight)
        if over is not None or not node.available or not declared.floors:
            return over
        cloud, _ = clouds(declared.direction)
        of = node.facts.resource_class or ""
        both = self._standing.capacities
        return below_leaving(declared.floors, cloud, of, both, taken=self._taken[of])


def _when(at: datetime | None) -> str:
    return "never" if at is None else f"at {at:%F %T} UTC"

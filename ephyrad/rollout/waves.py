# SPDX-License-Identifier: Apache-2.0
"""Waves: which nodes come next, and when those of a wave are done with."""

from collections.abc import Iterator, Sequence

from ephyrad.migration.migration import Migration
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.declaration import ApprovalGate, WaveRule
from ephyrad.rollout.entries import Member
from ephyrad.rollout.floors import needed
from ephyrad.rollout.moves import OpenWave
from ephyrad.rollout.rollout import Wave
from ephyrad.rollout.selection import belongs, ordered
from ephyrad.rollout.standing import Standing


def rule_of(standing: Standing, wave: Wave) -> WaveRule:
    """Return the rule that a wave was opened by.

    Where an applied file has none of that name, it is the one in its place: a wave that is renamed
    keeps its gates.
    """
    rules = standing.rollout.declared.waves
    in_its_place = rules[min(wave.number, len(rules)) - 1]
    return next((rule for rule in rules if rule.name == wave.rule), in_its_place)


def asks_somebody(standing: Standing, wave: Wave) -> bool:
    """Return whether a wave has a gate that a person has to open."""
    gates = standing.rollout.declared.gates
    names = rule_of(standing, wave).gates
    return any(isinstance(gates.get(name), ApprovalGate) for name in names)


def left(standing: Standing) -> Sequence[Candidate]:
    """Return the nodes of the rollout that are in no wave yet, in its order."""
    rollout = standing.rollout
    taken = {member.node for member in rollout.members()}
    nodes = (
        node
        for uuid, node in standing.leaving.items()
        if uuid not in taken and not standing.turned(uuid)
    )
    return ordered(rollout.declared, [node for node in nodes if belongs(rollout.declared, node)])


def next_wave(standing: Standing) -> OpenWave | None:
    """Return the wave to open after those that were, None where no node is left."""
    nodes = left(standing)
    if not nodes:
        return None
    rollout = standing.rollout
    rules = rollout.declared.waves
    rule = rules[_following(rollout.waves, rules)]
    size = len(nodes) if rule.size is None else max(needed(rule.size, rollout.selected), 1)
    return OpenWave(len(rollout.waves) + 1, rule.name, tuple(nodes[:size]))


def _following(opened: Sequence[Wave], rules: Sequence[WaveRule]) -> int:
    """Return which rule comes after those of the waves that were opened.

    An applied file may have some of those no more: then it is the one after the last that it has.
    """
    places = {rule.name: place for place, rule in enumerate(rules)}
    known = [places[wave.rule] for wave in opened if wave.rule in places]
    return min(known[-1] + 1, len(rules) - 1) if known else 0


def member_of(node: Candidate, keys: Sequence[str]) -> Member:
    """Return what a wave knows of a node, with what it has under these keys."""
    return Member(node.uuid, node.facts.name, {key: node.value(key) for key in keys})


def with_values(standing: Standing, keys: Sequence[str]) -> Sequence[Member]:
    """Return the nodes of the waves that were opened, with what they have under these keys now."""
    places = (standing.leaving, standing.entering)
    return [
        member_of(node, keys)
        for member in standing.rollout.members()
        for node in [next((each[member.node] for each in places if member.node in each), None)]
        if node is not None
    ]


def to_begin(standing: Standing, wave: Wave) -> Sequence[Candidate]:
    """Return the nodes of a wave that are free to be begun with, in order."""
    return list(_to_begin(standing, wave))


def _to_begin(standing: Standing, wave: Wave) -> Iterator[Candidate]:
    declared, leaving = standing.rollout.declared, standing.leaving
    for member in wave.members:
        node = leaving.get(member.node)
        if node is not None and standing.is_free(node.uuid) and belongs(declared, node):
            yield node


def _journeys(standing: Standing, wave: Wave) -> Sequence[Migration]:
    """Return the journeys of a wave's nodes, as far as they were begun with."""
    found = (standing.journey(member.node) for member in wave.members)
    return [each for each in found if each is not None]


def is_over(standing: Standing, wave: Wave) -> bool:
    """Return whether nothing of a wave is under way any more.

    Nodes that wait for their owners are left behind, unless the rule says otherwise or nothing of
    the wave has arrived yet.
    """
    if any(True for _ in _to_begin(standing, wave)):
        # Of a large wave the first one tells, as long as there is one.
        return False
    journeys = _journeys(standing, wave)
    waiting = [each for each in journeys if standing.waits_for_owner(each)]
    if not all(each.over or each.hold or each in waiting for each in journeys):
        return False
    arrived = any(each.finished for each in journeys)
    return not waiting or (arrived and not rule_of(standing, wave).waits_for_owners)


def is_stuck(standing: Standing, wave: Wave) -> bool:
    """Return whether nothing of a wave arrived, and something is held: what is next would be, too.

    A person who approved it knew, and let it go on.
    """
    if wave.approved_by is not None:
        return False
    journeys = _journeys(standing, wave)
    return any(each.hold for each in journeys) and not any(each.finished for each in journeys)


def may_be_approved(standing: Standing, wave: Wave) -> bool:
    """Return whether a person may say now that a wave was good enough.

    Those that were left behind do not keep him from it when their owners leave, one today and one
    tomorrow, though the wave is not over meanwhile.
    """
    if is_over(standing, wave):
        return True
    journeys = _journeys(standing, wave)
    to_come = any(True for _ in _to_begin(standing, wave))
    if to_come or rule_of(standing, wave).waits_for_owners:
        return False
    settled = all(each.over or each.hold or each.was_in_use for each in journeys)
    return settled and any(each.finished for each in journeys)

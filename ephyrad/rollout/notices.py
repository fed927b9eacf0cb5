# SPDX-License-Identifier: Apache-2.0
"""Notices: which owners are told that ephyrad deletes their instances, and when that is void."""

from collections.abc import Iterator
from datetime import timedelta

from ephyrad.migration.migration import Migration
from ephyrad.rollout import windows
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.declaration import Drain, DrainRule
from ephyrad.rollout.floors import below_entering
from ephyrad.rollout.moves import GiveNotice, RecallNotice
from ephyrad.rollout.rollout import Rollout
from ephyrad.rollout.selection import belongs, drain_of
from ephyrad.rollout.standing import Standing, clouds
from ephyrad.rollout.windows import Zones

_A_MOMENT = timedelta(minutes=1)
_A_ROLLOUT = "rollout "

CI = "CI "
"""How it begins by whose word a notice is that a message of CI's gave."""


def giver(rollout: Rollout) -> str:
    """Return by whose word a rollout's notices are."""
    return f"{_A_ROLLOUT}{rollout.name}"


def is_of_a_rollout(journey: Migration) -> bool:
    """Return whether a rollout asked for it, this one or one before, and not a person."""
    return journey.asked_by.startswith(_A_ROLLOUT)


def due(standing: Standing, zones: Zones) -> GiveNotice | RecallNotice | None:
    """Return the next notice to give or to take back, None where there is none."""
    recall = void(standing)
    if recall is not None:
        return recall
    rollout = standing.rollout
    if not windows.is_open(rollout.declared.windows, standing.fleet.at, zones):
        return None
    return next(to_give(standing), None)


def to_give(standing: Standing) -> Iterator[GiveNotice]:
    """Give the notices that are due, each as if it were the only one: floors count those given."""
    for journey in standing.journeys:
        node = standing.leaving.get(journey.node)
        if node is None or not _is_waiting(standing, journey):
            continue
        rule, instance = _rule(standing, journey), node.facts.instance_uuid
        if rule.policy is not Drain.RELEASE or rule.notice is None or instance is None:
            continue
        if not _too_few(standing, node):
            yield GiveNotice(journey.node, instance, standing.fleet.at + rule.notice)


def void(standing: Standing) -> RecallNotice | None:
    """Return which notices are to be taken back: the rollout's own, and those by CI's word.

    While it does not run, none of its own stands; nor does one, whosever word it is by, that its
    file does not ask for any more, or that is shorter than its file has it now.
    """
    rollout = standing.rollout
    mine = [each for each in standing.journeys if _is_mine(standing, each)]
    if rollout.runs:
        mine = [each for each in mine if not _stands(_rule(standing, each), each)]
    if mine:
        why = None if rollout.runs else f"rollout {rollout.name} is {rollout.status}"
        return RecallNotice(tuple(each.node for each in mine), why)
    theirs = tuple(each.node for each in _by_ci(standing) if not _is_reclaimed(standing, each))
    if theirs:
        why = f"rollout {rollout.name} does not have it released by CI's word any more"
        return RecallNotice(theirs, why)
    return None


def _is_waiting(standing: Standing, journey: Migration) -> bool:
    retired = journey.touched and journey.was_in_use and standing.waits_for_owner(journey)
    return retired and journey.notice is None


def _too_few(standing: Standing, node: Candidate) -> bool:
    """Return whether too few nodes are left in the cloud to which the owner has to go."""
    declared = standing.rollout.declared
    _, entering = clouds(declared.direction)
    of = node.facts.resource_class or ""
    promised = sum(
        _is_mine(standing, each) and _class(standing, each) == of for each in standing.journeys
    )
    return below_entering(declared.floors, entering, of, standing.capacities, promised) is not None


def _is_mine(standing: Standing, journey: Migration) -> bool:
    notice = journey.notice
    return notice is not None and notice.by == giver(standing.rollout)


def _class(standing: Standing, journey: Migration) -> str:
    node = standing.leaving.get(journey.node)
    return "" if node is None else node.facts.resource_class or ""


def _rule(standing: Standing, journey: Migration) -> DrainRule:
    """Return how a node gets empty; where it is not of the rollout any more, by its owner."""
    node, declared = standing.leaving.get(journey.node), standing.rollout.declared
    if node is None:
        # One that is not listed any more has its instance no more, either.
        return DrainRule(Drain.RELEASE)
    return drain_of(declared, node) if belongs(declared, node) else DrainRule()


def _stands(rule: DrainRule, journey: Migration) -> bool:
    """Return whether a rule asks for the notice that was given, as long before as that was."""
    if rule.policy is not Drain.RELEASE:
        return False
    notice = journey.notice
    if notice is None or rule.notice is None:
        return True
    # Between the look by which it was counted and its entry some time passes.
    return notice.not_before - notice.at > rule.notice - _A_MOMENT


def _by_ci(standing: Standing) -> Iterator[Migration]:
    """Give the nodes with a notice by CI's word: also such as no wave of the rollout began with."""
    for node, each in standing.fleet.migrations.items():
        by_ci = each.notice is not None and each.notice.by.startswith(CI)
        if by_ci and standing.journey(node) is not None:
            yield each


def _is_reclaimed(standing: Standing, journey: Migration) -> bool:
    node = standing.leaving.get(journey.node)
    if node is None:
        return True
    declared = standing.rollout.declared
    return belongs(declared, node) and drain_of(declared, node).policy is Drain.RECLAIM

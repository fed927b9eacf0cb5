# SPDX-License-Identifier: Apache-2.0
"""What can be said of a trial, of its node, and of what it is to be made of."""

import enum
from collections.abc import Collection, Iterable

from ephyrad.migration.facts import CloudName, ComputeFacts, NodeFacts, Provision
from ephyrad.migration.identity import Account
from ephyrad.rollout.trial import Trial
from ephyrad.rollout.verdict import Result, Verdict

_GIVEN_BACK = frozenset({Provision.CLEANING, Provision.CLEAN_WAIT, Provision.AVAILABLE})
_SPOILT = frozenset({Provision.CLEAN_FAILED, Provision.ERROR})


class Standing(enum.Enum):
    """Where a trial stands."""

    BUILDING = enum.auto()
    UP = enum.auto()
    FAILED = enum.auto()


class Return(enum.Enum):
    """Where a node stands whose trial is gone."""

    GOING_ON = enum.auto()
    GIVEN_BACK = enum.auto()
    SPOILT = enum.auto()


def standing(trial: Trial) -> Standing:
    """Say where a trial stands. Only ACTIVE, with nothing more to be done, is up."""
    match trial.status:
        case "ACTIVE" if trial.task is None:
            return Standing.UP
        # What Nova says while a cell cannot be asked.
        case "ACTIVE" | "BUILD" | "UNKNOWN" if not trial.is_going:
            return Standing.BUILDING
        case _:
            return Standing.FAILED


def is_nowhere(trial: Trial) -> bool:
    """Say whether Nova found no place for a trial, so that nothing was tried.

    One whose build failed is on no node any more either, but Nova says other words of it.
    """
    return trial.node is None and (trial.fault or "").startswith("No valid host was found")


def of_failure(trial: Trial, asked: str, node: NodeFacts | None) -> Verdict:
    """Judge a trial that failed on the node that it was asked for on, by Ironic's words as well.

    Nova says no more of a failed build than that it was tried, and of no node (observed).
    """
    why = f": {trial.fault}" if trial.fault else ""
    going = ", and is being deleted" if trial.is_going else ""
    words = f"instance {trial.uuid} on node {asked} is {trial.status}{going}{why}"
    if node is not None and node.last_error:
        words += f" Ironic says of the node, which is {node.provision_state}: {node.last_error}"
    return Verdict(Result.FAIL, words)


def chosen(cloud: CloudName, what: str, wanted: str, offers: Iterable[Account]) -> str | Verdict:
    """Return the id of what the gate names by its id or name; a verdict where that cannot be."""
    there = list(offers)
    if any(each.id == wanted for each in there):
        return wanted
    named = [each.id for each in there if each.name == wanted]
    match named:
        case [only]:
            return only
        case []:
            words = f"the {cloud} cloud has no {what} {wanted}: correct the gate's {what}"
        case _:
            words = (
                f"the {cloud} cloud has {len(named)} of the {what} name {wanted}: name one by id"
                f" ({', '.join(sorted(named)[:3])})"
            )
    return Verdict(Result.UNCLEAR, words)


def is_free(facts: ComputeFacts | None, resources: Collection[str]) -> bool:
    """Say whether placement offers a node to a flavor that asks for these resource classes.

    A flavor that asks for none takes any node.
    """
    if facts is None or facts.instances or facts.provider is None or facts.provider.consumers:
        return False
    return any(
        total > reserved and (not resources or name in resources)
        for name, (total, reserved) in facts.provider.inventory.items()
    )


def returned(node: NodeFacts | None) -> Return:
    """Say whether a node is as it should be after its trial was deleted: cleaned, or about to be.

    A node that is not there any more was carried back, or taken away.
    """
    if node is None:
        return Return.GIVEN_BACK
    if node.provision_state in _SPOILT:
        return Return.SPOILT
    if node.provision_state in _GIVEN_BACK and node.instance_uuid is None:
        return Return.GIVEN_BACK
    return Return.GOING_ON

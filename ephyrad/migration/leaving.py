# SPDX-License-Identifier: Apache-2.0
"""Decisions on a node that leaves the old cloud: active, drained, cleaning."""

from collections.abc import Iterator
from datetime import datetime

from ephyrad.migration import marks, preflight, releasing
from ephyrad.migration.conditions import (
    OFFERED,
    foreign,
    occupants,
    offered,
    retired,
)
from ephyrad.migration.copying import carry
from ephyrad.migration.document import Before
from ephyrad.migration.effects import (
    RetireNode,
    WithdrawNode,
)
from ephyrad.migration.facts import CloudName, NewCloudFacts, NodeFacts, Provision, is_marked
from ephyrad.migration.migration import Migration
from ephyrad.migration.plan import Plan, planned
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import Sighting
from ephyrad.migration.states import Trigger
from ephyrad.migration.steps import (
    Cause,
    Hold,
    Keep,
    Owe,
    Perform,
    Settle,
    Step,
    Witness,
)
from ephyrad.migration.stops import (
    SETTLED,
    may_pass,
    occupied,
    unfit,
    unheard,
    vanished,
    waiting,
    waiting_in_state,
)

_IN_USE = (Provision.ACTIVE, Provision.RESCUE)
_BEING_CLEANED = (Provision.CLEANING, Provision.CLEAN_WAIT, Provision.CLEAN_HOLD)
_PASSING = (
    *_BEING_CLEANED,
    Provision.DELETING,
    Provision.DEPLOYING,
    Provision.DEPLOY_WAIT,
    Provision.DEPLOY_HOLD,
    Provision.VERIFYING,
    Provision.INSPECTING,
    Provision.INSPECT_WAIT,
    Provision.REBUILD,
    Provision.RESCUING,
    Provision.RESCUE_WAIT,
    Provision.UNRESCUING,
    Provision.SERVICING,
    Provision.SERVICE_WAIT,
    Provision.SERVICE_HOLD,
    Provision.ADOPTING,
)

_UNVERIFIED = (Provision.ENROLL, Provision.VERIFYING)


def in_the_way(
    plan: Plan, seen: Sighting, policy: Policy, old: NodeFacts, new: NewCloudFacts
) -> Iterator[preflight.Problem]:
    """Yield all that stands in the way of a node's first effect, but for its provision state."""
    yield from preflight.old_record(old)
    yield from plan.problems(new, foreign(seen), policy)
    flavors = (seen.flavors.get(name, ()) for name in (CloudName.OLD, CloudName.NEW))
    yield from preflight.unofferable(plan.document, *flavors)


def is_fit(old: NodeFacts) -> bool:
    """Return whether the way of a node can begin in its provision state."""
    return old.provision_state in (
        *_IN_USE,
        *_PASSING,
        Provision.AVAILABLE,
        Provision.MANAGEABLE,
    )


def from_active(migration: Migration, seen: Sighting, policy: Policy) -> Step:
    """Decide on a node that may be in use."""
    old = seen.old.node
    if old is None:
        return _gone(migration, seen, Trigger.DRAIN)
    if not migration.touched:
        first = _before_touching(migration, seen, policy, old)
        if first is not None:
            return first
    for problem in preflight.old_record(old):
        passing = problem.cause is Cause.MAINTENANCE and may_pass(old)
        text = problem.text if passing else f"{problem.text}, then release the node"
        return Hold(problem.cause, text, lifts_itself=passing)
    inside = occupants(seen.old)
    match old.provision_state:
        case state if state in _IN_USE:
            if not retired(old):
                return Perform(_retire(migration, in_use=True, last_fault=_last_fault(seen)))
            return releasing.in_use(migration, seen, policy, old)
        case Provision.AVAILABLE if inside:
            what = f"instance {', '.join(inside)}, which is to be put on it, to be there or gone"
            again = seen.at + policy.look_again
            return waiting_in_state(migration, seen, what, policy.removal_timeout, again)
        case Provision.AVAILABLE:
            return Perform(WithdrawNode())
        case Provision.MANAGEABLE if not retired(old):
            return Perform(_retire(migration, in_use=False))
        case state if state in (Provision.MANAGEABLE, *_BEING_CLEANED) and retired(old):
            return _drain(migration, seen, policy)
        case state if state in _PASSING:
            what = f"the old cloud to end {state}"
            return waiting_in_state(migration, seen, what, policy.clean_timeout)
        case _:
            return unfit(CloudName.OLD, old, SETTLED)


def from_drained(migration: Migration, seen: Sighting) -> Step:
    """Decide on an empty node that was not seen to be cleaned yet."""
    old = seen.old.node
    if old is None:
        return _gone(migration, seen, Trigger.CLEAN)
    if occupants(seen.old):
        return occupied(migration, seen)
    if old.provision_state in _BEING_CLEANED:
        return Settle(Trigger.CLEAN, f"the old Ironic cleans it ({old.provision_state})")
    if old.provision_state is not Provision.MANAGEABLE:
        return unfit(CloudName.OLD, old)
    proof = clean_proof(migration, seen)
    return Settle(Trigger.CLEAN, proof or "the old Ironic does not clean it now")


def from_cleaning(migration: Migration, seen: Sighting, policy: Policy) -> Step:
    """Decide on a node that is being cleaned, or was and is to be carried across."""
    old = seen.old.node
    if old is None:
        return _gone(migration, seen, Trigger.TRANSFER)
    if occupants(seen.old):
        return occupied(migration, seen)
    if old.provision_state in _BEING_CLEANED:
        wait = waiting(migration, "the old cloud to clean it", policy.clean_timeout)
        return unheard(CloudName.OLD, old) or wait
    if old.provision_state is not Provision.MANAGEABLE:
        return unfit(CloudName.OLD, old)
    if migration.cleaned is None and migration.owed is None:
        proof = clean_proof(migration, seen)
        return Owe(_unproven(migration)) if proof is None else Witness(proof)
    return carry(migration, seen, policy, old)


def clean_proof(migration: Migration, seen: Sighting) -> str | None:
    """Return the proof that the old cloud completed this migration's cleaning, None without one.

    `manageable` alone proves nothing: a failed clean followed by `manage` ends there too. A proof
    is the notification of the very transition that led to the present state, or else what the API
    shows: a node that was retired while in use can become `manageable` only through cleaning, and
    a failed one leaves `last_error`, a fault or history behind (`manage` from `clean failed` keeps
    `last_error`: conductor/task_manager.py of 21.4).
    """
    old = seen.old.node
    if old is None or not migration.was_in_use or old.fault or old.maintenance:
        return None
    if old.provision_state is not Provision.MANAGEABLE or not retired(old):
        return None
    if old.last_error:
        return None
    for notification in seen.notifications:
        fields = notification.fields
        if (
            notification.cloud is CloudName.OLD
            and fields.get("previous_provision_state") == Provision.CLEANING
            and fields.get("provision_state") == Provision.MANAGEABLE
            and _same_moment(fields.get("provision_updated_at"), old.provision_updated_at)
        ):
            return f"notification {notification.message_id}: cleaning -> manageable"
    if seen.old.faults is None or _last_fault(seen) != migration.last_fault:
        return None
    return (
        f"manageable since {old.provision_updated_at}, retired while in use, automated_clean,"
        " and no error recorded since"
    )


def _before_touching(
    migration: Migration, seen: Sighting, policy: Policy, old: NodeFacts
) -> Step | None:
    if seen.old.records is None or seen.new_cloud is None:
        return vanished(migration, CloudName.OLD)
    before = _before(old)
    plan = planned(migration, seen.old.records, before, seen, policy)
    problems = in_the_way(plan, seen, policy, old, seen.new_cloud)
    hold = preflight.as_hold(problems, lifts_itself=True)
    if hold is not None:
        return hold
    if not is_fit(old):
        return unfit(CloudName.OLD, old, SETTLED, lifts_itself=True)
    if migration.before is not None:
        return None
    return Keep(plan.document, before, final=False, rewriting=plan.rewriting)


def _before(old: NodeFacts) -> Before:
    """Return what the old record said before ephyrad touched it, if need be by its mark."""
    mark = marks.of_retired(old.retired_reason) if retired(old) else None
    return Before(automated_clean=mark.automated_clean if mark else old.automated_clean)


def _retire(
    migration: Migration, *, in_use: bool, last_fault: datetime | None = None
) -> RetireNode:
    before = migration.before
    return RetireNode(in_use, last_fault, before.automated_clean if before else None)


def _gone(migration: Migration, seen: Sighting, trigger: Trigger) -> Step:
    """Decide on a node that the old cloud has no record of, in a state in which it should.

    ephyrad deletes an old record only when the new cloud has verified the BMC. Where the new record
    is that far and bears its mark, or was handed over and bears none any more, the journal is older
    than the clouds (a lost one that was begun anew, or a restored backup): the node goes on from
    what they show.
    """
    new = seen.new.node
    if new is None or new.provision_state in _UNVERIFIED:
        return vanished(migration, CloudName.OLD)
    if not is_marked(new) and new.provision_state not in OFFERED:
        return vanished(migration, CloudName.OLD)
    if occupants(seen.old):
        return occupied(migration, seen)
    if trigger is Trigger.TRANSFER and migration.cleaned is None and migration.owed is None:
        return Owe("the journal does not know of its cleaning: it is older than the clouds")
    return Settle(
        trigger,
        "the journal is older than the clouds: the old cloud has no record of it left, and the new"
        f" one has it {new.provision_state}",
    )


def _drain(migration: Migration, seen: Sighting, policy: Policy) -> Step:
    inside, free = occupants(seen.old), offered(seen.old)
    if inside:
        what = f"the old Nova to forget instance {', '.join(inside)}"
    elif free:
        what = f"the old placement to offer it no more ({', '.join(free)})"
    else:
        known = "retired; Ironic, Nova and placement show no instance on it and offer it to nobody"
        return Settle(Trigger.DRAIN, known)
    again = seen.at + policy.look_again
    return waiting_in_state(migration, seen, what, policy.removal_timeout, again)


def _unproven(migration: Migration) -> str:
    if migration.was_in_use:
        return "its cleaning in the old cloud was not seen to complete"
    return "it was idle: a retired node cannot be cleaned again in the old cloud"


def _last_fault(seen: Sighting) -> datetime | None:
    return max((fault.at for fault in seen.old.faults or ()), default=None)


def _same_moment(text: object, at: datetime | None) -> bool:
    """Compare a notification's time stamp, in whole seconds, with the API's."""
    if not isinstance(text, str) or at is None:
        return False
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        return False
    return said == at.replace(microsecond=0)

# SPDX-License-Identifier: Apache-2.0
"""Decisions on a node that goes back to the old cloud, as it was, because its way was aborted.

By what is seen, in this order: the new cloud's record goes, so that no other conductor may own the
BMC; then the fence; then the node is in the old cloud again (`active`), where its retirement goes
and, where it was in service, it is offered again.
"""

from ephyrad.migration import marks
from ephyrad.migration.conditions import fenced, occupants, unguarded
from ephyrad.migration.effects import (
    FenceNode,
    OfferNode,
    RemoveNode,
    UnfenceNode,
    UnretireNode,
    describe,
)
from ephyrad.migration.facts import CloudName, NodeFacts, Provision
from ephyrad.migration.migration import Migration
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import Sighting
from ephyrad.migration.states import State, Trigger
from ephyrad.migration.steps import Cause, Close, Hold, Owe, Perform, Settle, Step, WaitUntil
from ephyrad.migration.stops import (
    SETTLED,
    maintained,
    may_pass,
    occupied,
    unfit,
    unheard,
    waiting,
    waiting_in_state,
)

# What Ironic deletes without maintenance (conductor/manager.py, destroy_node, of 21.4 and 39.0); it
# deletes everything in maintenance, which a clean that failed sets by itself.
_DELETABLE = (
    Provision.ENROLL,
    Provision.MANAGEABLE,
    Provision.AVAILABLE,
    Provision.ADOPT_FAILED,
)
_TAKEN = (
    Provision.ACTIVE,
    Provision.DEPLOYING,
    Provision.DEPLOY_WAIT,
    Provision.DEPLOY_HOLD,
    Provision.DEPLOY_FAILED,
    Provision.DELETING,
    Provision.ERROR,
    Provision.REBUILD,
    Provision.RESCUE,
)
_BEING_CLEANED = (Provision.CLEANING, Provision.CLEAN_WAIT, Provision.CLEAN_HOLD)

# While a conductor works on a node, Ironic takes no PATCH of it (UPDATE_ALLOWED_STATES).
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
_IN_USE = (Provision.ACTIVE, Provision.RESCUE)
_ON_THE_WAY_BACK = (RemoveNode, UnfenceNode, UnretireNode, OfferNode)


def restore(migration: Migration, seen: Sighting, policy: Policy) -> Step:
    """Decide on a node that is on its way back."""
    old, new = seen.old.node, seen.new.node
    ours = new is not None and (migration.created or new.mark is not None)
    if ours and unguarded(seen) and not _kept_by_others(old):
        # Two conductors own one BMC: nothing is more urgent.
        return Perform(FenceNode())
    if old is None:
        return _gone(migration, new if ours else None)
    if old.provision_state is Provision.UNKNOWN and (migration.touched or ours):
        return unfit(CloudName.OLD, old, SETTLED)
    first = _unsettled(migration, seen, policy) or _out_of_new(migration, seen, policy, old)
    if first is not None:
        return first
    if fenced(old):
        return Perform(UnfenceNode())
    if migration.state is not State.ACTIVE:
        return Settle(
            Trigger.RESTORE,
            "the new cloud has no record of it, and the old Ironic has its BMC again",
        )
    return _as_it_was(migration, seen, policy, old)


def _kept_by_others(old: NodeFacts | None) -> bool:
    """Return whether somebody else has the node in maintenance, which is not ephyrad's to lift.

    It keeps the old Ironic from the BMC as the fence does; that which Ironic ends by itself does
    not for long.
    """
    return old is not None and old.maintenance and not fenced(old) and not may_pass(old)


def _gone(migration: Migration, ours: NodeFacts | None) -> Step:
    """Decide on a node without a record to go back to; what the new cloud has may be all."""
    if not migration.touched and ours is None:
        return Close("nothing was done with it, and the old cloud has no record of it any more")
    owned = ours is not None and ours.provision_state is not Provision.ENROLL
    # Two conductors would own its BMC until ephyrad has seen the record and fenced it.
    how = " in maintenance as the new cloud has its BMC," if owned else ""
    return Hold(
        Cause.OLD_GONE,
        "the old cloud has no record of the node to go back to: if ephyrad's user may no longer"
        " see it, mend that there; if somebody deleted it, enrol it there again under its UUID,"
        f" with all that was its,{how} and bring it to manageable; then release the node",
    )


def _unsettled(migration: Migration, seen: Sighting, policy: Policy) -> Step | None:
    """Return the wait for a call of the way there that may still be carried out."""
    attempt = migration.attempt
    if attempt is None or not attempt.unsettled or isinstance(attempt.effect, _ON_THE_WAY_BACK):
        return None
    settled = attempt.last + policy.unknown_settles
    if seen.at >= settled:
        return None
    what = f"a call that may be done still: {describe(attempt.effect)}"
    return WaitUntil(what, settled + policy.retry_for, again=settled)


def _out_of_new(
    migration: Migration, seen: Sighting, policy: Policy, old: NodeFacts
) -> Step | None:
    """Return what is to be done until the new cloud has no record of the node; None: it has none.

    Another's record is not touched: it is no matter as long as it cannot control the BMC by
    ephyrad's doing.
    """
    new = seen.new.node
    if new is None:
        return _unexpectedly_gone(migration)
    if new.mark is None:
        if not migration.created and not fenced(old):
            return None
        return Hold(
            Cause.CONFLICT,
            "the new cloud has a record of it that does not bear ephyrad's mark"
            f" ({new.provision_state}): delete it there if nobody needs it, then release the node",
        )
    inside = occupants(seen.new)
    if inside or new.provision_state in _TAKEN:
        return _taken_in_new(migration, new, inside)
    match new.provision_state:
        case Provision.VERIFYING:
            return waiting(migration, "the new cloud to verify the BMC", policy.verify_timeout)
        case state if state in _PASSING:
            what = f"the new cloud to end {state}, or somebody to abort that there"
            return waiting(migration, what, policy.provide_timeout)
        case state if state in _DELETABLE:
            return Perform(RemoveNode())
        case Provision.CLEAN_FAILED if new.maintenance:
            return Perform(RemoveNode())
        case _:
            return unfit(CloudName.NEW, new)


def _unexpectedly_gone(migration: Migration) -> Step | None:
    """Return the hold of a node whose new record is not seen, and was not deleted by ephyrad.

    To lift the fence from a BMC that the new cloud owns unseen would give it two owners.
    """
    if not migration.recorded or Cause.NEW_GONE in migration.answered:
        return None
    return Hold(
        Cause.NEW_GONE,
        "the new cloud has no record of the node any more, and ephyrad did not delete it: if"
        " ephyrad's user may no longer see it, mend that there; then release the node, which goes"
        " on as if the new cloud had none",
    )


def _taken_in_new(migration: Migration, new: NodeFacts, inside: tuple[str, ...]) -> Step:
    who = f"instance {', '.join(inside)} is on it" if inside else f"it is {new.provision_state}"
    if migration.cleaned is not None:
        # What it leaves on the disk was not there when the node was cleaned.
        return Owe(f"{who} in the new cloud, after it was cleaned")
    return Hold(
        Cause.OCCUPIED,
        f"{who} in the new cloud, so its record there is not deleted: delete the instance there,"
        " then release the node",
    )


def _as_it_was(migration: Migration, seen: Sighting, policy: Policy, old: NodeFacts) -> Step:
    """Decide on a node that the old cloud alone has."""
    marked = old.retired and marks.is_retired(old.retired_reason)
    if not migration.touched and not marked:
        return Close("nothing was done with it")
    state = old.provision_state
    if state in _PASSING:
        what = f"the old cloud to end {state}"
        wait = waiting_in_state(migration, seen, what, policy.clean_timeout)
        # Where no cleaning is configured, `cleaning` is over in a moment, whoever is heard.
        return (unheard(CloudName.OLD, old) if state is Provision.CLEAN_WAIT else None) or wait
    serves = state is Provision.AVAILABLE or state in _IN_USE
    own = _own_automated_clean(migration, old)
    wanted = True if _must_be_cleaned(migration) and not serves else own
    if marked or old.automated_clean != wanted:
        return Perform(UnretireNode(wanted, unmark=marked))
    if serves:
        return Close(f"{state} in the old cloud, as it was; nothing of it is in the new one")
    if not migration.in_service and state is Provision.MANAGEABLE:
        return Close(
            "manageable in the old cloud, as ephyrad found it; nothing of it is in the new one"
        )
    if state is not Provision.MANAGEABLE:
        return unfit(CloudName.OLD, old, SETTLED)
    return _offer(migration, seen, policy, old)


def _own_automated_clean(migration: Migration, old: NodeFacts) -> bool | None:
    """Return what the node's own `automated_clean` is, by the journal or else by the mark."""
    if migration.before is not None:
        return migration.before.automated_clean
    mark = marks.of_retired(old.retired_reason)
    return mark.automated_clean if mark else old.automated_clean


def _must_be_cleaned(migration: Migration) -> bool:
    """Return whether an instance's data may be on it, whatever the old cloud's own rule is."""
    return migration.in_service and migration.used and migration.cleaned is None


def _offer(migration: Migration, seen: Sighting, policy: Policy, old: NodeFacts) -> Step:
    inside = occupants(seen.old)
    # What is owed was found after the node was empty: whoever is on it now came later.
    if inside and migration.was_in_use and migration.cleaned is None and migration.owed is None:
        what = f"the old Nova to forget instance {', '.join(inside)}"
        again = seen.at + policy.look_again
        return waiting_in_state(migration, seen, what, policy.removal_timeout, again)
    if inside:
        return occupied(migration, seen)
    if old.retired:
        return Hold(
            Cause.RETIRED,
            "it cannot be made available, as somebody else retired it in the old cloud"
            f" ({old.retired_reason or 'no reason'}): unset retired there, then release the node",
        )
    if old.maintenance:
        return maintained(CloudName.OLD, old)
    return Perform(OfferNode())

# SPDX-License-Identifier: Apache-2.0
"""Stops: the waits and the holds that a node may meet on either cloud's side."""

from datetime import datetime, timedelta

from ephyrad.migration.conditions import occupants
from ephyrad.migration.facts import CloudName, NodeFacts, Provision
from ephyrad.migration.migration import Migration
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import Sighting
from ephyrad.migration.steps import Cause, Hold, Owe, Step, WaitUntil

UNREADABLE = "its document cannot be read from the journal: see the log, then release the node"
SETTLED = "manageable or available"


def waiting(
    migration: Migration, what: str, limit: timedelta, again: datetime | None = None
) -> WaitUntil:
    """Return a wait that began with the last thing that was done.

    `again` is given where no notification tells of the end of the wait.
    """
    return WaitUntil(what, last_done(migration) + limit, again)


def waiting_in_state(
    migration: Migration,
    seen: Sighting,
    what: str,
    limit: timedelta,
    again: datetime | None = None,
) -> WaitUntil:
    """Return a wait that began when the old Ironic brought the node into its present state.

    That may be long after the last thing that ephyrad did: an instance may stay for weeks.
    """
    old = seen.old.node
    reached = old.provision_updated_at if old else None
    # A cloud's clock may go before ours: a wait must not begin in the future.
    begun = max(last_done(migration), min(reached, seen.at) if reached else migration.since)
    return WaitUntil(what, begun + limit, again)


def waiting_for_conductor(
    migration: Migration, seen: Sighting, policy: Policy, conductor: str
) -> WaitUntil:
    """Return the wait for a conductor of the old cloud that works on the node still."""
    what = f"conductor {conductor} of the old cloud to let go of the node"
    return waiting(migration, what, policy.removal_timeout, seen.at + policy.look_again)


def vanished(migration: Migration, cloud: CloudName) -> Hold:
    """Return the hold of a node whose record is not where it was."""
    return Hold(
        Cause.VANISHED,
        f"the {cloud} cloud has no record of the node in state {migration.state}: if ephyrad's user"
        " may no longer see it, mend that there; if somebody deleted it, enrol it there again under"
        " its UUID, with all that was its, and bring it to manageable; then release the node",
        lifts_itself=not migration.touched,
    )


def may_pass(node: NodeFacts) -> bool:
    """Return whether Ironic ends the maintenance of a node by itself, when its BMC answers again.

    `_power_failure_recovery` (conductor/manager.py of 21.4 and 39.0) does that where the power sync
    had set it, and says so by this fault.
    """
    return node.fault == "power failure"


def maintained(cloud: CloudName, node: NodeFacts, more: str = "") -> Hold:
    """Return the hold of a node that a cloud has in maintenance, not by ephyrad's doing."""
    why = node.maintenance_reason or "no reason"
    passing = may_pass(node)
    cure = (
        "it goes on by itself when Ironic reaches the BMC again"
        if passing
        else "repair it and unset maintenance there, then release the node"
    )
    text = f"it is in maintenance in the {cloud} cloud ({why}){more}: {cure}"
    return Hold(Cause.MAINTENANCE, text, lifts_itself=passing)


def unheard(cloud: CloudName, node: NodeFacts) -> Hold | None:
    """Return the hold of a node that is being cleaned in maintenance, None where it is in none."""
    if not node.maintenance:
        return None
    return maintained(cloud, node, " while it is cleaned, so its agent is not heard")


def occupied(migration: Migration, seen: Sighting) -> Step:
    """Decide on a node that has an instance where it must have none."""
    inside = ", ".join(occupants(seen.old))
    if migration.cleaned is not None:
        # What it leaves on the disk was not there when the node was cleaned.
        return Owe(f"instance {inside} was on it in the old cloud after it was cleaned")
    return Hold(
        Cause.OCCUPIED,
        f"instance {inside} is on the node in the old cloud after it was drained: delete it there,"
        " then release the node",
    )


def unfit(
    cloud: CloudName, node: NodeFacts, fit: str = "manageable", *, lifts_itself: bool = False
) -> Hold:
    """Return the hold of a node that a cloud has in a state that leads nowhere."""
    failed = node.provision_state is Provision.CLEAN_FAILED
    error = f" ({node.last_error})" if node.last_error else ""
    return Hold(
        Cause.CLEAN_FAILED if failed else Cause.UNFIT,
        f"it is {node.provision_state} in the {cloud} cloud{error}: bring it to {fit} there, then"
        " release the node",
        lifts_itself,
    )


def last_done(migration: Migration) -> datetime:
    """Return when a node came into its state, or the last thing was done with it, if later."""
    attempt = migration.attempt
    return max(migration.since, attempt.last) if attempt else migration.since

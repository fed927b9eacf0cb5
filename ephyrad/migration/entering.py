# SPDX-License-Identifier: Apache-2.0
"""Decisions on a node that enters the new cloud: transferred, registered."""

from ephyrad.migration.document import capture, differences
from ephyrad.migration.effects import (
    DeleteNode,
    FenceNode,
    ManageNode,
    PowerOffNode,
    ProvideNode,
    SetAutomatedClean,
)
from ephyrad.migration.facts import CloudName, NodeFacts, Provision
from ephyrad.migration.leaving import fenced, occupants, offered, vanished, waiting
from ephyrad.migration.migration import Migration
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import Sighting
from ephyrad.migration.states import Trigger
from ephyrad.migration.steps import Cause, Hold, Perform, Settle, Step, Witness

# Somebody may boot an instance on a node as soon as the new cloud offers it.
_TAKEN = (Provision.DEPLOYING, Provision.DEPLOY_WAIT, Provision.ACTIVE)
_OFFERED = (Provision.AVAILABLE, *_TAKEN)


def from_transferred(migration: Migration, seen: Sighting, policy: Policy) -> Step:
    """Decide on a node that is fenced in the old cloud and recorded in the new one."""
    old, new = seen.old.node, seen.new.node
    if new is None:
        return vanished(migration, CloudName.NEW)
    if old is not None and not fenced(old):
        # Before anything else: two conductors must never own one BMC.
        return Perform(FenceNode())
    match new.provision_state:
        case Provision.ENROLL:
            return _manage(migration, new)
        case Provision.VERIFYING:
            return waiting(migration, "the new cloud to verify the BMC", policy.verify_timeout)
        case Provision.MANAGEABLE if new.power_state is None:
            return Perform(PowerOffNode())
        case Provision.MANAGEABLE | Provision.AVAILABLE if old is not None:
            return _delete_old(migration, seen, old)
        case Provision.MANAGEABLE if migration.owed and new.automated_clean is not True:
            return Perform(SetAutomatedClean(value=True))
        case Provision.MANAGEABLE:
            return Perform(ProvideNode())
        case Provision.CLEANING | Provision.CLEAN_WAIT | Provision.CLEAN_HOLD:
            return waiting(migration, "the new cloud to clean it", policy.provide_timeout)
        case state if state in _OFFERED:
            return _register(migration, seen, policy, new)
        case _:
            return _unfit(new)


def from_registered(migration: Migration, seen: Sighting, policy: Policy) -> Step:
    """Decide on a node that the new Ironic owns and the new Nova may not offer yet."""
    new = seen.new.node
    if new is None:
        return vanished(migration, CloudName.NEW)
    if not policy.new_compute:
        return Settle(Trigger.OFFER, "available in the new cloud, which has no Nova to wait for")
    if new.instance_uuid or new.provision_state in _TAKEN:
        return Settle(Trigger.OFFER, "the new Nova has put an instance on it already")
    free = offered(seen.new)
    if free and new.provision_state is Provision.AVAILABLE and not new.maintenance:
        return Settle(Trigger.OFFER, f"the new placement offers {', '.join(free)}")
    standing = f"{new.provision_state}{' in maintenance' if new.maintenance else ''}"
    what = f"the new placement to offer it (it is {standing} in the new cloud)"
    return waiting(migration, what, policy.offer_timeout, seen.at + policy.look_again)


def _manage(migration: Migration, new: NodeFacts) -> Step:
    attempt = migration.attempt
    tried = attempt is not None and attempt.effect == ManageNode() and attempt.outcome is not None
    if tried and new.last_error:
        return Hold(
            Cause.UNVERIFIED,
            f"the new cloud could not verify its BMC ({new.last_error}): mend its driver_info or"
            " the BMC, then release the node",
        )
    return Perform(ManageNode())


def _delete_old(migration: Migration, seen: Sighting, old: NodeFacts) -> Step:
    """Delete the old record, if all that must be true before is seen to be true now."""
    inside = occupants(seen.old)
    if inside:
        return Hold(
            Cause.OCCUPIED,
            f"instance {', '.join(inside)} is on the node in the old cloud: its record is not"
            " deleted; delete the instance there, then release the node",
        )
    if old.protected:
        return Hold(
            Cause.PROTECTED,
            "somebody protected it in the old cloud: its record is not deleted; unset protected"
            " there, then release the node",
        )
    document, before = seen.document, migration.before
    if document is None or before is None or not seen.old.records or not seen.new.records:
        return Hold(Cause.VANISHED, "its document cannot be read from the journal: see the log")
    for cloud, records in ((CloudName.OLD, seen.old.records), (CloudName.NEW, seen.new.records)):
        different = differences(document, capture(records, before, {}))
        if different:
            return Hold(
                Cause.DIFFERENT,
                f"its record in the {cloud} cloud was changed since it was carried, at"
                f" {', '.join(different)}: the old record is not deleted; make the two equal, then"
                " release the node",
            )
    return Perform(DeleteNode())


def _register(migration: Migration, seen: Sighting, policy: Policy, new: NodeFacts) -> Step:
    if migration.cleaned is None:
        return _cleaned_by_new(new)
    before = migration.before
    if before is not None and new.automated_clean != before.automated_clean:
        return Perform(SetAutomatedClean(before.automated_clean))
    compute = seen.old.compute
    if compute is not None and (compute.provider is not None or compute.instances):
        what = "the old Nova to remove its resource provider"
        return waiting(migration, what, policy.removal_timeout, seen.at + policy.look_again)
    return Settle(
        Trigger.REGISTER,
        f"BMC verified ({new.power_state}); {new.provision_state} in the new cloud; nothing left"
        " of it in the old cloud",
    )


def _cleaned_by_new(new: NodeFacts) -> Step:
    """Take the new cloud's word: with `automated_clean`, only cleaning leads to `available`."""
    if new.automated_clean is True:
        return Witness("made available in the new cloud with automated_clean, so through cleaning")
    return Hold(
        Cause.CLEAN_FAILED,
        f"it is {new.provision_state} in the new cloud, but automated_clean was taken away, so"
        " nothing proves that it was cleaned: clean it there (manage, set automated_clean,"
        " provide), then release the node",
    )


def _unfit(new: NodeFacts) -> Hold:
    failed = new.provision_state is Provision.CLEAN_FAILED
    error = f" ({new.last_error})" if new.last_error else ""
    return Hold(
        Cause.CLEAN_FAILED if failed else Cause.UNFIT,
        f"it is {new.provision_state} in the new cloud{error}: bring it to manageable or available"
        " there, then release the node",
    )

# SPDX-License-Identifier: Apache-2.0
"""Decisions on a node that enters the new cloud: transferred, registered."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ephyrad.migration import marks, preflight
from ephyrad.migration.conditions import OFFERED, fenced, occupants, offered, unguarded
from ephyrad.migration.copying import copied
from ephyrad.migration.document import Before, capture
from ephyrad.migration.effects import (
    DeleteNode,
    FenceNode,
    ManageNode,
    PowerOffNode,
    ProvideNode,
    SetAutomatedClean,
    ShieldNode,
    UnshieldNode,
)
from ephyrad.migration.equality import changed
from ephyrad.migration.facts import CloudName, NodeFacts, NodeRecords, Provision
from ephyrad.migration.migration import Migration
from ephyrad.migration.outcomes import Done, Underway
from ephyrad.migration.policy import Policy
from ephyrad.migration.references import Change, rewritten
from ephyrad.migration.sighting import Sighting
from ephyrad.migration.states import Trigger
from ephyrad.migration.steps import Cause, Hold, Keep, Perform, Settle, Step, Watch, Witness
from ephyrad.migration.stops import (
    SETTLED,
    UNREADABLE,
    maintained,
    occupied,
    unfit,
    waiting,
    waiting_for_conductor,
)

# Somebody may boot an instance on a node, and delete it, as soon as the new cloud offers it.
_CHANGING = (
    Provision.DEPLOYING,
    Provision.DEPLOY_WAIT,
    Provision.DEPLOY_HOLD,
    Provision.DELETING,
)
_TAKEN = tuple(state for state in OFFERED if state is not Provision.AVAILABLE)

# Ironic has "error" for a power state that it could not read (ironic/common/states.py).
_POWER_KNOWN = ("power on", "power off")


def from_transferred(migration: Migration, seen: Sighting, policy: Policy) -> Step:
    """Decide on a node that is fenced in the old cloud and recorded in the new one."""
    new = seen.new.node
    first = _before_going_on(migration, seen, policy)
    if first is not None:
        return first
    if new is None:
        return _gone_from_new(migration, seen, policy)
    match new.provision_state:
        case Provision.ENROLL:
            unlike = Cause.NEW_GONE in migration.answered and copied(migration, seen, policy)
            return unlike or _manage(migration, new)
        case Provision.VERIFYING:
            return waiting(migration, "the new cloud to verify the BMC", policy.verify_timeout)
        case Provision.CLEANING | Provision.CLEAN_WAIT | Provision.CLEAN_HOLD:
            what = "the new cloud to clean it"
            return _maintained(new) or waiting(migration, what, policy.provide_timeout)
        case state if state in (Provision.MANAGEABLE, *OFFERED):
            return _owned(migration, seen, policy, new)
        case _:
            return unfit(CloudName.NEW, new, SETTLED)


def from_registered(migration: Migration, seen: Sighting, policy: Policy) -> Step:
    """Decide on a node that the new Ironic owns and the new Nova may not offer yet."""
    new = seen.new.node
    if new is None:
        return Hold(
            Cause.VANISHED,
            "the new cloud has no record of the node in state registered, and the old one has none"
            " either: if somebody deleted it, enrol it there again under its UUID and bring it to"
            " available; if ephyrad's user may no longer see it, mend that; then release the node",
        )
    if new.instance_uuid or new.provision_state in _TAKEN:
        return Settle(Trigger.OFFER, "an instance was put on it in the new cloud already")
    if shielded(new):
        # A cloud that showed what had been before let it be shielded once more, or opened too late.
        return Perform(UnshieldNode())
    watch = None
    if new.provision_state is Provision.AVAILABLE and not new.maintenance:
        watch = Watch.OFFER
        if not policy.new_compute:
            return Settle(Trigger.OFFER, "available in the new cloud, which has no Nova")
        free = offered(seen.new)
        if free:
            return Settle(Trigger.OFFER, f"the new placement offers {', '.join(free)}")
    standing = f"{new.provision_state}{' in maintenance' if new.maintenance else ''}"
    whom = "placement to offer it" if policy.new_compute else "Ironic to have it available"
    what = f"the new {whom} (it is {standing} in the new cloud)"
    wait = waiting(migration, what, policy.offer_timeout, seen.at + policy.look_again)
    return replace(wait, watch=watch)


def _manage(migration: Migration, new: NodeFacts) -> Step:
    if _was_managed(migration) and new.last_error:
        return Hold(
            Cause.UNVERIFIED,
            f"the new cloud could not verify its BMC ({new.last_error}): mend its driver_info or"
            " the BMC, then release the node",
        )
    return Perform(ManageNode())


def _was_managed(migration: Migration) -> bool:
    """Return whether Ironic took the last `manage` on; only then is an error it shows a new one."""
    attempt = migration.attempt
    if attempt is None or attempt.effect != ManageNode():
        return False
    return isinstance(attempt.outcome, Done | Underway)


def _gone_from_new(migration: Migration, seen: Sighting, policy: Policy) -> Step:
    """Have the new record made anew, from the kept document, on an operator's word only."""
    unlike = Cause.NEW_GONE in migration.answered and copied(migration, seen, policy)
    return unlike or Hold(
        Cause.NEW_GONE,
        "the new cloud has no record of the node any more: if ephyrad's user may no longer see it,"
        " mend that there; if somebody deleted it, it will be made anew from the document in the"
        " journal; then release the node",
    )


def _gone_from_old(migration: Migration) -> Hold | None:
    """Return the hold of a node whose old record is gone without ephyrad's doing.

    A journal that does not even know of the new record's making is older than the clouds.
    """
    known = migration.delete_intended or Cause.OLD_GONE in migration.answered
    if known or not migration.created:
        return None
    return Hold(
        Cause.OLD_GONE,
        "the old cloud has no record of the node any more, and ephyrad did not delete it: if"
        " ephyrad's user may no longer see it, mend that there; if somebody deleted it, it will go"
        " on without; then release the node",
    )


def _before_going_on(migration: Migration, seen: Sighting, policy: Policy) -> Step | None:
    """Return what must come before all else, None where nothing of the old cloud is in the way."""
    old = seen.old.node
    if unguarded(seen):
        # Two conductors own one BMC: nothing is more urgent.
        return Perform(FenceNode())
    if occupants(seen.old):
        # Even without a record: Ironic deletes one in maintenance although a server is on it.
        return occupied(migration, seen)
    if old is None:
        return _gone_from_old(migration)
    if old.provision_state is not Provision.MANAGEABLE:
        return unfit(CloudName.OLD, old)
    if not fenced(old):
        return Perform(FenceNode())
    if old.reservation:
        return waiting_for_conductor(migration, seen, policy, old.reservation)
    return None


def _owned(migration: Migration, seen: Sighting, policy: Policy, new: NodeFacts) -> Step:
    """Decide on a node that the new Ironic has verified."""
    old = seen.old.node
    if old is not None:
        first = _kept_in_old(migration, seen, old)
        if first is not None:
            return first
    if new.power_state not in _POWER_KNOWN:
        return _learn_power(migration, seen, policy, new)
    if old is not None:
        return Perform(DeleteNode())
    if new.provision_state is not Provision.MANAGEABLE:
        return _register(migration, seen, policy, new)
    if migration.owed and shielded(new):
        # Its agent would not be listened to.
        return Perform(UnshieldNode())
    if migration.owed and new.automated_clean is not True:
        return Perform(SetAutomatedClean(value=True))
    if new.automated_clean is False and not new.maintenance:
        return Perform(ShieldNode())
    return _maintained(new) or Perform(ProvideNode())


def shielded(new: NodeFacts) -> bool:
    """Return whether ephyrad keeps the node from schedulers, for want of its `automated_clean`."""
    return new.maintenance and new.maintenance_reason == marks.SHIELDED


def _maintained(new: NodeFacts) -> Hold | None:
    """Return the hold of a node that somebody else has set maintenance on."""
    if not new.maintenance or shielded(new):
        return None
    return maintained(CloudName.NEW, new)


def _learn_power(migration: Migration, seen: Sighting, policy: Policy, new: NodeFacts) -> Step:
    idle = new.provision_state in (Provision.MANAGEABLE, Provision.AVAILABLE)
    if idle and not new.instance_uuid:
        return _maintained(new) or Perform(PowerOffNode())
    what = f"the new cloud to learn its power state (it is {new.provision_state} there)"
    return waiting(migration, what, policy.verify_timeout, seen.at + policy.look_again)


def _keep_again(
    records: NodeRecords, before: Before, secrets: Mapping[str, Any], rewriting: tuple[Change, ...]
) -> Step:
    """Capture a document that the journal cannot give once more, from the fenced old record."""
    document = rewritten(capture(records, before, secrets), rewriting)
    hold = preflight.as_hold(preflight.secrets(document), lifts_itself=False)
    return hold or Keep(document, before, final=True, rewriting=rewriting)


def _kept_in_old(migration: Migration, seen: Sighting, old: NodeFacts) -> Step | None:
    """Return what keeps the old record from deletion, None where the new one is its equal."""
    if old.protected:
        return Hold(
            Cause.PROTECTED,
            "somebody protected it in the old cloud: its record is not deleted; unset protected"
            " there, then release the node",
        )
    document, before = seen.document, migration.before
    if before is None or not seen.old.records or not seen.new.records:
        return Hold(Cause.VANISHED, UNREADABLE)
    if document is None or not migration.kept_final:
        return _keep_again(seen.old.records, before, seen.secrets, migration.rewriting)
    different = changed(
        document,
        rewritten(capture(seen.old.records, before, {}), migration.rewriting),
        capture(seen.new.records, before, {}),
        mended=Cause.UNVERIFIED in migration.answered,
    )
    for cloud, paths in different.items():
        if paths:
            return Hold(
                Cause.DIFFERENT,
                f"its record in the {cloud} cloud was changed since it was carried, at"
                f" {', '.join(paths)}: the old record is not deleted; set it back there, or change"
                " the other cloud's record alike, then release the node",
            )
    return None


def _register(migration: Migration, seen: Sighting, policy: Policy, new: NodeFacts) -> Step:
    if migration.cleaned is None:
        return _cleaned_by_new(migration, new)
    own = _own_automated_clean(migration, new)
    if new.mark is not None or new.automated_clean != own:
        if new.provision_state in _CHANGING:
            # Ironic takes no PATCH now (api/controllers/v1/node.py, UPDATE_ALLOWED_STATES).
            what = f"the new cloud to end {new.provision_state}"
            return waiting(migration, what, policy.provide_timeout)
        return Perform(SetAutomatedClean(own, unmark=new.mark is not None))
    if shielded(new):
        return Perform(UnshieldNode())
    compute = seen.old.compute
    if compute is not None and compute.provider is not None:
        what = "the old Nova to remove its resource provider"
        wait = waiting(migration, what, policy.removal_timeout, seen.at + policy.look_again)
        return replace(wait, watch=Watch.PROVIDER)
    return Settle(
        Trigger.REGISTER,
        f"BMC verified ({new.power_state}); {new.provision_state} in the new cloud; nothing left"
        " of it in the old cloud",
    )


def _own_automated_clean(migration: Migration, new: NodeFacts) -> bool | None:
    """Return what the node's own `automated_clean` is, by the journal or else by the mark."""
    if migration.before is not None:
        return migration.before.automated_clean
    return new.mark.automated_clean if new.mark else new.automated_clean


def _cleaned_by_new(migration: Migration, new: NodeFacts) -> Step:
    """Take the new cloud's word: with `automated_clean`, only cleaning leads to `available`."""
    if new.mark is None and (shielded(new) or not migration.created):
        # The journal is older than the record.
        return Witness("it bears no mark, and ephyrad takes it off only when a node is cleaned")
    # A shielded one was made available without cleaning.
    if new.automated_clean is True and not shielded(new):
        return Witness("made available in the new cloud with automated_clean, so through cleaning")
    return Hold(
        Cause.CLEAN_FAILED,
        f"it is {new.provision_state} in the new cloud, but automated_clean was taken away, so"
        " nothing proves that it was cleaned: clean it there (manage, set automated_clean,"
        " provide), then release the node",
    )

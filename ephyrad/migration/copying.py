# SPDX-License-Identifier: Apache-2.0
"""Decisions on a manageable node that is fenced in the old cloud and copied into the new one."""

from ephyrad.migration import marks, preflight
from ephyrad.migration.conditions import fenced, foreign, retired
from ephyrad.migration.document import Before, Document, capture, differences, masked
from ephyrad.migration.effects import CreateNode, CreateParts, FenceNode, PartKind
from ephyrad.migration.facts import CloudName, NodeFacts, Provision
from ephyrad.migration.migration import Migration
from ephyrad.migration.plan import planned
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import Sighting
from ephyrad.migration.states import Trigger
from ephyrad.migration.steps import Cause, Hold, Keep, Perform, Settle, Step
from ephyrad.migration.stops import UNREADABLE, maintained, vanished, waiting_for_conductor


def carry(migration: Migration, seen: Sighting, policy: Policy, old: NodeFacts) -> Step:
    """Fence a manageable node and copy it across, one effect at a time."""
    if not retired(old):
        return Hold(
            Cause.RETIRED,
            "somebody changed its retirement or automated_clean in the old cloud: set retired with"
            f" the reason {marks.RETIRED!r} and automated_clean there, then release the node",
        )
    if old.maintenance and not fenced(old):
        return maintained(CloudName.OLD, old)
    if not fenced(old):
        return Perform(FenceNode())
    if old.reservation:
        return waiting_for_conductor(migration, seen, policy, old.reservation)
    if not migration.kept_final:
        return _keep_final(migration, seen, policy)
    return _copy(migration, seen, policy)


def _keep_final(migration: Migration, seen: Sighting, policy: Policy) -> Step:
    if seen.old.records is None or seen.new_cloud is None or migration.before is None:
        return vanished(migration, CloudName.OLD)
    plan = planned(migration, seen.old.records, migration.before, seen, policy)
    hold = _secrets_changed(migration, seen, migration.before, plan.document)
    if hold is not None:
        return hold
    in_its_place = None if migration.created else foreign(seen)
    problems = plan.problems(seen.new_cloud, in_its_place, policy)
    return preflight.as_hold(problems, lifts_itself=False) or Keep(
        plan.document, migration.before, final=True, rewriting=plan.rewriting
    )


def _secrets_changed(
    migration: Migration, seen: Sighting, before: Before, document: Document
) -> Hold | None:
    """Return the hold of a node whose new record was made with other secrets than it has now.

    The new cloud masks them, so that nothing else would tell.
    """
    if not migration.created or seen.document is None or seen.new.records is None:
        return None
    hidden = masked(capture(seen.new.records, before, {}))
    changed = [path for path in differences(seen.document, document) if path in hidden]
    if not changed:
        return None
    return Hold(
        Cause.DIFFERENT,
        f"somebody changed {', '.join(changed)} in the old cloud after its record was made in the"
        " new one, which masks it: delete that record, then release the node",
    )


def _copy(migration: Migration, seen: Sighting, policy: Policy) -> Step:
    return copied(migration, seen, policy) or Settle(
        Trigger.TRANSFER,
        f"{'cleaned' if migration.cleaned else 'cleaning left to the new cloud'}; fenced; read back"
        " equal in the new cloud",
    )


def copied(migration: Migration, seen: Sighting, policy: Policy) -> Step | None:
    """Return what is still to be done until the new record equals the document, None if it does."""
    document, new = seen.document, seen.new.node
    if document is None or migration.before is None:
        return Hold(Cause.VANISHED, UNREADABLE)
    hold = preflight.as_hold(preflight.secrets(document), lifts_itself=False)
    if hold is not None:
        # Its secrets were looked at before it was kept; but a mask must never be written.
        return hold
    if new is None or seen.new.records is None:
        clean = policy.clean_on_new or migration.owed is not None
        return Perform(CreateNode(automated_clean=clean))
    fresh = migration.created and new.provision_state is Provision.ENROLL
    if new.mark is None and not fresh:
        return _taken()
    found = capture(seen.new.records, migration.before, {})
    parts, traits = _missing_parts(document, found), document.traits != found.traits
    if parts or traits:
        return Perform(CreateParts(parts, traits))
    different = differences(document, found)
    if different:
        return Hold(
            Cause.DIFFERENT,
            f"the record in the new cloud differs at {', '.join(different)}: mend it there or"
            " delete it there, then release the node",
        )
    return None


def _missing_parts(document: Document, found: Document) -> dict[PartKind, tuple[str, ...]]:
    missing = {}
    for kind in PartKind:
        there = {part["uuid"] for part in found.parts[kind]}
        lacking = tuple(p["uuid"] for p in document.parts[kind] if p["uuid"] not in there)
        if lacking:
            missing[kind] = lacking
    return missing


def _taken() -> Hold:
    return Hold(
        Cause.CONFLICT,
        "the new cloud's record of this UUID was not made by ephyrad, or somebody moved it on from"
        " enroll: delete it there, then release the node",
    )

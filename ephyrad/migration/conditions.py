# SPDX-License-Identifier: Apache-2.0
"""Conditions: what a sighting of a node says that decisions on either cloud's side ask."""

from ephyrad.migration import marks
from ephyrad.migration.facts import CloudView, NodeFacts, Provision
from ephyrad.migration.sighting import Sighting

OFFERED = (
    Provision.AVAILABLE,
    Provision.ACTIVE,
    Provision.DEPLOYING,
    Provision.DEPLOY_WAIT,
    Provision.DEPLOY_HOLD,
    Provision.DELETING,
)
"""What a node's provision state may be once a cloud offers it to schedulers."""


def retired(old: NodeFacts) -> bool:
    """Return whether ephyrad's retirement stands, with cleaning certain to follow."""
    return old.retired and marks.is_retired(old.retired_reason) and old.automated_clean is True


def fenced(old: NodeFacts) -> bool:
    """Return whether the old Ironic keeps its hands off the BMC, by ephyrad's doing."""
    return old.maintenance and old.maintenance_reason == marks.FENCED


def unguarded(seen: Sighting) -> bool:
    """Return whether two conductors may own the BMC: the new record left `enroll` unfenced."""
    old, new = seen.old.node, seen.new.node
    if old is None or new is None or new.provision_state is Provision.ENROLL:
        return False
    return not fenced(old)


def occupants(view: CloudView) -> tuple[str, ...]:
    """Return the UUIDs of the instances that Ironic, Nova or placement have on the node."""
    found = {view.node.instance_uuid} if view.node and view.node.instance_uuid else set()
    if view.compute is not None:
        found |= set(view.compute.instances)
        found |= set(view.compute.provider.consumers if view.compute.provider else ())
    return tuple(sorted(found))


def offered(view: CloudView) -> tuple[str, ...]:
    """Return what of the node placement offers to schedulers, as `CLASS=free`."""
    provider = view.compute.provider if view.compute else None
    inventory = provider.inventory.items() if provider else ()
    return tuple(f"{name}={total - kept}" for name, (total, kept) in inventory if total > kept)


def foreign(seen: Sighting) -> NodeFacts | None:
    """Return the new cloud's record of the node where that is not ephyrad's to work on.

    It is where it bears the mark; but not where both clouds may own the BMC already.
    """
    old, new = seen.old.node, seen.new.node
    if new is None or new.mark is None:
        return new
    apart = new.provision_state is Provision.ENROLL or (old is not None and fenced(old))
    return None if apart else new

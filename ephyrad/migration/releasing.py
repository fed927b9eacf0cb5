# SPDX-License-Identifier: Apache-2.0
"""The decision on a retired node that is in use: to wait for its owner, or to release its instance.

An instance is deleted only by somebody's word for this very one (:class:`~.entries.Noticed`), not
before the moment that it names, and only where Ironic and Nova show it, and nothing else, there.
"""

from ephyrad.migration.conditions import occupants
from ephyrad.migration.effects import ReleaseInstance
from ephyrad.migration.entries import Noticed
from ephyrad.migration.facts import CloudView, NodeFacts
from ephyrad.migration.migration import Migration
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import Sighting
from ephyrad.migration.steps import Cause, Hold, Perform, Recall, Step, WaitUntil
from ephyrad.migration.stops import last_done, waiting


def in_use(migration: Migration, seen: Sighting, policy: Policy, old: NodeFacts) -> Step:
    """Decide on a node that is in use and retired by ephyrad; `old` is its record."""
    notice = migration.notice
    if notice is None or old.instance_uuid is None:
        inside = occupants(seen.old)
        what = f"instance {', '.join(inside)} to be deleted" if inside else "its undeployment"
        return waiting(migration, what, policy.drain_timeout)
    if old.instance_uuid != notice.instance:
        return Recall(f"it is not for instance {old.instance_uuid}, which is on the node")
    server = seen.old.server
    if server is not None and server.is_going:
        ours = migration.releasing and server.uuid == notice.instance
        limit = policy.removal_timeout if ours else policy.drain_timeout
        return waiting(migration, f"the old Nova to delete instance {notice.instance}", limit)
    if seen.old.compute is None:
        what = f"instance {notice.instance} to be deleted by its owner, as ephyrad knows of no Nova"
        return waiting(
            migration, f"{what} of the old cloud to have it done by", policy.drain_timeout
        )
    if seen.at < notice.not_before:
        deadline = notice.not_before + policy.removal_timeout
        return WaitUntil(_announced(notice), deadline, again=notice.not_before)
    return _due(migration, seen, policy, notice)


def _due(migration: Migration, seen: Sighting, policy: Policy, notice: Noticed) -> Step:
    """Decide when the moment has come from which on the instance may be deleted."""
    doubt = _doubt(seen.old, notice)
    if doubt is not None:
        begun = max(notice.not_before, last_done(migration))
        what = f"{_announced(notice)}; {doubt}"
        return WaitUntil(what, begun + policy.removal_timeout, again=seen.at + policy.look_again)
    server = seen.old.server
    if server is None or server.locked:
        return Hold(
            Cause.LOCKED,
            f"instance {notice.instance}, which ephyrad is to delete (by word of {notice.by}), is"
            " locked in the old Nova: unlock or delete it there; the node goes on by itself then",
            lifts_itself=True,
        )
    return Perform(ReleaseInstance(notice.instance))


def _doubt(view: CloudView, notice: Noticed) -> str | None:
    """Return why it is not certain that this instance, and no other, is on the node."""
    node, server = view.node, view.server
    if server is None:
        return "the old Nova does not know it"
    listed = view.compute.instances if view.compute else ()
    if node is None or server.node != node.uuid or listed != (notice.instance,):
        return f"the old Nova has {', '.join(listed) or 'no instance'} on the node"
    inside = occupants(view)
    if inside != (notice.instance,):
        return f"{', '.join(inside)} are on the node in the old placement"
    return None


def _announced(notice: Noticed) -> str:
    moment = f"{notice.not_before:%F %T} UTC"
    return (
        f"instance {notice.instance} to be deleted, by ephyrad from {moment} on (by word of"
        f" {notice.by})"
    )

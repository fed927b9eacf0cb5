# SPDX-License-Identifier: Apache-2.0
"""A sighting: what both clouds show of one node, and which parts of it a decision needs."""

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ephyrad.migration.document import Document
from ephyrad.migration.facts import (
    CloudName,
    CloudView,
    NewCloudFacts,
    NodeFacts,
    Notification,
    Provision,
)
from ephyrad.migration.flavors import Flavors
from ephyrad.migration.migration import Migration
from ephyrad.migration.policy import Policy
from ephyrad.migration.references import Directories
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause


class Need(enum.Enum):
    """A part of a sighting that costs calls of its own.

    COMPUTE is who is on the node, OFFER what of it placement offers, SERVER the instance that a
    notice names, DOCUMENT the durable one.
    """

    OLD_NODE = enum.auto()
    OLD_COMPUTE = enum.auto()
    OLD_OFFER = enum.auto()
    OLD_SERVER = enum.auto()
    OLD_FAULTS = enum.auto()
    OLD_RECORDS = enum.auto()
    NEW_NODE = enum.auto()
    NEW_RECORDS = enum.auto()
    NEW_COMPUTE = enum.auto()
    NEW_OFFER = enum.auto()
    NEW_CLOUD = enum.auto()
    DOCUMENT = enum.auto()


@dataclass(frozen=True, slots=True)
class Sighting:
    """The facts about one node, read from both clouds at one moment, begun `at` (UTC).

    `directories` are of both clouds, what the node's references need beside `new_cloud`; `flavors`
    what theirs demand, where a Nova serves both and nothing was done with the node yet. `document`
    is the durable one. `secrets` are the operator's own values for keys of this node's
    `driver_info`. `read` says which parts were read: None elsewhere is no fact.
    """

    at: datetime
    old: CloudView
    new: CloudView
    new_cloud: NewCloudFacts | None = None
    directories: Directories = field(default_factory=dict, repr=False)
    flavors: Mapping[CloudName, Flavors] = field(default_factory=dict, repr=False)
    notifications: tuple[Notification, ...] = ()
    document: Document | None = field(default=None, repr=False)
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)
    read: frozenset[Need] = frozenset()


_IN_USE = (Provision.ACTIVE, Provision.RESCUE)
_BEING_CLEANED = (Provision.CLEANING, Provision.CLEAN_WAIT, Provision.CLEAN_HOLD)


def needs_old(migration: Migration) -> bool:
    """Return whether the node is looked at in the old cloud for the next decision."""
    if _rests(migration):
        return _is_guarded(migration)
    if migration.aborting:
        return True
    return migration.state not in (State.REGISTERED, State.COMPUTE_READY)


def needs_new(migration: Migration, old: NodeFacts | None) -> bool:
    """Return whether the node is looked at in the new cloud, where the old one shows `old`."""
    if _rests(migration):
        return _is_guarded(migration) and old is not None
    if migration.aborting:
        return True
    match migration.state:
        case State.ACTIVE:
            return not migration.touched or old is None
        case State.DRAINED:
            return old is None
        case State.CLEANING:
            return old is None or _is_fenced(migration, old)
        case state:
            return state in (State.TRANSFERRED, State.REGISTERED)


def is_read_whole(migration: Migration, cloud: CloudName) -> bool:
    """Return whether a cloud's whole record is needed wherever there is one."""
    if _rests(migration) or migration.aborting:
        return False
    if cloud is CloudName.OLD:
        return migration.state is State.ACTIVE and not migration.touched
    return migration.state is State.CLEANING and migration.created


def needs(
    migration: Migration, policy: Policy, old: NodeFacts | None, new: NodeFacts | None
) -> frozenset[Need]:
    """Return what has to be read for the next decision, of a node that is `old` and `new`."""
    wanted = set[Need]()
    if not _rests(migration):
        decided = _of_restoring if migration.aborting else _NEEDS[migration.state]
        wanted |= set(decided(migration, old, new))
    if needs_old(migration):
        wanted.add(Need.OLD_NODE)
    if needs_new(migration, old):
        wanted.add(Need.NEW_NODE)
    if not policy.old_compute:
        wanted -= {Need.OLD_COMPUTE, Need.OLD_OFFER, Need.OLD_SERVER}
    if not policy.new_compute:
        wanted -= {Need.NEW_COMPUTE, Need.NEW_OFFER}
    return frozenset(wanted)


def lacking(seen: Sighting, migration: Migration, policy: Policy) -> frozenset[Need]:
    """Return what the next decision needs and a sighting has not.

    Where that is nothing, it may be used once more, if no effect was performed since it was taken.
    """
    return needs(migration, policy, seen.old.node, seen.new.node) - seen.read


def _rests(migration: Migration) -> bool:
    """Return whether nothing is decided before somebody releases the node, or asks for it anew."""
    return migration.restored or (migration.hold is not None and not migration.hold.lifts_itself)


def _is_guarded(migration: Migration) -> bool:
    """Return whether a node that is held may have two owners, so that its fence is looked at."""
    return migration.state in (State.CLEANING, State.TRANSFERRED)


def _of_active(migration: Migration, old: NodeFacts | None, _: NodeFacts | None) -> set[Need]:
    wanted = set[Need]() if migration.touched else {Need.OLD_RECORDS, Need.NEW_CLOUD}
    if old is None:
        return {Need.OLD_COMPUTE}
    if old.provision_state in _IN_USE:
        if migration.notice is not None:
            wanted |= {Need.OLD_SERVER, Need.OLD_COMPUTE}
        # Its newest error is written down with the retirement.
        stands = migration.touched and old.retired and old.automated_clean is True
        return wanted if stands else wanted | {Need.OLD_FAULTS}
    if old.provision_state in (Provision.AVAILABLE, Provision.MANAGEABLE, *_BEING_CLEANED):
        wanted |= {Need.OLD_COMPUTE, Need.OLD_OFFER}
    return wanted | _of_proof(migration, old)


def _of_drained(migration: Migration, old: NodeFacts | None, _: NodeFacts | None) -> set[Need]:
    return {Need.OLD_COMPUTE} | _of_proof(migration, old)


def _of_cleaning(migration: Migration, old: NodeFacts | None, new: NodeFacts | None) -> set[Need]:
    if old is None:
        return {Need.OLD_COMPUTE}
    if old.provision_state in _BEING_CLEANED:
        # Who is on it is asked when the cleaning is over, before anything is done.
        return set()
    if migration.cleaned is None and migration.owed is None:
        return {Need.OLD_COMPUTE} | _of_proof(migration, old)
    if not _is_fenced(migration, old):
        # Nothing but the fence is decided.
        return {Need.OLD_COMPUTE}
    wanted = {Need.OLD_COMPUTE}
    if not migration.kept_final:
        wanted |= {Need.OLD_RECORDS, Need.NEW_CLOUD}
    if migration.kept_final or migration.created:
        wanted |= {Need.DOCUMENT} if new is None else {Need.DOCUMENT, Need.NEW_RECORDS}
    return wanted


def _of_transferred(
    migration: Migration, old: NodeFacts | None, new: NodeFacts | None
) -> set[Need]:
    if Cause.NEW_GONE.facing(migration.direction) in migration.answered:
        # It is made anew.
        if new is None:
            return {Need.OLD_COMPUTE, Need.DOCUMENT}
        if new.provision_state is Provision.ENROLL:
            return {Need.OLD_COMPUTE, Need.DOCUMENT, Need.NEW_RECORDS}
    if new is None or new.provision_state in (Provision.VERIFYING, *_BEING_CLEANED):
        # Only the fence is looked at, in the record itself.
        return set()
    if old is None or new.provision_state is Provision.ENROLL:
        return {Need.OLD_COMPUTE}
    return {Need.OLD_COMPUTE, Need.OLD_RECORDS, Need.NEW_RECORDS, Need.DOCUMENT}


def _of_registered(_: Migration, __: NodeFacts | None, new: NodeFacts | None) -> set[Need]:
    available = new is not None and new.provision_state is Provision.AVAILABLE
    return {Need.NEW_OFFER} if available else set()


def _of_restoring(migration: Migration, old: NodeFacts | None, new: NodeFacts | None) -> set[Need]:
    """Return what the way back needs: who is on what is deleted, and on what may be cleaned."""
    wanted = set[Need]()
    if new is not None and new.mark is not None:
        wanted.add(Need.NEW_COMPUTE)
    if old is not None and old.provision_state is Provision.MANAGEABLE and migration.in_service:
        wanted.add(Need.OLD_COMPUTE)
    return wanted


def _of_proof(migration: Migration, old: NodeFacts | None) -> set[Need]:
    """Return what shows whether the cleaning of a node that was retired in use completed."""
    manageable = old is not None and old.provision_state is Provision.MANAGEABLE
    return {Need.OLD_FAULTS} if manageable and migration.was_in_use else set()


def _is_fenced(migration: Migration, old: NodeFacts | None) -> bool:
    """Return whether a cleaned node may be carried, as far as maintenance tells."""
    cleaned = migration.cleaned is not None or migration.owed is not None
    return cleaned and old is not None and old.maintenance


_NEEDS: Mapping[
    State, Callable[[Migration, NodeFacts | None, NodeFacts | None], Iterable[Need]]
] = {
    State.ACTIVE: _of_active,
    State.DRAINED: _of_drained,
    State.CLEANING: _of_cleaning,
    State.TRANSFERRED: _of_transferred,
    State.REGISTERED: _of_registered,
    State.COMPUTE_READY: lambda *_: (),
}

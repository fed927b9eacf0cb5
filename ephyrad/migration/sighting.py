# SPDX-License-Identifier: Apache-2.0
"""A sighting: what both clouds show of one node, and which parts of it a decision needs."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ephyrad.migration.document import Document
from ephyrad.migration.facts import (
    CloudView,
    NewCloudFacts,
    NodeFacts,
    Notification,
    Provision,
)
from ephyrad.migration.migration import Migration
from ephyrad.migration.policy import Policy
from ephyrad.migration.states import State


class Need(enum.Enum):
    """A part of a sighting that costs calls of its own. The node itself is always read."""

    OLD_COMPUTE = enum.auto()
    OLD_FAULTS = enum.auto()
    OLD_RECORDS = enum.auto()
    NEW_RECORDS = enum.auto()
    NEW_COMPUTE = enum.auto()
    NEW_CLOUD = enum.auto()


@dataclass(frozen=True, slots=True)
class Sighting:
    """The facts about one node, read from both clouds at one moment (`at`, UTC).

    `document` is the durable one, once it was kept as final. `secrets` are the operator's own
    values for keys of this node's `driver_info`. `read` says which parts were read.
    """

    at: datetime
    old: CloudView
    new: CloudView
    new_cloud: NewCloudFacts | None = None
    notifications: tuple[Notification, ...] = ()
    document: Document | None = field(default=None, repr=False)
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)
    read: frozenset[Need] = frozenset()


_NEEDED = {
    State.ACTIVE: {Need.OLD_COMPUTE, Need.OLD_FAULTS},
    State.DRAINED: {Need.OLD_COMPUTE, Need.OLD_FAULTS},
    State.CLEANING: {Need.OLD_COMPUTE, Need.OLD_FAULTS},
    State.TRANSFERRED: {Need.OLD_COMPUTE},
    State.REGISTERED: {Need.NEW_COMPUTE},
    State.COMPUTE_READY: set[Need](),
}


def needs(
    migration: Migration, policy: Policy, old: NodeFacts | None, new: NodeFacts | None
) -> frozenset[Need]:
    """Return what has to be read for the next decision, besides the node in `old` and in `new`."""
    wanted = set(_NEEDED[migration.state])
    if migration.state is State.ACTIVE and not migration.touched:
        wanted |= {Need.OLD_RECORDS, Need.NEW_CLOUD}
    if migration.state is State.CLEANING and (migration.cleaned or migration.owed):
        wanted.remove(Need.OLD_FAULTS)
        wanted |= _to_carry(migration, old)
    if migration.state is State.TRANSFERRED and old is not None and _is_verified(new):
        wanted |= {Need.OLD_RECORDS, Need.NEW_RECORDS}
    if not policy.old_compute:
        wanted.discard(Need.OLD_COMPUTE)
    if not policy.new_compute:
        wanted.discard(Need.NEW_COMPUTE)
    return frozenset(wanted)


def suffices(seen: Sighting, migration: Migration, policy: Policy) -> bool:
    """Return whether a sighting has all that the next decision needs.

    It may then be used once more, if no effect was performed since it was taken.
    """
    wanted = needs(migration, policy, seen.old.node, seen.new.node)
    return wanted <= seen.read and (seen.document is not None or not migration.kept_final)


def _to_carry(migration: Migration, old: NodeFacts | None) -> set[Need]:
    if migration.kept_final:
        return {Need.NEW_RECORDS}
    # Until it is fenced, nothing but the fence is decided.
    return {Need.OLD_RECORDS, Need.NEW_CLOUD} if old is not None and old.maintenance else set()


def _is_verified(new: NodeFacts | None) -> bool:
    unverified = (Provision.ENROLL, Provision.VERIFYING)
    return new is not None and new.provision_state not in unverified

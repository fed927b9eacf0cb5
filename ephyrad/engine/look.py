# SPDX-License-Identifier: Apache-2.0
"""Taking a sighting: read from both clouds what the next decision on a node needs."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ephyrad.clouds.port import Cloud
from ephyrad.engine.directories import Lists
from ephyrad.engine.perform import Clouds
from ephyrad.journal.errors import DocumentError
from ephyrad.journal.journal import Journal
from ephyrad.migration import mirror, preflight, references
from ephyrad.migration.direction import Direction
from ephyrad.migration.document import Before, Document, capture
from ephyrad.migration.facts import (
    CloudName,
    CloudView,
    ComputeFacts,
    NodeFacts,
    NodeRecords,
    Notification,
)
from ephyrad.migration.migration import Migration
from ephyrad.migration.plan import is_settled, planned
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import (
    Need,
    Sighting,
    is_read_whole,
    lacking,
    needs,
    needs_new,
    needs_old,
)

# What is asked does not depend on it.
_ANY = Before(automated_clean=None)

LOG = logging.getLogger(__name__)

Secrets = Callable[[str, str | None], Mapping[str, Any]]
"""The operator's own values for the `driver_info` of the node with this UUID and name."""


@dataclass(frozen=True, slots=True)
class Lookout:
    """Where sightings are taken from."""

    clouds: Clouds
    lists: Lists
    journal: Journal
    secrets: Secrets
    clock: Callable[[], datetime]

    def look(
        self, migration: Migration, policy: Policy, notifications: Sequence[Notification]
    ) -> Sighting:
        """Return what both clouds show of the node now; `at` is before the first of it was read.

        Sighting and policy are by the clouds' roles in the migration's direction.

        :raises CloudReadError: a cloud could not be read; nothing is decided on half a sighting.
        """
        # The oldest fact tells how old a sighting is: an answer may have waited to be read.
        at = self.clock()
        node, way = migration.node, migration.direction
        clouds = self.clouds.facing(way)
        old, new = clouds.old, clouds.new
        # A whole record has all that the node alone would say.
        records = old.records(node) if is_read_whole(migration, CloudName.OLD) else None
        old_node = _facts(old, node, records, way) if needs_old(migration) else None
        new_records = None
        if is_read_whole(migration, CloudName.NEW) and needs_new(migration, old_node):
            new_records = new.records(node)
        new_node = None
        if needs_new(migration, old_node):
            new_node = _facts(new, node, new_records, way)
        wanted = needs(migration, policy, old_node, new_node)
        # Who is on it is read last: most of the rest only ephyrad changes.
        if old_node and Need.OLD_RECORDS in wanted:
            records = records or old.records(node)
        faults = old.faults(node) if old_node and Need.OLD_FAULTS in wanted else None
        notice = migration.notice if Need.OLD_SERVER in wanted else None
        server = None if old_node is None or notice is None else old.server(notice.instance)
        compute = _compute(old, node, wanted, Need.OLD_COMPUTE, Need.OLD_OFFER)
        if new_node and Need.NEW_RECORDS in wanted:
            new_records = new_records or new.records(node)
        offer = _compute(new, node, wanted, Need.NEW_COMPUTE, Need.NEW_OFFER)
        secrets = self.secrets(node, migration.name) if Need.OLD_RECORDS in wanted else {}
        seen = Sighting(
            at=at,
            old=CloudView(old_node, compute, records, faults, server),
            new=CloudView(new_node, offer, new_records),
            notifications=tuple(mirror.notification(each, way) for each in notifications),
            document=self.document(node) if Need.DOCUMENT in wanted else None,
            secrets=secrets,
            read=wanted,
        )
        if Need.NEW_CLOUD in wanted and records is not None:
            return self._with_new_cloud(seen, records, migration, policy)
        return seen

    def complete(self, seen: Sighting, migration: Migration, policy: Policy) -> Sighting | None:
        """Return a sighting with all that the next decision needs; None: look anew.

        Only the durable document can be added, which no cloud changes.
        """
        lacks = lacking(seen, migration, policy)
        if not lacks:
            return seen
        if lacks != {Need.DOCUMENT}:
            return None
        document = self.document(migration.node)
        return replace(seen, document=document, read=seen.read | lacks)

    def document(self, node: str) -> Document | None:
        """Return the node's document, None where the journal has none that can be read."""
        try:
            return self.journal.document(node)
        except DocumentError as error:
            trouble = str(error)
        # Outside of the handler, where oslo.log would add the exception once more.
        LOG.error("%s", trouble)
        return None

    def _with_new_cloud(
        self, seen: Sighting, records: NodeRecords, migration: Migration, policy: Policy
    ) -> Sighting:
        """Return the sighting with what the node's document, as it is to be, asks of the clouds."""
        if not is_settled(migration, seen):
            document = capture(records, _ANY, seen.secrets)
            wanted = references.wanted(document, policy.names)
            lists = self.lists.of(wanted, migration.direction)
            seen = replace(seen, directories=lists)
        if not migration.touched and policy.old_compute and policy.new_compute:
            seen = replace(seen, flavors=self.lists.flavors())
        document = planned(migration, records, _ANY, seen, policy).document
        images = preflight.images(document).values()
        new = self.clouds.facing(migration.direction).new
        facts = new.new_cloud_facts(document.name, document.addresses, images)
        return replace(seen, new_cloud=facts)


def _facts(
    cloud: Cloud, node: str, records: NodeRecords | None, direction: Direction
) -> NodeFacts | None:
    found = (records and records.facts) or cloud.node(node)
    return found and mirror.node(found, direction)


def _compute(
    cloud: Cloud, node: str, wanted: frozenset[Need], who: Need, offer: Need
) -> ComputeFacts | None:
    if not wanted & {who, offer}:
        return None
    return cloud.compute(node, who=who in wanted, offer=offer in wanted)

# SPDX-License-Identifier: Apache-2.0
"""Taking a sighting: read from both clouds what the next decision on a node needs."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ephyrad.clouds.port import Cloud
from ephyrad.engine.perform import Clouds
from ephyrad.journal.errors import DocumentError
from ephyrad.journal.journal import Journal
from ephyrad.migration import preflight
from ephyrad.migration.document import Before, Document, capture
from ephyrad.migration.facts import CloudView, NewCloudFacts, NodeFacts, NodeRecords, Notification
from ephyrad.migration.migration import Migration
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import Need, Sighting, needs

LOG = logging.getLogger(__name__)

Secrets = Callable[[str, str | None], Mapping[str, Any]]
"""The operator's own values for the `driver_info` of the node with this UUID and name."""

_OLD = {
    "compute": Need.OLD_COMPUTE,
    "records": Need.OLD_RECORDS,
    "faults": Need.OLD_FAULTS,
}
_NEW = {"compute": Need.NEW_COMPUTE, "records": Need.NEW_RECORDS}


@dataclass(frozen=True, slots=True)
class Lookout:
    """Where sightings are taken from."""

    clouds: Clouds
    journal: Journal
    secrets: Secrets
    clock: Callable[[], datetime]

    def look(
        self, migration: Migration, policy: Policy, notifications: Sequence[Notification]
    ) -> Sighting:
        """Return what both clouds show of the node now.

        :raises CloudReadError: a cloud could not be read; nothing is decided on half a sighting.
        """
        node = migration.node
        old_node, new_node = self.clouds.old.node(node), self.clouds.new.node(node)
        wanted = needs(migration, policy, old_node, new_node)
        old = _view(self.clouds.old, node, old_node, _wanted(_OLD, wanted))
        new = _view(self.clouds.new, node, new_node, _wanted(_NEW, wanted))
        secrets = self.secrets(node, migration.name) if Need.NEW_CLOUD in wanted else {}
        new_cloud = None
        if Need.NEW_CLOUD in wanted and old.records is not None:
            new_cloud = self._new_cloud(old.records, secrets)
        return Sighting(
            at=self.clock(),
            old=old,
            new=new,
            new_cloud=new_cloud,
            notifications=tuple(notifications),
            document=self.document(node) if migration.kept_final else None,
            secrets=secrets,
            read=wanted,
        )

    def document(self, node: str) -> Document | None:
        """Return the node's document, None where the journal has none that can be read."""
        try:
            return self.journal.document(node)
        except DocumentError as error:
            trouble = str(error)
        # Outside of the handler, where oslo.log would add the exception once more.
        LOG.error("%s", trouble)
        return None

    def _new_cloud(self, records: NodeRecords, secrets: Mapping[str, Any]) -> NewCloudFacts:
        document = capture(records, Before(automated_clean=None), secrets)
        return self.clouds.new.new_cloud_facts(
            document.name, document.addresses, preflight.images(document).values()
        )


def _wanted(parts: Mapping[str, Need], wanted: frozenset[Need]) -> set[str]:
    return {part for part, need in parts.items() if need in wanted}


def _view(cloud: Cloud, node: str, facts: NodeFacts | None, parts: set[str]) -> CloudView:
    return CloudView(
        node=facts,
        compute=cloud.compute(node) if "compute" in parts else None,
        records=cloud.records(node) if facts and "records" in parts else None,
        faults=cloud.faults(node) if facts and "faults" in parts else None,
    )

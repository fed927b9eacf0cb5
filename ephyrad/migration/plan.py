# SPDX-License-Identifier: Apache-2.0
"""The plan: a node's document as it is to be in the new cloud, and what stands in its way."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ephyrad.migration import preflight, releases
from ephyrad.migration.document import Before, Document, capture
from ephyrad.migration.facts import NewCloudFacts, NodeFacts, NodeRecords
from ephyrad.migration.migration import Migration
from ephyrad.migration.policy import Policy
from ephyrad.migration.preflight import Problem
from ephyrad.migration.references import Change, Resolution, resolve, rewritten
from ephyrad.migration.sighting import Sighting
from ephyrad.migration.steps import Cause


@dataclass(frozen=True, slots=True)
class Plan:
    """A document, rewritten by `rewriting`. `unmapped` are references without a counterpart.

    `lost` is what the new Ironic does not know of it.
    """

    document: Document = field(repr=False)
    rewriting: tuple[Change, ...]
    unmapped: tuple[str, ...]
    lost: tuple[str, ...] = ()

    def problems(
        self, new: NewCloudFacts, present: NodeFacts | None, policy: Policy
    ) -> Iterator[Problem]:
        """Yield what stands in the way; `present` is another's record in its place."""
        yield from (Problem(Cause.UNMAPPED, text) for text in self.unmapped)
        yield from (Problem(Cause.MISSING, text) for text in self.lost)
        yield from preflight.carrying(self.document, new, present, nova=policy.new_compute)


def planned(
    migration: Migration, records: NodeRecords, before: Before, seen: Sighting, policy: Policy
) -> Plan:
    """Return the plan for a node that the old cloud records so.

    What it is rewritten by stays as it is where that is settled, whatever became of the mapping
    file and of the clouds. What the new Ironic does not know is found where that was asked.
    """
    document = capture(records, before, seen.secrets)
    if is_settled(migration, seen):
        found = Resolution(migration.rewriting)
    else:
        found = resolve(document, seen.directories, policy.names, migration.came_by)
    document, unknown = rewritten(document, found.changes), Resolution()
    if seen.new_cloud is not None:
        unknown = releases.unknown(document, seen.new_cloud.api_version)
    return Plan(
        rewritten(document, unknown.changes),
        found.changes + unknown.changes,
        found.problems,
        unknown.problems,
    )


def is_settled(migration: Migration, seen: Sighting) -> bool:
    """Return whether the new cloud has a record that was written by what the migration keeps."""
    return seen.new.node is not None and migration.before is not None

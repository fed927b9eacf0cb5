# SPDX-License-Identifier: Apache-2.0
"""A scenario: given a migration and a sighting, the step that is expected.

The decision is given only what :func:`~ephyrad.migration.sighting.needs` asks for, so that every
scenario tests both: a part that is needed and not asked for changes the step.
"""

from dataclasses import dataclass, field, replace

from ephyrad.migration.facts import CloudView, ComputeFacts
from ephyrad.migration.migration import Migration
from ephyrad.migration.next_step import next_step
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import Need, Sighting, needs
from ephyrad.migration.steps import Cause, Hold, Step
from tests.unit.migration.builders import Road


@dataclass(frozen=True)
class Held:
    """A hold that is expected, and words that its reason must have."""

    cause: Cause
    words: tuple[str, ...]
    lifts_itself: bool = False


def holds(cause: Cause, *words: str, lifts_itself: bool = False) -> Held:
    return Held(cause, words, lifts_itself)


@dataclass(frozen=True)
class Scenario:
    """`name` finishes the sentence "a node that ..."."""

    name: str
    given: Road
    seen: Sighting
    expect: Step | Held
    policy: Policy = field(default_factory=Policy)

    def __str__(self) -> str:
        return self.name


def as_looked(seen: Sighting, migration: Migration, policy: Policy) -> Sighting:
    """Take from a sighting what would not have been read for this decision."""
    wanted = needs(migration, policy, seen.old.node, seen.new.node)
    old = _cut(seen.old, wanted, Need.OLD_COMPUTE, Need.OLD_OFFER)
    new = _cut(seen.new, wanted, Need.NEW_COMPUTE, Need.NEW_OFFER)
    return replace(
        seen,
        old=replace(
            old,
            node=old.node if Need.OLD_NODE in wanted else None,
            faults=old.faults if Need.OLD_FAULTS in wanted else None,
            records=old.records if Need.OLD_RECORDS in wanted else None,
            server=old.server if Need.OLD_SERVER in wanted else None,
        ),
        new=replace(
            new,
            node=new.node if Need.NEW_NODE in wanted else None,
            records=new.records if Need.NEW_RECORDS in wanted else None,
        ),
        new_cloud=seen.new_cloud if Need.NEW_CLOUD in wanted else None,
        directories=seen.directories if Need.NEW_CLOUD in wanted else {},
        secrets=seen.secrets if Need.NEW_CLOUD in wanted else {},
        document=seen.document if Need.DOCUMENT in wanted else None,
    )


def _cut(view: CloudView, wanted: frozenset[Need], who: Need, offer: Need) -> CloudView:
    """Take from a view what of Nova and placement would not have been read."""
    if view.compute is None or not wanted & {who, offer}:
        return replace(view, compute=None)
    instances, provider = view.compute.instances, view.compute.provider
    if who not in wanted:
        instances, provider = (), provider and replace(provider, consumers=())
    if offer not in wanted:
        provider = provider and replace(provider, inventory={})
    return replace(view, compute=ComputeFacts(instances, provider))


def decide(road: Road, seen: Sighting, policy: Policy | None = None) -> Step:
    """Return the next step on what a look would have read."""
    policy = policy or Policy()
    return next_step(road.now, as_looked(seen, road.now, policy), policy)


def play(scenario: Scenario) -> None:
    """Decide, and compare with what is expected."""
    step = decide(scenario.given, scenario.seen, scenario.policy)

    if not isinstance(scenario.expect, Held):
        assert step == scenario.expect
        return
    assert isinstance(step, Hold)
    assert (step.cause, step.lifts_itself) == (scenario.expect.cause, scenario.expect.lifts_itself)
    assert [word for word in scenario.expect.words if word not in step.reason] == []

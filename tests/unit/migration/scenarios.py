# SPDX-License-Identifier: Apache-2.0
"""A scenario: given a migration and a sighting, the step that is expected.

The decision is given only what :func:`~ephyrad.migration.sighting.needs` asks for, so that every
scenario tests both: a part that is needed and not asked for changes the step.
"""

from dataclasses import dataclass, field, replace

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
    old, new = seen.old, seen.new
    wanted = needs(migration, policy, old.node, new.node)
    return replace(
        seen,
        old=replace(
            old,
            compute=old.compute if Need.OLD_COMPUTE in wanted else None,
            faults=old.faults if Need.OLD_FAULTS in wanted else None,
            records=old.records if Need.OLD_RECORDS in wanted else None,
        ),
        new=replace(
            new,
            compute=new.compute if Need.NEW_COMPUTE in wanted else None,
            records=new.records if Need.NEW_RECORDS in wanted else None,
        ),
        new_cloud=seen.new_cloud if Need.NEW_CLOUD in wanted else None,
        secrets=seen.secrets if Need.NEW_CLOUD in wanted else {},
        document=seen.document if migration.kept_final else None,
    )


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

# SPDX-License-Identifier: Apache-2.0
"""The auditor can fail: with the line that keeps an invariant taken away, it objects."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ephyrad.engine import perform as performing
from ephyrad.engine.perform import Clouds
from ephyrad.migration import (
    conditions,
    copying,
    entering,
    leaving,
    preflight,
    releasing,
    restoring,
    sighting,
)
from ephyrad.migration.direction import Direction
from ephyrad.migration.document import Document, with_automated_clean
from ephyrad.migration.effects import (
    CreateNode,
    DeleteNode,
    Effect,
    FenceNode,
    ProvideNode,
    ReleaseInstance,
)
from ephyrad.migration.facts import NodeFacts, Provision
from ephyrad.migration.migration import Migration
from ephyrad.migration.outcomes import Outcome
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import Sighting
from ephyrad.migration.steps import Cause, Close, Hold, Perform, Step
from tests.simulation.fleet import Kind
from tests.simulation.plans import SeedFailed, run
from tests.simulation.weather import Climate
from tests.simulation.world import Plan

Mutation = Callable[[pytest.MonkeyPatch], None]


def _without_fence(patch: pytest.MonkeyPatch) -> None:
    """The fence is taken for set."""
    patch.setattr(copying, "fenced", lambda old: True)
    patch.setattr(entering, "fenced", lambda old: True)
    patch.setattr(sighting, "_is_fenced", lambda migration, old: True)


def _fence_not_read_back(patch: pytest.MonkeyPatch) -> None:
    """The fence is asked for once; that somebody lifts it is not seen."""
    perform, fenced = performing.perform, conditions.fenced
    asked: set[str] = set()

    def lifted(
        effect: Effect,
        node: str,
        clouds: Clouds,
        document: Document | None,
        direction: Direction,
    ) -> Outcome:
        outcome = perform(effect, node, clouds, document, direction)
        if isinstance(effect, FenceNode):
            asked.add(node)
        if isinstance(effect, CreateNode):
            clouds.old.clear_maintenance(node)
        return outcome

    patch.setattr("ephyrad.engine.turn.perform", lifted)
    patch.setattr(copying, "fenced", lambda old: old.uuid in asked or fenced(old))
    patch.setattr(entering, "fenced", lambda old: old.uuid in asked or fenced(old))
    patch.setattr(sighting, "_is_fenced", lambda migration, old: True)


def _delete_before_verifying(patch: pytest.MonkeyPatch) -> None:
    """The old record goes as soon as the new one is there."""
    _wrap_from_transferred(patch, (Provision.ENROLL,), Perform(DeleteNode()))


def _provide_before_deleting(patch: pytest.MonkeyPatch) -> None:
    """The new cloud offers the node while the old one has it still."""
    _wrap_from_transferred(patch, (Provision.MANAGEABLE,), Perform(ProvideNode()))


def _wrap_from_transferred(
    patch: pytest.MonkeyPatch, states: tuple[Provision, ...], instead: Step
) -> None:
    true = entering.from_transferred

    def mutated(migration: Migration, seen: Sighting, policy: Policy) -> Step:
        new = seen.new.node
        if seen.old.node is not None and new is not None and new.provision_state in states:
            return instead
        return true(migration, seen, policy)

    patch.setattr("ephyrad.migration.next_step.from_transferred", mutated)


def _without_comparing(patch: pytest.MonkeyPatch) -> None:
    """The records are taken for equal, and parts for carried."""
    patch.setattr(entering, "changed", lambda *_, mended: {})
    patch.setattr(copying, "differences", lambda expected, found: ())
    patch.setattr(copying, "_missing_parts", lambda document, found: {})


def _masks_carried(patch: pytest.MonkeyPatch) -> None:
    """A mask is taken for a secret."""
    patch.setattr(preflight, "secrets", lambda document: iter(()))


def _blind_to_instances(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks for instances, and the node's state is not asked."""
    true = leaving.from_active

    def mutated(migration: Migration, seen: Sighting, policy: Policy) -> Step:
        old = seen.old.node
        if old is not None and old.provision_state is Provision.ACTIVE and conditions.retired(old):
            seen = replace(
                seen,
                old=replace(seen.old, node=replace(old, provision_state=Provision.MANAGEABLE)),
            )
        return true(migration, seen, policy)

    patch.setattr(leaving, "occupants", lambda view: ())
    patch.setattr(leaving, "offered", lambda view: ())
    patch.setattr("ephyrad.migration.next_step.from_active", mutated)


def _release_unasked(patch: pytest.MonkeyPatch) -> None:
    """Whatever instance is on a node is deleted, by nobody's word."""
    _wrap_in_use(patch, lambda seen, old: Perform(ReleaseInstance(str(old.instance_uuid))))


def _release_too_early(patch: pytest.MonkeyPatch) -> None:
    """It is always later than it is."""
    true = releasing.in_use

    def mutated(migration: Migration, seen: Sighting, policy: Policy, old: NodeFacts) -> Step:
        late = replace(seen, at=seen.at + timedelta(days=1))
        return true(migration, late, policy, old)

    patch.setattr(releasing, "in_use", mutated)


def _wrap_in_use(patch: pytest.MonkeyPatch, instead: Callable[[Sighting, NodeFacts], Step]) -> None:
    patch.setattr(releasing, "in_use", lambda _migration, seen, _policy, old: instead(seen, old))


def _always_clean(patch: pytest.MonkeyPatch) -> None:
    """`manageable` is taken for clean."""
    patch.setattr(leaving, "clean_proof", lambda migration, seen: "it looks clean")


def _never_cleaned_by_new(patch: pytest.MonkeyPatch) -> None:
    """What is owed is not paid: the new cloud does not clean."""
    patch.setattr(
        performing,
        "with_automated_clean",
        lambda document, value: with_automated_clean(document, False),
    )
    patch.setattr(entering, "SetAutomatedClean", lambda value: ProvideNode())


def _blind_to_offers(patch: pytest.MonkeyPatch) -> None:
    """Placement is not asked whether it offers the node still."""
    patch.setattr(leaving, "offered", lambda view: ())


def _ready_at_once(patch: pytest.MonkeyPatch) -> None:
    """Registered without asking what is left in the old cloud."""
    true = entering.from_transferred

    def mutated(migration: Migration, seen: Sighting, policy: Policy) -> Step:
        return true(migration, replace(seen, old=replace(seen.old, compute=None)), policy)

    patch.setattr("ephyrad.migration.next_step.from_transferred", mutated)


def _without_limit(patch: pytest.MonkeyPatch) -> None:
    """Whoever wants a slot has one."""
    patch.setattr("ephyrad.engine.slots.Slots.claim", lambda self, node: True)


def _unknown_is_manageable(patch: pytest.MonkeyPatch) -> None:
    """A state of which nobody ever heard is taken for a known one."""
    patch.setattr(Provision, "_missing_", classmethod(lambda cls, value: Provision.MANAGEABLE))


def _held_without_a_word(patch: pytest.MonkeyPatch) -> None:
    """A hold does not say why."""
    patch.setattr(leaving, "unfit", lambda *_, **__: Hold(Cause.UNFIT, " "))


def _without_lock(patch: pytest.MonkeyPatch) -> None:
    """Whoever starts has the state directory."""
    patch.setattr("ephyrad.journal.lock.fcntl.flock", lambda handle, how: None)


def _fence_lifted_too_early(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks for the new record before the fence is lifted."""
    patch.setattr(restoring, "_out_of_new", lambda *_: None)
    patch.setattr(restoring, "unguarded", lambda seen: False)


def _not_unretired(patch: pytest.MonkeyPatch) -> None:
    """What is retired counts as it was."""
    patch.setattr(restoring, "_as_it_was", lambda *_: Close("it looks as it was"))


def _with_another_rule(patch: pytest.MonkeyPatch) -> None:
    """The node is cleaned by another rule than its own, from now on."""
    true = restoring._own_automated_clean
    patch.setattr(restoring, "_own_automated_clean", lambda *seen: true(*seen) is not True)


_IDLE = (Kind.IDLE, Kind.IDLE)
_BACK = {"kinds": (Kind.IDLE,), "aborted_in": "transferred"}
_MUTATIONS: list[Any] = [
    pytest.param("I1", _without_fence, {"kinds": (Kind.IN_USE,)}, id="no fence"),
    pytest.param("I1", _fence_not_read_back, {"kinds": (Kind.IDLE,)}, id="fence not read back"),
    pytest.param("I2", _delete_before_verifying, {"kinds": (Kind.IN_USE,)}, id="delete too early"),
    pytest.param("I2", _without_comparing, {"kinds": (Kind.IDLE,)}, id="not compared"),
    pytest.param(
        "I3", _masks_carried, {"kinds": (Kind.IDLE,), "masked": 86400.0}, id="masks carried"
    ),
    pytest.param("I4", _blind_to_instances, {"kinds": (Kind.IN_USE,)}, id="blind to instances"),
    pytest.param("I4", _release_unasked, {"kinds": (Kind.IN_USE,)}, id="released unasked"),
    pytest.param(
        "I4",
        _release_too_early,
        {"kinds": (Kind.IN_USE,), "released": True},
        id="released too early",
    ),
    pytest.param("I5", _always_clean, {"kinds": (Kind.DIRTY,)}, id="always clean"),
    pytest.param("I5", _never_cleaned_by_new, {"kinds": (Kind.DIRTY,)}, id="never cleaned"),
    pytest.param("I6", _blind_to_offers, {"kinds": _IDLE}, id="blind to offers"),
    pytest.param("I6", _provide_before_deleting, {"kinds": (Kind.IDLE,)}, id="provide too early"),
    pytest.param("I1", _fence_lifted_too_early, _BACK, id="fence lifted too early"),
    pytest.param("I2", _not_unretired, _BACK, id="not as it was"),
    pytest.param("I2", _with_another_rule, _BACK, id="another rule than its own"),
    pytest.param("I6", _ready_at_once, {"kinds": (Kind.IN_USE,)}, id="registered too early"),
    pytest.param("I8", _unknown_is_manageable, {"kinds": (Kind.BEWITCHED,)}, id="unknown is known"),
    pytest.param("I8", _held_without_a_word, {"kinds": (Kind.BEWITCHED,)}, id="no reason"),
    pytest.param("I9", _without_limit, {"kinds": _IDLE, "limit": 1}, id="no limit"),
    pytest.param(
        "I11",
        _without_lock,
        {"kinds": (Kind.IDLE,), "climate": Climate(second=1.0)},
        id="no lock",
    ),
]


@pytest.mark.parametrize(("invariant", "mutate", "more"), _MUTATIONS)
def test_a_broken_core_is_objected_to(
    monkeypatch: pytest.MonkeyPatch, invariant: str, mutate: Mutation, more: Mapping[str, Any]
) -> None:
    plan = Plan(seed=1, furnished=True, booting=False, **more)
    run(replace(plan, masked=None))
    mutate(monkeypatch)

    with pytest.raises(SeedFailed) as caught:
        run(plan)

    assert f"Objected: {invariant} broken" in str(caught.value)

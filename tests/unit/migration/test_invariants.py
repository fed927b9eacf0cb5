# SPDX-License-Identifier: Apache-2.0
"""What must never be decided, whatever the journal says and the clouds show."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings

from ephyrad.migration.conditions import fenced, occupants, offered, retired, unguarded
from ephyrad.migration.document import capture, differences, is_login, masked
from ephyrad.migration.effects import (
    CreateNode,
    CreateParts,
    DeleteNode,
    Effect,
    FenceNode,
    ManageNode,
    OfferNode,
    PowerOffNode,
    ProvideNode,
    ReleaseInstance,
    RemoveNode,
    RetireNode,
    UnfenceNode,
    UnretireNode,
    WithdrawNode,
    goes_on_with,
)
from ephyrad.migration.facts import Provision
from ephyrad.migration.migration import Migration, OnHold
from ephyrad.migration.next_step import next_step
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import Sighting
from ephyrad.migration.states import State, Trigger, advance
from ephyrad.migration.steps import Cause, Hold, Lift, Perform, Rest, Settle, Step, WaitUntil
from tests.unit.migration.arbitrary import SCENARIOS, decisions, holds
from tests.unit.migration.scenarios import as_looked, decide

Decision = tuple[Migration, Sighting, Policy]

EXAMPLES = settings(max_examples=400, deadline=None)
POWER = ("power on", "power off")


def decided(decision: Decision) -> tuple[Step, Migration, Sighting]:
    """Decide on what would have been looked at, and give that as well."""
    migration, sighting, policy = decision
    seen = as_looked(sighting, migration, policy)
    return next_step(migration, seen, policy), migration, seen


def performed(step: Step) -> Effect | None:
    return step.effect if isinstance(step, Perform) else None


def test_every_effect_and_edge_comes_up_in_the_scenarios() -> None:
    """What the examples are made from; an effect that never comes up would prove nothing."""
    steps = [decide(each.given, each.seen, each.policy) for each in SCENARIOS]

    assert {type(performed(step)) for step in steps} >= set(Effect.__args__)
    assert {step.trigger for step in steps if isinstance(step, Settle)} == set(Trigger)


@EXAMPLES
@given(decisions(), holds)
def test_nothing_is_done_with_a_held_node(decision: Decision, hold: OnHold) -> None:
    migration, sighting, policy = decision

    step, _, _ = decided((replace(migration, hold=hold), sighting, policy))

    fence = not hold.lifts_itself and unguarded(sighting) and step == Perform(FenceNode())
    assert fence or isinstance(step, Rest | Hold | Lift)
    assert fence or hold.lifts_itself or isinstance(step, Rest)


@EXAMPLES
@given(decisions())
def test_one_owner(decision: Decision) -> None:
    step, _, seen = decided(decision)

    if isinstance(performed(step), ManageNode | PowerOffNode | ProvideNode):
        assert seen.old.node is None or fenced(seen.old.node)
        assert seen.old.node is None or seen.old.node.reservation is None


@EXAMPLES
@given(decisions())
def test_one_owner_on_the_way_back(decision: Decision) -> None:
    step, migration, seen = decided(decision)

    effect, new = performed(step), seen.new.node
    back = isinstance(step, Settle) and step.trigger is Trigger.RESTORE
    if back or isinstance(effect, UnfenceNode | UnretireNode | OfferNode):
        assert migration.aborting
        assert new is None or (new.mark is None and not migration.created)
        gone = not migration.recorded or Cause.NEW_GONE in migration.answered
        assert new is not None or gone
    if back or isinstance(effect, UnfenceNode):
        assert new is None or effect is None
    if isinstance(effect, UnretireNode | OfferNode):
        assert seen.old.node is not None
        assert not fenced(seen.old.node)
        assert migration.state is State.ACTIVE


@EXAMPLES
@given(decisions())
def test_nothing_is_done_to_what_is_not_ephyrads_on_the_way_back(decision: Decision) -> None:
    step, _, seen = decided(decision)

    effect, old, new = performed(step), seen.old.node, seen.new.node
    if isinstance(effect, RemoveNode):
        assert old is not None
        assert new is not None
        assert new.mark is not None
        assert not occupants(seen.new)
        assert new.provision_state.value in (
            "enroll",
            "manageable",
            "available",
            "adopt failed",
        ) or (new.provision_state is Provision.CLEAN_FAILED and new.maintenance)
    if isinstance(effect, UnretireNode) and effect.unmark:
        assert old is not None
        assert str(old.retired_reason).startswith("ephyrad:")
    if isinstance(effect, OfferNode):
        assert old is not None
        assert not occupants(seen.old)
        assert not old.maintenance
        assert not old.retired
        assert old.provision_state is Provision.MANAGEABLE


@EXAMPLES
@given(decisions())
def test_an_uncleaned_node_is_offered_again_through_cleaning_only(decision: Decision) -> None:
    step, migration, seen = decided(decision)

    if isinstance(performed(step), OfferNode) and migration.used and migration.cleaned is None:
        assert seen.old.node is not None
        assert seen.old.node.automated_clean is True


@EXAMPLES
@given(decisions())
def test_nothing_is_lost(decision: Decision) -> None:
    step, migration, seen = decided(decision)

    if isinstance(performed(step), DeleteNode):
        old, new, before = seen.old.node, seen.new.node, migration.before
        assert old is not None
        assert new is not None
        assert before is not None
        assert fenced(old)
        assert not old.protected
        assert not occupants(seen.old)
        assert old.provision_state is Provision.MANAGEABLE
        assert new.power_state in POWER
        assert migration.kept_final
        assert seen.document is not None
        assert seen.old.records is not None
        assert seen.new.records is not None
        old_now, new_now = (
            capture(shown, before, {}) for shown in (seen.old.records, seen.new.records)
        )
        # What one of them masks may be what the other one shows.
        apart = {*differences(old_now, new_now)} & {*differences(new_now, old_now)}
        mended = Cause.UNVERIFIED in migration.answered
        assert {path for path in apart if not (mended and is_login(path))} == set()


@EXAMPLES
@given(decisions())
def test_a_mask_is_never_written(decision: Decision) -> None:
    step, _, seen = decided(decision)

    if isinstance(performed(step), CreateNode | CreateParts):
        assert seen.document is not None
        assert masked(seen.document) == ()


@EXAMPLES
@given(decisions())
def test_nothing_is_destroyed_on_a_hint(decision: Decision) -> None:
    step, migration, seen = decided(decision)

    effect, old, new = performed(step), seen.old.node, seen.new.node
    if isinstance(effect, WithdrawNode | RetireNode):
        assert old is not None
        assert not old.protected
        assert not old.retired or retired(replace(old, automated_clean=True))
    if isinstance(effect, WithdrawNode):
        assert not occupants(seen.old)
    if isinstance(effect, PowerOffNode | ProvideNode):
        assert not occupants(seen.old)
        assert new is not None
        assert new.provision_state in (Provision.MANAGEABLE, Provision.AVAILABLE)
    if isinstance(effect, PowerOffNode):
        assert new is not None
        assert not new.instance_uuid
    if isinstance(effect, FenceNode) and migration.state is State.CLEANING:
        assert old is not None
        assert old.provision_state is Provision.MANAGEABLE


@EXAMPLES
@given(decisions())
def test_an_instance_is_deleted_by_word_for_this_very_one(decision: Decision) -> None:
    step, migration, seen = decided(decision)

    effect, old, notice = performed(step), seen.old.node, migration.notice
    if isinstance(effect, ReleaseInstance):
        assert notice is not None
        assert notice.instance == effect.instance
        assert seen.at >= notice.not_before
        assert old is not None
        assert old.instance_uuid == effect.instance
        assert old.provision_state in (Provision.ACTIVE, Provision.RESCUE)
        assert retired(old)
        assert not old.protected
        assert not old.maintenance
        assert occupants(seen.old) == (effect.instance,)
        assert seen.old.compute is not None
        assert seen.old.compute.instances == (effect.instance,)
        server = seen.old.server
        assert server is not None
        assert (server.uuid, server.node, server.locked) == (effect.instance, old.uuid, False)


@EXAMPLES
@given(decisions())
def test_clean_means_cleaned(decision: Decision) -> None:
    step, migration, seen = decided(decision)

    if isinstance(performed(step), ProvideNode) and migration.owed:
        assert seen.new.node is not None
        assert seen.new.node.automated_clean is True
    if isinstance(step, Settle) and step.trigger is Trigger.REGISTER:
        assert migration.cleaned is not None


@EXAMPLES
@given(decisions())
def test_no_gap_for_the_scheduler(decision: Decision) -> None:
    step, _, seen = decided(decision)

    if isinstance(step, Settle) and step.trigger is Trigger.DRAIN:
        assert not occupants(seen.old)
        if seen.old.node is None:
            # Carried before the journal began.
            assert seen.new.node is not None
            assert seen.new.node.provision_state not in (Provision.ENROLL, Provision.VERIFYING)
        else:
            assert retired(seen.old.node)
            assert not offered(seen.old)
    if isinstance(step, Settle) and step.trigger is Trigger.REGISTER:
        assert seen.old.node is None
        assert seen.new.node is not None
        assert seen.new.node.power_state in POWER


@EXAMPLES
@given(decisions())
def test_unknown_is_not_success(decision: Decision) -> None:
    step, _, seen = decided(decision)

    effect = performed(step)
    if seen.old.node and seen.old.node.provision_state is Provision.UNKNOWN:
        assert effect is None or isinstance(effect, FenceNode)
    if seen.new.node and seen.new.node.provision_state is Provision.UNKNOWN:
        assert not isinstance(
            effect, ManageNode | PowerOffNode | DeleteNode | ProvideNode | CreateNode | CreateParts
        )
        assert not isinstance(effect, RemoveNode)


@EXAMPLES
@given(decisions())
def test_every_wait_ends(decision: Decision) -> None:
    migration, sighting, policy = decision
    waits: list[WaitUntil] = []

    while isinstance(step := decided((migration, sighting, policy))[0], WaitUntil):
        waits.append(step)
        assert step.deadline > sighting.at
        assert step.again is None or step.again > sighting.at
        assert len(waits) < 4
        sighting = replace(sighting, at=step.deadline)


@EXAMPLES
@given(decisions())
def test_every_hold_says_in_one_line_how_it_ends(decision: Decision) -> None:
    step, migration, seen = decided(decision)

    if isinstance(step, Hold):
        assert len(step.reason.splitlines()) == 1
        assert step.lifts_itself or "then release the node" in step.reason
        faults = {node.fault for node in (seen.old.node, seen.new.node) if node}
        passes = step.cause in (Cause.DEADLINE, Cause.LOCKED) or "power failure" in faults
        assert not step.lifts_itself or not migration.touched or passes


@EXAMPLES
@given(decisions())
def test_no_state_is_skipped(decision: Decision) -> None:
    step, migration, _ = decided(decision)

    if isinstance(step, Settle):
        assert advance(migration.state, step.trigger) is not None


@EXAMPLES
@given(decisions())
def test_tries_are_spaced_out(decision: Decision) -> None:
    """Tries are never closer than the pause between them."""
    step, migration, seen = decided(decision)

    attempt, effect = migration.attempt, performed(step)
    if attempt is not None and effect is not None and goes_on_with(attempt.effect, effect):
        assert seen.at - attempt.last >= timedelta(seconds=min(2 ** min(attempt.tries - 1, 5), 30))

# SPDX-License-Identifier: Apache-2.0
"""The decision: given what is known of a migration and what is seen, what to do next.

Pure. The clouds were read for this decision just now; nothing is assumed to be as it was left.
"""

from datetime import timedelta

from ephyrad.migration import mirror
from ephyrad.migration.attempt import Attempt
from ephyrad.migration.conditions import unguarded
from ephyrad.migration.direction import Direction
from ephyrad.migration.effects import Effect, FenceNode, describe, goes_on_with
from ephyrad.migration.entering import from_registered, from_transferred
from ephyrad.migration.leaving import from_active, from_cleaning, from_drained
from ephyrad.migration.migration import Migration
from ephyrad.migration.outcomes import Refused, Unknown, Unreachable
from ephyrad.migration.policy import Policy
from ephyrad.migration.restoring import restore
from ephyrad.migration.sighting import Sighting
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause, Hold, Lift, Perform, Rest, Step, WaitUntil

_FIRST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(seconds=30)
_MOST_DOUBLINGS = 5


def next_step(migration: Migration, seen: Sighting, policy: Policy) -> Step:
    """Return the one thing to do next with a node.

    `seen` and `policy` are by the roles that the clouds have in the migration's direction.
    """
    if migration.direction is Direction.FORWARD:
        return _next(migration, seen, policy)
    return mirror.step(_next(mirror.migration(migration), seen, policy))


def _next(migration: Migration, seen: Sighting, policy: Policy) -> Step:
    hold = migration.hold
    if hold is not None and not hold.lifts_itself:
        return _while_held(migration, seen, policy)
    step = _patient(_decide(migration, seen, policy), migration, seen, policy)
    if hold is None:
        return step
    if isinstance(step, Hold):
        same = (step.cause, step.reason) == (hold.cause, hold.reason)
        return Rest(again=seen.at + policy.look_again_held) if same else step
    return Lift()


def _while_held(migration: Migration, seen: Sighting, policy: Policy) -> Rest | Perform:
    """Do nothing with a node that is held but to set its fence again, as often as it is lifted."""
    new = seen.new.node
    ours = migration.created or (new is not None and new.mark is not None)
    if not ours or not unguarded(seen):
        return Rest()
    attempt = migration.attempt
    if attempt is not None and attempt.effect == FenceNode():
        due = attempt.last + _pause(attempt, policy)
        if seen.at < due:
            return Rest(again=due)
    return Perform(FenceNode())


def _decide(migration: Migration, seen: Sighting, policy: Policy) -> Step:
    if migration.restored:
        return Rest()
    if migration.aborting:
        return restore(migration, seen, policy)
    match migration.state:
        case State.ACTIVE:
            return from_active(migration, seen, policy)
        case State.DRAINED:
            return from_drained(migration, seen)
        case State.CLEANING:
            return from_cleaning(migration, seen, policy)
        case State.TRANSFERRED:
            return from_transferred(migration, seen, policy)
        case State.REGISTERED:
            return from_registered(migration, seen, policy)
        case State.COMPUTE_READY:
            return Rest()


def _patient(step: Step, migration: Migration, seen: Sighting, policy: Policy) -> Step:
    """Bound waits, and space out the tries of an effect that has been tried before."""
    attempt = migration.attempt
    match step:
        case WaitUntil(what, deadline) if seen.at >= deadline:
            return Hold(
                Cause.DEADLINE,
                f"waited in vain until {deadline:%F %T} UTC for {what}: see to it; the node goes on"
                " by itself when that is over",
                lifts_itself=True,
            )
        case Perform(effect) if attempt is not None and goes_on_with(attempt.effect, effect):
            return _again(step, attempt, seen, policy)
        case _:
            return step


def _again(step: Perform, attempt: Attempt[Effect], seen: Sighting, policy: Policy) -> Step:
    """Decide on an effect that was tried and whose mark is not seen."""
    trying = describe(step.effect)
    if isinstance(attempt.outcome, Refused):
        refusal = attempt.outcome
        return Hold(
            Cause.REFUSED,
            f"could not {trying}: {refusal.message} (HTTP {refusal.status}): mend what it names,"
            " then release the node",
        )
    deadline = attempt.first + policy.retry_for
    due = attempt.last + _pause(attempt, policy)
    # An effect that somebody undid later, or that ephyrad had no time to try again, is tried
    # once more: only tries that went on until the deadline were in vain.
    if due >= deadline <= seen.at:
        return _in_vain(trying, attempt)
    if seen.at >= due:
        return step
    what = f"the next try to {trying}"
    if attempt.unsettled:
        what = f"a call that may be done still: {trying}"
        due = min(due, seen.at + policy.look_again)
    return WaitUntil(what, deadline, again=due)


def _pause(attempt: Attempt[Effect], policy: Policy) -> timedelta:
    doublings = min(attempt.tries - 1, _MOST_DOUBLINGS)
    pause = min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)
    if attempt.unsettled:
        # It may still be done. Made again now, it might be done twice, the second time too late.
        return max(pause, policy.unknown_settles)
    return pause


def _in_vain(trying: str, attempt: Attempt[Effect]) -> Hold:
    match attempt.outcome:
        case Unreachable(message) | Unknown(message):
            why = message
        case None:
            why = "ephyrad ended in the middle of it"
        case _:
            why = "it was accepted, but nothing of it is seen"
    tries = "one try" if attempt.tries == 1 else f"{attempt.tries} tries"
    return Hold(
        Cause.UNREACHABLE,
        f"could not {trying} in {tries}: {why}: see to that cloud, then release the node",
    )

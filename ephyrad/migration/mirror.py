# SPDX-License-Identifier: Apache-2.0
"""The mirror: what the core is shown of a way back, and says of it, with the clouds' roles swapped.

The core decides on a node that leaves an old cloud and enters a new one. On a way back these are
roles: the cloud that the node leaves is the new one. So what it is shown is turned round (here, and
in the look, which puts each cloud where its role is), and what it answers is turned round again.
Texts that it quotes go through both, and so come out as they went in. Only a name that has the
words "old cloud" or the like in it would not.
"""

from dataclasses import replace

from ephyrad.migration import marks
from ephyrad.migration.attempt import Attempt
from ephyrad.migration.direction import Direction
from ephyrad.migration.effects import Effect
from ephyrad.migration.entries import Noticed
from ephyrad.migration.facts import CloudName, NodeFacts, Notification, is_marked
from ephyrad.migration.migration import Migration, OnHold
from ephyrad.migration.outcomes import Outcome, Refused, Unknown, Unreachable
from ephyrad.migration.steps import (
    Cause,
    Close,
    Hold,
    Owe,
    Recall,
    Settle,
    Step,
    WaitUntil,
    Witness,
)

_OTHER = {CloudName.OLD: CloudName.NEW, CloudName.NEW: CloudName.OLD}


def cloud(name: CloudName, direction: Direction) -> CloudName:
    """Return the cloud that has this role, or the role that this cloud has."""
    return name if direction is Direction.FORWARD else _OTHER[name]


def node(found: NodeFacts, direction: Direction) -> NodeFacts:
    """Return a node as it is shown to a decision: only marks of that direction are ephyrad's."""
    mark = found.mark if found.mark is not None and found.mark.direction is direction else None
    if direction is Direction.FORWARD:
        return found if mark is found.mark else replace(found, mark=mark)
    return replace(
        found,
        mark=mark,
        maintenance_reason=_text(found.maintenance_reason),
        retired_reason=_text(found.retired_reason),
        last_error=_text(found.last_error),
    )


def notification(found: Notification, direction: Direction) -> Notification:
    """Return a notification as it is shown to a decision."""
    return replace(found, cloud=cloud(found.cloud, direction))


def migration(found: Migration) -> Migration:
    """Return the migration of a way back as it is shown to the core."""
    return replace(
        found,
        hold=_hold(found.hold),
        attempt=_attempt(found.attempt),
        answered=frozenset(map(_cause, found.answered)),
        notice=_notice(found.notice),
    )


def step(found: Step) -> Step:
    """Return what the core decided on a way back, in words that name the clouds by themselves."""
    words = Direction.BACK.words
    match found:
        case Hold(cause, reason, lifts_itself):
            return Hold(_cause(cause), words(reason), lifts_itself)
        case WaitUntil(what=what):
            return replace(found, what=words(what))
        case Settle(trigger, because):
            return Settle(trigger, words(because))
        case Owe(because):
            return Owe(words(because))
        case Close(because):
            return Close(words(because))
        case Witness(proof):
            return Witness(words(proof))
        case Recall(because):
            return Recall(words(because))
        case _:
            return found


def marked_for(found: NodeFacts, where: CloudName) -> Direction | None:
    """Return in which direction a node is carried by the marks that a cloud shows on its record.

    None: it bears none.
    """
    if found.mark is not None:
        return found.mark.direction
    for direction in Direction:
        if is_marked(node(replace(found, mark=None), direction)):
            # What keeps it from schedulers has the same words in both, in the cloud it enters.
            shielded = found.maintenance_reason == marks.SHIELDED
            back = shielded and where is CloudName.OLD
            return Direction.BACK if back else direction
    return None


def bears_a_mark(found: NodeFacts) -> bool:
    """Return whether ephyrad left a mark on a record, in whichever direction, and it is there."""
    return marked_for(found, CloudName.NEW) is not None


def _cause(cause: Cause) -> Cause:
    return cause.facing(Direction.BACK)


def _text(words: str | None) -> str | None:
    return None if words is None else Direction.BACK.words(words)


def _hold(hold: OnHold | None) -> OnHold | None:
    if hold is None:
        return None
    return replace(hold, cause=_cause(hold.cause), reason=Direction.BACK.words(hold.reason))


def _notice(notice: Noticed | None) -> Noticed | None:
    return notice and replace(notice, by=Direction.BACK.words(notice.by))


def _attempt(attempt: Attempt[Effect] | None) -> Attempt[Effect] | None:
    if attempt is None or attempt.outcome is None:
        return attempt
    return replace(attempt, outcome=_outcome(attempt.outcome))


def _outcome(outcome: Outcome) -> Outcome:
    match outcome:
        case Refused() | Unreachable() | Unknown():
            return replace(outcome, message=Direction.BACK.words(outcome.message))
        case _:
            return outcome

# SPDX-License-Identifier: Apache-2.0
"""The decision: given what is known of an item and seen of it in both clouds, what to do next.

Pure. The old cloud's word counts, but what people make, change or delete in the new cloud is never
overwritten: only what ephyrad made, and nobody changed since, is changed or deleted.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ephyrad.environment import images
from ephyrad.environment.effects import Effect, describe
from ephyrad.environment.halves import is_among
from ephyrad.environment.item import Item, ItemId, differences
from ephyrad.environment.kinds import MARKED_AT_ONCE
from ephyrad.environment.masks import do_agree
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.environment.problems import Cause, Problem
from ephyrad.environment.record import ItemAttempt, Record
from ephyrad.environment.translate import Wanted
from ephyrad.migration.outcomes import Refused, Unknown, Unreachable

_FIRST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(seconds=60)
_MOST_DOUBLINGS = 6


@dataclass(frozen=True, slots=True)
class Seen:
    """One item as both clouds show it now.

    `wanted` is the old cloud's in the new cloud's words, why it cannot be carried, or None where
    the old cloud has none; `found` is the new cloud's. `lacking` are the items that it needs and
    the new cloud does not have yet.
    """

    at: datetime
    wanted: Wanted | Problem | None
    found: Item | None
    lacking: tuple[ItemId, ...] = ()


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again at that time; `what` says in words what is waited for."""

    what: str
    again: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """It cannot be carried now; at `again`, where that is given, it is tried once more."""

    problem: Problem
    again: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settle:
    """It is equal in both clouds: write that down."""

    digest: str


@dataclass(frozen=True, slots=True)
class Forget:
    """It is in neither cloud any more: so write down."""


@dataclass(frozen=True, slots=True)
class Perform:
    """Change the new cloud."""

    effect: Effect


Step = Rest | Wait | Report | Settle | Forget | Perform


def decide(record: Record, seen: Seen, policy: EnvironmentPolicy) -> Step:
    """Return the one thing to do next with an item."""
    if isinstance(seen.wanted, Problem):
        return Report(seen.wanted)
    if seen.wanted is None:
        step = _gone(record, seen.found, policy)
    elif seen.wanted.trouble is not None:
        return _by_hand(record, seen.wanted.item, seen.found, seen.wanted.trouble)
    else:
        step = _wanted(record, seen.wanted.item, seen, policy)
    return _patient(step, record, seen, policy)


def _wanted(record: Record, wanted: Item, seen: Seen, policy: EnvironmentPolicy) -> Step:
    found = seen.found
    if found is None:
        return _absent(record, seen, policy)
    different = differences(wanted, found)
    if not different:
        return _equal(record, found)
    if not _is_ours(record, found):
        return _conflict(wanted, found, different)
    if images.bytes_differ(wanted, found):
        return Report(_other_bytes(wanted, found))
    if images.is_filled_now(found):
        return _filled_now(record, found, seen, policy)
    if _is_changed(record, found) and not _is_unfinished(record, wanted, found):
        return Report(
            Problem(
                Cause.CHANGED,
                f"somebody changed {', '.join(different)} of it in the new cloud, where it is left"
                " as it is: to have it follow the old cloud again, change it back there",
            )
        )
    return Perform(Effect.UPLOAD if images.lacks_bytes(found) else Effect.AMEND)


def _by_hand(record: Record, wanted: Item, found: Item | None, trouble: str) -> Step:
    """Decide on what the old cloud shows with masks, so that only people can make it."""
    if found is not None and do_agree(wanted.fields, found.fields):
        return _equal(record, found)
    return Report(Problem(Cause.UNFIT, trouble))


def _filled_now(record: Record, found: Item, seen: Seen, policy: EnvironmentPolicy) -> Step:
    """Decide on an image whose bytes are being taken in: an end of that is not sure to come.

    Glance that is killed in the middle leaves it so for ever (glance/api/v2/image_data.py, 33.0).
    """
    attempt = record.attempt
    # Without a try in the journal, it is no upload of ephyrad's that lives.
    if attempt is not None and seen.at - attempt.last < policy.fills_for:
        return Wait("the new cloud to take its bytes in", seen.at + policy.look_again)
    return Report(
        Problem(
            Cause.STUCK,
            f"the new cloud shows it as {found.fields.get('status')}, and ephyrad uploads it no"
            " more: if nobody does, its Glance ended in the middle of that; then delete it there,"
            " free its id (`glance-manage db purge`, then `glance-manage db purge_images_table`,"
            " both with --age_in_days) and ask for it anew",
        ),
        seen.at + policy.look_again_at_others,
    )


def _absent(record: Record, seen: Seen, policy: EnvironmentPolicy) -> Step:
    # What ephyrad tried since may have taken it away: a key pair is amended by deleting it first.
    missed = record.settled is not None and record.attempt is None
    if missed and not record.asked and not _is_anothers(record, seen):
        return Report(
            Problem(
                Cause.DELETED_THERE,
                "somebody deleted it in the new cloud: it is not made again unless you ask for it",
            )
        )
    if seen.lacking:
        names = ", ".join(map(str, seen.lacking))
        return Report(
            Problem(Cause.MISSING, f"it needs {names}, which the new cloud does not have yet"),
            seen.at + policy.look_again_at_others,
        )
    return Perform(Effect.CREATE)


def _is_anothers(record: Record, seen: Seen) -> bool:
    """Return whether it had another key in the new cloud: its user was made anew there."""
    wanted = seen.wanted.item.key if isinstance(seen.wanted, Wanted) else record.new_key
    return record.new_key is not None and record.new_key != wanted


def _equal(record: Record, found: Item) -> Step:
    changed = record.pending or record.asked or record.problem is not None
    # With a mark, it was in the journal before that was lost: where people delete it, it is missed.
    if (record.is_blank and found.mark is None) or (record.settled == found.digest and not changed):
        return Rest()
    return Settle(found.digest)


def _gone(record: Record, found: Item | None, policy: EnvironmentPolicy) -> Step:
    """Decide on an item that the old cloud does not have, or not any more."""
    if found is None or not _is_ours(record, found):
        return Rest() if record.is_blank else Forget()
    if not (record.made or record.settled):
        # A mark alone: ephyrad's journal was lost, or another ephyrad carried it from elsewhere.
        return Report(
            Problem(
                Cause.DELETED_HERE,
                "it bears ephyrad's mark, but the old cloud does not have it, and the journal does"
                " not know it: it stays in the new one; delete it there if it is not needed",
            )
        )
    if _is_changed(record, found):
        return Report(
            Problem(
                Cause.DELETED_HERE,
                "it was deleted in the old cloud; somebody changed it in the new one, where it"
                " stays: delete it there if it is not needed",
            )
        )
    if found.kind not in policy.deletions:
        return Report(
            Problem(
                Cause.DELETED_HERE,
                "it was deleted in the old cloud, and stays in the new one: delete it there if it"
                f" is not needed, or name {found.kind} in [environment] deletions",
            )
        )
    return Perform(Effect.DELETE)


def _is_ours(record: Record, found: Item) -> bool:
    if found.mark is not None:
        return True
    if record.pending and found.kind in MARKED_AT_ONCE:
        # That ephyrad may have made it is not enough: people may have, meanwhile.
        return record.made and record.settled == found.digest
    made = record.made and record.new_key == found.key
    return made and not (record.pending and _is_changed(record, found))


def _is_changed(record: Record, found: Item) -> bool:
    """Return whether somebody else changed what ephyrad made; its own half-done work is not that.

    Without the journal, the mark tells what ephyrad wrote.
    """
    if record.pending:
        return record.may_be is not None and not is_among(found, record.may_be)
    return (record.settled or found.mark) != found.digest


def _is_unfinished(record: Record, wanted: Item, found: Item) -> bool:
    """Return whether an image is to be gone on with of which the journal knows nothing."""
    if record.pending:
        return False
    lacks = record.settled is None and images.lacks_bytes(found)
    return lacks or images.is_unfinished(wanted, found)


def _conflict(wanted: Item, found: Item, different: tuple[str, ...]) -> Report:
    if images.bytes_differ(wanted, found):
        return Report(_other_bytes(wanted, found))
    return Report(
        Problem(
            Cause.CONFLICT,
            f"the new cloud has another {found.kind} in its place, which differs at"
            f" {', '.join(different)} and which ephyrad did not make: rename or delete one of them",
        )
    )


def _other_bytes(wanted: Item, found: Item) -> Problem:
    if not images.are_hashed_alike(wanted, found):
        return Problem(
            Cause.BYTES,
            f"the new cloud has an image of this id whose hash ({found.fields.get('hash')}) is of"
            " another algorithm than the old one's, so nobody can tell whether the bytes are the"
            " same: it is left as it is: compare them there; for others, set [DEFAULT]"
            " hashing_algorithm of the new Glance to that of the old one",
        )
    return Problem(
        Cause.BYTES,
        f"the new cloud has an image of this id with other bytes ({found.fields.get('hash')}): it"
        " is never overwritten: delete the wrong one there, and give the right one another id",
    )


def _patient(step: Step, record: Record, seen: Seen, policy: EnvironmentPolicy) -> Step:
    """Space out the tries of an effect that has been tried before."""
    attempt = record.attempt
    if not isinstance(step, Perform) or attempt is None or attempt.effect is not step.effect:
        return step
    if isinstance(seen.wanted, Wanted) and attempt.digest != seen.wanted.item.digest:
        # The old cloud has another one now: what became of the former says nothing.
        return step
    trying = describe(step.effect)
    if isinstance(attempt.outcome, Refused):
        again = attempt.last + policy.retry_refused
        if seen.at >= again:
            return step
        status, words = attempt.outcome.status, attempt.outcome.message
        # What ephyrad itself refused to go on with has no status.
        said = f"{words} (HTTP {status})" if status else words
        reason = f"could not {trying}: {said}: mend what it names, and ask for it anew"
        return Report(Problem(Cause.REFUSED, reason), again)
    due = attempt.last + _pause(attempt, policy)
    if seen.at >= due:
        return step
    if due - attempt.first < policy.retry_for:
        return Wait(f"the next try to {trying}", due)
    reason = f"could not {trying} in {attempt.tries} tries: {_why(attempt)}: see to that cloud"
    return Report(Problem(Cause.UNREACHABLE, reason), due)


def _pause(attempt: ItemAttempt, policy: EnvironmentPolicy) -> timedelta:
    doublings = min(attempt.tries - 1, _MOST_DOUBLINGS)
    pause = min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)
    if attempt.unsettled and attempt.effect is not Effect.UPLOAD:
        # It may still be done; an upload ends with its connection.
        return max(pause, policy.unknown_settles)
    return pause


def _why(attempt: ItemAttempt) -> str:
    match attempt.outcome:
        case Unreachable(message) | Unknown(message):
            return message
        case None:
            return "ephyrad ended in the middle of it"
        case _:
            return "it was accepted, but nothing of it is seen"

# SPDX-License-Identifier: Apache-2.0
"""A journal entry in one line of words, for a node's history."""

from ephyrad.migration.direction import Direction
from ephyrad.migration.effects import describe
from ephyrad.migration.entries import (
    Aborting,
    Asked,
    Concluded,
    Entry,
    Held,
    Intended,
    Kept,
    Lifted,
    Moved,
    Noticed,
    Owed,
    Recalled,
    Restored,
    Witnessed,
)
from ephyrad.migration.outcomes import Done, Outcome, Refused, Underway, Unknown, Unreachable


def summary(entry: Entry, direction: Direction = Direction.FORWARD) -> str:
    """Return what an entry of a journey in this direction tells, in one line."""
    match entry:
        case Asked(by=by, direction=Direction.BACK):
            return f"return to the old cloud asked for by {by}"
        case Asked(by=by):
            return f"migration asked for by {by}"
        case Kept(final=final, left_behind=left_behind, rewriting=rewriting):
            left = f"; not carried across: {', '.join(left_behind)}" if left_behind else ""
            changes = f"; rewritten: {', '.join(map(str, rewriting))}" if rewriting else ""
            return f"{'final' if final else 'first'} document kept{changes}{left}"
        case Intended(effect=effect):
            return describe(effect, direction)
        case Concluded(outcome=outcome):
            return outcome_words(outcome)
        case Witnessed(proof=proof):
            return f"cleaned: {proof}"
        case Owed(because=because):
            return f"{direction.words('cleaning is left to the new cloud')}: {because}"
        case Moved(source=source, dest=dest, because=because):
            return f"{source} -> {dest}: {because}"
        case Held(reason=reason):
            return reason
        case Lifted(by=by):
            return f"released by {by}"
        case Aborting(by=by):
            return f"aborted by {by}: it goes back to {direction.words('the old cloud')}"
        case Restored(because=because):
            return f"back in {direction.words('the old cloud')}: {because}"
        case Noticed(instance=instance, not_before=not_before, by=by):
            return (
                f"its instance {instance} is to be deleted from {not_before:%F %T} UTC on, by word"
                f" of {by}"
            )
        case Recalled(by=by, because=because):
            why = f": {because}" if because else ""
            return f"the notice to delete its instance is taken back by {by}{why}"


def outcome_words(outcome: Outcome) -> str:
    """Return what became of an effect, in words."""
    match outcome:
        case Done():
            return "done"
        case Underway():
            return "accepted"
        case Refused(status, message):
            return f"refused (HTTP {status}): {message}"
        case Unreachable(message):
            return f"later: {message}"
        case Unknown(message):
            return f"unknown: {message}"

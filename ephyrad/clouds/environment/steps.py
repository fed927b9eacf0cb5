# SPDX-License-Identifier: Apache-2.0
"""Changes that take several calls."""

from collections.abc import Callable, Iterable

from ephyrad.migration.outcomes import Done, Outcome, Refused, Underway, Unknown, Unreachable

Step = Callable[[], Outcome]


def one_by_one(steps: Iterable[Step]) -> Outcome:
    """Make these calls until one of them is not done, and return what became of that one."""
    for step in steps:
        outcome = step()
        if not isinstance(outcome, Done):
            return outcome
    return Done()


def completed_or_undone(outcome: Outcome, undo: Step) -> Outcome:
    """Take back what was begun where the cloud will not have the rest of it.

    Refused means then that nothing of it is there; where it could not be taken back, nobody knows.
    What could not be asked for is left to the next try: then a part of it is there.
    """
    if isinstance(outcome, Unreachable):
        return Unknown(f"half of it is done: {outcome.message}")
    if not isinstance(outcome, Refused):
        return outcome
    undone = undo()
    if isinstance(undone, Done | Underway):
        return outcome
    return Unknown(f"{outcome.message} (HTTP {outcome.status}), and what was begun is still there")

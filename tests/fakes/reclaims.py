# SPDX-License-Identifier: Apache-2.0
"""A fake of the doors for messages of CI: it believes everything, and has nothing done."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.reclaim_answers import (
    IgnoredAnswer,
    NamedAnswer,
    ReclaimAnswer,
    RefusedAnswer,
)
from ephyrad.reclaim.fate import things
from ephyrad.reclaim.letter import Letter
from ephyrad.reclaim.message import decode
from ephyrad.reclaim.nomination import Ignored, MessageError, Nomination

THEN = datetime(2026, 1, 2, 3, 4, 0, tzinfo=UTC)


class FakeReclaims:
    """Has the messages that were taken; each thing that they named waits."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, str], ReclaimAnswer] = {}
        self._refused = RefusedAnswer()

    def post(self, headers: Mapping[str, str], content: bytes) -> ReclaimAnswer | IgnoredAnswer:
        if "authorization" not in headers:
            self._refused = RefusedAnswer(self._refused.count + 1, THEN, "it has no token")
            raise OperationError(Complaint.UNAUTHORIZED, "it has no token; nothing was done")
        try:
            found = decode(headers, content)
        except MessageError as error:
            raise OperationError(Complaint.INVALID, str(error)) from error
        return IgnoredAnswer(found.reason) if isinstance(found, Ignored) else self.nominate(found)

    def deliver(self, letters: Sequence[Letter]) -> Sequence[str | None]:
        return [self._deliver(each) for each in letters]

    def _deliver(self, letter: Letter) -> str | None:
        try:
            found = decode(letter.headers, letter.content)
        except MessageError as error:
            return str(error)
        if isinstance(found, Nomination):
            self.nominate(found)
        return None

    def nominate(self, nomination: Nomination) -> ReclaimAnswer:
        key = (nomination.source, nomination.id)
        if key in self._taken:
            return replace(self._taken[key], again=True)
        named = tuple(
            NamedAnswer(kind.value, name, None, None, "waits", "its turn has not come", THEN)
            for kind, name in things(nomination)
        )
        self._taken[key] = ReclaimAnswer(*key, nomination.label, nomination.result, THEN, named)
        return self._taken[key]

    def last(self, count: int) -> Sequence[ReclaimAnswer]:
        return list(reversed(self._taken.values()))[:count]

    def refused(self) -> RefusedAnswer:
        return self._refused

# SPDX-License-Identifier: Apache-2.0
"""What the engine answers to CI, and to operators about it: frozen types of plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ephyrad.bus.health import Condition
from ephyrad.reclaim.letter import Letter
from ephyrad.reclaim.nomination import Nomination


@dataclass(frozen=True, slots=True)
class NamedAnswer:
    """A thing that a message named, and what became of it, in words. Times are UTC.

    `kind` is `node`, `instance` or `build`; `fate` is `waits`, `given`, `mapped`, `refused` or
    `lapsed`.
    """

    kind: str
    name: str
    node: str | None
    instance: str | None
    fate: str
    words: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ReclaimAnswer:
    """A message that was taken. `again`: this was not the first of its source and id."""

    source: str
    id: str
    label: str
    result: str
    taken_at: datetime
    named: tuple[NamedAnswer, ...]
    again: bool = False


@dataclass(frozen=True, slots=True)
class IgnoredAnswer:
    """A message that nominates nothing: why."""

    ignored: str


@dataclass(frozen=True, slots=True)
class RefusedAnswer:
    """How many messages were not believed, or could not be read, since the start; the last one."""

    count: int = 0
    last_at: datetime | None = None
    last: str = ""


@dataclass(frozen=True, slots=True)
class MailboxAnswer:
    """How the queue of CI's messages is read: in words, and the last message that came (UTC).

    `taken` and `dead` count what was dealt with, and what was put aside, since the start.
    `waiting`: the messages that wait at the broker, None where that is not known.
    """

    words: str
    condition: Condition
    last: datetime | None
    taken: int
    dead: int
    waiting: int | None


class ReclaimOperations(Protocol):
    """The doors for messages of CI.

    Each method may raise :class:`ephyrad.engine.answers.OperationError`.
    """

    def post(self, headers: Mapping[str, str], content: bytes) -> ReclaimAnswer | IgnoredAnswer:
        """Take a message that came over HTTP, if it is authentic. Names of headers are lower."""

    def deliver(self, letters: Sequence[Letter]) -> Sequence[str | None]:
        """Make messages durable that came over AMQP, and have what they name looked at.

        Return of each why it is of no use, None where it is dealt with.

        :raises JournalError: they could not be made durable; none of them is.
        """

    def nominate(self, nomination: Nomination) -> ReclaimAnswer:
        """Take what somebody who is believed nominates; verify it, and do what is to be done."""

    def last(self, count: int) -> Sequence[ReclaimAnswer]:
        """Return the messages that were taken last, the last one first."""

    def refused(self) -> RefusedAnswer:
        """Return what was refused since the start."""

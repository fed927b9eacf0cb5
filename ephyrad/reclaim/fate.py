# SPDX-License-Identifier: Apache-2.0
"""What became of a message, and of each thing that it named."""

import enum
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ephyrad.reclaim.authentic import Credentials
from ephyrad.reclaim.letter import Trust
from ephyrad.reclaim.nomination import Nomination


class Kind(enum.StrEnum):
    """What was named: a build stands for the nodes that the rollout's file gives for its job."""

    NODE = "node"
    INSTANCE = "instance"
    BUILD = "build"


class Fate(enum.StrEnum):
    """WAITS may become any other; the others are for good.

    GIVEN: word was given that ephyrad may delete the instance. MAPPED: a build, to its nodes.
    LAPSED: it waited too long.
    """

    WAITS = "waits"
    GIVEN = "given"
    MAPPED = "mapped"
    REFUSED = "refused"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that a message named; `node` and `instance` (UUIDs) are known once it was found.

    `number` is the journal's. `words` say why, since `since`.
    """

    number: int
    message: int
    kind: Kind
    name: str
    node: str | None
    instance: str | None
    fate: Fate
    words: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was taken, once. `said_at`: see :class:`Nomination`."""

    number: int
    source: str
    id: str
    label: str
    result: str
    taken_at: datetime
    named: tuple[Named, ...] = ()
    said_at: datetime | None = None

    @property
    def meant_at(self) -> datetime:
        """What came after this it cannot have meant: a message was said before it was taken, also
        where it has no time of its own, or its sender's clock is ahead.
        """
        return self.taken_at if self.said_at is None else min(self.said_at, self.taken_at)

    @property
    def giver(self) -> str:
        """By whose word notices for it are."""
        return f"CI {self.source}/{self.id}"


@dataclass(frozen=True, slots=True)
class ReclaimPolicy:
    """Who is believed, over HTTP and over AMQP; how long a thing may wait; how long a message is
    known, not to be taken twice.
    """

    credentials: Credentials = field(default_factory=Credentials)
    keep: timedelta = timedelta(days=1)
    remember: timedelta = timedelta(days=30)
    amqp: Trust = field(default_factory=Trust)


def things(nomination: Nomination) -> list[tuple[Kind, str]]:
    """Return what a message names. A build's job is one of them where nothing else is."""
    found = [
        *((Kind.INSTANCE, each) for each in nomination.instances),
        *((Kind.NODE, each) for each in nomination.nodes),
    ]
    return found or [(Kind.BUILD, nomination.label)]

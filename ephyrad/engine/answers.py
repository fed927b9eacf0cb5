# SPDX-License-Identifier: Apache-2.0
"""What the engine answers to operators: frozen types of plain values."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ephyrad.bus.health import Condition
from ephyrad.engine.reclaim_answers import MailboxAnswer


class Complaint(enum.StrEnum):
    """Why a request cannot be done, for machines."""

    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class BusAnswer:
    """How one cloud's bus is heard: in words, the last notification (UTC) and their number.

    `condition` is None where it is not listened to. `backlog`: the messages that wait at
    the broker, None where that is not known.
    """

    words: str
    last: datetime | None
    count: int
    condition: Condition | None = Condition.LISTENING
    backlog: int | None = None


class OperationError(Exception):
    """A request that cannot be done: one line that names the thing, the place and the cure."""

    def __init__(self, complaint: Complaint, message: str) -> None:
        self.complaint = complaint
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class NodeAnswer:
    """Where one node stands. Times are UTC.

    `direction` is `forward`, to the new cloud, or `back` to the old one; `aborted`: it turned
    round, and goes to the cloud that it came from, or is back there.
    `doing` says in words what is done or waited for, or why the node is held. `deadline` is when
    the present wait ends in a hold. `rewritten` says in words what its record names otherwise in
    the cloud that it is carried to, `notice` by whose word its instance is to be deleted, and from
    when on.
    """

    node: str
    name: str | None
    direction: str
    state: str
    since: datetime
    in_flight: bool
    held: bool
    cause: str | None
    doing: str
    deadline: datetime | None
    asked_at: datetime
    asked_by: str
    rewritten: tuple[str, ...] = ()
    notice: str | None = None
    aborted: bool = False


@dataclass(frozen=True, slots=True)
class HistoryAnswer:
    """One entry of a node's journal. `body` has the entry's own fields as plain JSON values."""

    seq: int
    at: datetime
    kind: str
    summary: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MigrateAnswer:
    """What became of a request to migrate: the nodes taken on, and those that were before."""

    accepted: tuple[NodeAnswer, ...]
    already: tuple[NodeAnswer, ...]


@dataclass(frozen=True, slots=True)
class StrayAnswer:
    """A node that bears ephyrad's mark and is not in the journal: how each cloud has it, in words.

    None where that cloud has no marked record of it.
    """

    node: str
    name: str | None
    old_cloud: str | None
    new_cloud: str | None


@dataclass(frozen=True, slots=True)
class QuarantineAnswer:
    """What came off a bus and could not be read, of one kind, since the journal was begun.

    Times are UTC. `message_id` and `event_type` (None where they could not be had), `size` in bytes
    and `sha256` of the body are of the last of them.
    """

    kind: str
    reason: str
    count: int
    first_at: datetime
    last_at: datetime
    message_id: str | None
    event_type: str | None
    size: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """How many documents were encrypted with the new key."""

    documents: int


@dataclass(frozen=True, slots=True)
class CloudAnswer:
    """How ephyrad hears and reaches one cloud. Times are UTC, None where it never happened."""

    cloud: str
    bus: str
    last_notification: datetime | None
    notifications: int
    last_sweep: datetime | None
    sweep_error: str | None
    quarantine: tuple[QuarantineAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """Whether ephyrad is `live`: its threads go on; and `ready`: it can do its work now.

    `because` says in words what stands in the way; empty where nothing does.
    """

    live: bool
    ready: bool
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """The whole of it: counts by state (every state, in order), in flight, held, waiting.

    `strays` counts what was found when the clouds were first read, and last asked for strays.
    `journal_error` says why nothing can be written down, and so nothing is done; else it is None.
    `ci` says how the queue of CI's messages is read, None where there is none.
    """

    version: str
    started_at: datetime
    states: Mapping[str, int]
    in_flight: int
    max_in_flight: int
    held: int
    waiting: int
    strays: int
    journal_error: str | None
    clouds: tuple[CloudAnswer, ...]
    ci: MailboxAnswer | None = None

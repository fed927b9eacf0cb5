# SPDX-License-Identifier: Apache-2.0
"""The quarantine: how many messages of each kind could not be read; never their content.

One row for each cloud and kind of poison: its size is bounded by the number of kinds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from ephyrad.journal.values import to_text, writable
from ephyrad.migration.facts import CloudName, Poison

_ADD = (
    "INSERT INTO quarantine (cloud, kind, count, first_at, last_at, message_id, event_type, size,"
    " sha256, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (cloud, kind) DO UPDATE SET count = count + excluded.count,"
    " last_at = excluded.last_at, message_id = excluded.message_id,"
    " event_type = excluded.event_type, size = excluded.size, sha256 = excluded.sha256,"
    " reason = excluded.reason"
)
_READ = (
    "SELECT cloud, kind, count, first_at, last_at, message_id, event_type, size, sha256, reason"
    " FROM quarantine ORDER BY cloud, kind"
)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """All poison of one kind: when the first and the last came (our clock), and the last one.

    The count of `last` is that of all.
    """

    first_at: datetime
    last_at: datetime
    last: Poison


def add(db: Database, poison: Iterable[Poison], at: datetime) -> None:
    """Count messages that could not be read."""
    moment = to_text(at)
    rows = [
        (
            *(one.cloud.value, one.kind, one.count, moment, moment),
            *(writable(one.message_id), writable(one.event_type), one.size, one.sha256),
            one.reason,
        )
        for one in poison
    ]
    db.conn.executemany(_ADD, rows)


def read(db: Database) -> Sequence[Quarantined]:
    """Return what is in quarantine, by cloud and kind."""
    found = db.execute(_READ).fetchall()
    return [
        Quarantined(
            datetime.fromisoformat(first),
            datetime.fromisoformat(last),
            Poison(
                CloudName(cloud),
                kind,
                reason,
                count=count,
                message_id=message_id,
                event_type=event_type,
                size=size,
                sha256=sha256,
            ),
        )
        for cloud, kind, count, first, last, message_id, event_type, size, sha256, reason in found
    ]

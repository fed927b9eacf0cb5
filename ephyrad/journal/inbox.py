# SPDX-License-Identifier: Apache-2.0
"""The inbox: notifications that were received, and which of them were dealt with."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from ephyrad.journal.values import to_text, writable
from ephyrad.migration.facts import CloudName, Notification

_ADD = (
    "INSERT INTO inbox (cloud, message_id, event_type, at, node, fields, received_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (cloud, message_id) DO NOTHING"
)
_WAITING = (
    "SELECT id, cloud, message_id, event_type, at, node, fields FROM inbox"
    " WHERE node = ? AND consumed_at IS NULL ORDER BY id"
)
_OLD = (
    "SELECT id FROM inbox WHERE consumed_at IS NOT NULL AND consumed_at < :before"
    " UNION ALL SELECT id FROM inbox WHERE consumed_at IS NULL AND received_at < :before"
    " AND (node IS NULL OR node NOT IN (SELECT node FROM migrations))"
)


def row_of(notification: Notification, received_at: datetime) -> tuple[Any, ...]:
    """Return the notification as the values of a row."""
    return (
        notification.cloud.value,
        writable(notification.message_id),
        writable(notification.event_type),
        to_text(notification.at),
        writable(notification.node),
        json.dumps(dict(notification.fields)),
        to_text(received_at),
    )


def add(db: Database, rows: Iterable[tuple[Any, ...]]) -> tuple[str, ...]:
    """Add rows that are not there yet; return the nodes they name, each once, in their order."""
    added = {row[4]: None for row in rows if db.execute(_ADD, row).rowcount}
    return tuple(node for node in added if node is not None)


def waiting(db: Database, node: str) -> Sequence[tuple[int, Notification]]:
    """Return the node's notifications that were not dealt with, oldest first, with their ids."""
    return [
        (
            number,
            Notification(
                cloud=CloudName(cloud),
                message_id=message_id,
                event_type=event_type,
                at=datetime.fromisoformat(at),
                node=named,
                fields=json.loads(fields),
            ),
        )
        for number, cloud, message_id, event_type, at, named, fields in db.execute(
            _WAITING, [node]
        ).fetchall()
    ]


def consume(db: Database, ids: Iterable[int], at: datetime) -> None:
    """Write down that the notifications with these ids were dealt with."""
    db.conn.executemany(
        "UPDATE inbox SET consumed_at = ? WHERE id = ? AND consumed_at IS NULL",
        [(to_text(at), number) for number in ids],
    )


def nodes(db: Database) -> tuple[str, ...]:
    """Return the nodes for which something waits."""
    found = db.execute(
        "SELECT DISTINCT node FROM inbox WHERE consumed_at IS NULL AND node IS NOT NULL"
    )
    return tuple(node for (node,) in found.fetchall())


def outdated(db: Database, before: datetime) -> list[int]:
    """Return the ids of rows from before a time that were dealt with or name no migration."""
    return [number for (number,) in db.execute(_OLD, {"before": to_text(before)}).fetchall()]


def drop(db: Database, ids: Iterable[int]) -> None:
    """Delete rows."""
    db.conn.executemany("DELETE FROM inbox WHERE id = ?", [(number,) for number in ids])

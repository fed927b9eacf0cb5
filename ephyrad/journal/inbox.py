# SPDX-License-Identifier: Apache-2.0
"""The inbox: notifications that were received, and which of them were dealt with."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlite_utils import Database

from ephyrad.journal.values import to_text, writable
from ephyrad.migration.facts import CloudName, Notification
from ephyrad.migration.states import State

_ADD = (
    "INSERT INTO inbox (cloud, message_id, event_type, at, node, item, fields, received_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (cloud, message_id) DO NOTHING"
)
_WAITING = (
    "SELECT id, cloud, message_id, event_type, at, node, fields, item FROM inbox"
    " WHERE {} = ? AND consumed_at IS NULL ORDER BY id"
)
_OLD = (
    "SELECT id FROM inbox WHERE consumed_at IS NOT NULL AND consumed_at < :before"
    " UNION ALL SELECT id FROM inbox WHERE consumed_at IS NULL AND received_at < :before"
    " AND (node IS NULL OR node NOT IN (SELECT value FROM json_each(:wanted)))"
)


# Only of nodes that were asked for: their few rows are found by the index, beside many of others.
_BACKLOG = (
    "SELECT m.node, i.cloud, count(*), min(i.received_at) FROM migrations m CROSS JOIN inbox i"
    " WHERE i.node = m.node AND i.consumed_at IS NULL AND m.state != ?"
    " GROUP BY m.node, i.cloud"
)


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many notifications wait that came from a cloud, and since when the oldest does (UTC)."""

    cloud: CloudName
    rows: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class NodeBacklog:
    """The same, of one node alone."""

    node: str
    cloud: CloudName
    rows: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """The nodes and the items that some notifications speak of, each once, in their order."""

    nodes: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


def row_of(notification: Notification, received_at: datetime) -> tuple[Any, ...]:
    """Return the notification as the values of a row."""
    return (
        notification.cloud.value,
        writable(notification.message_id),
        writable(notification.event_type),
        to_text(notification.at),
        writable(notification.node),
        writable(notification.item),
        json.dumps(dict(notification.fields)),
        to_text(received_at),
    )


def add(db: Database, rows: Iterable[tuple[Any, ...]]) -> Named:
    """Add rows that are not there yet; return whom they name."""
    added = [row for row in rows if db.conn.execute(_ADD, row).rowcount]
    nodes, items = (dict.fromkeys(row[column] for row in added) for column in (4, 5))
    return Named(tuple(filter(None, nodes)), tuple(filter(None, items)))


def waiting(
    db: Database, column: Literal["node", "item"], value: str
) -> Sequence[tuple[int, Notification]]:
    """Return notifications that were not dealt with, oldest first, with their ids.

    Those that name, in that column, the node or the item.
    """
    return [
        (
            number,
            Notification(
                cloud=CloudName(cloud),
                message_id=message_id,
                event_type=event_type,
                at=datetime.fromisoformat(at),
                node=node,
                fields=json.loads(fields),
                item=item,
            ),
        )
        for number, cloud, message_id, event_type, at, node, fields, item in db.conn.execute(
            _WAITING.format(column), [value]
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


def waiting_items(db: Database) -> tuple[str, ...]:
    """Return the items for which something waits."""
    found = db.execute(
        "SELECT DISTINCT item FROM inbox WHERE consumed_at IS NULL AND item IS NOT NULL"
    )
    return tuple(item for (item,) in found.fetchall())


def backlog(db: Database) -> Sequence[NodeBacklog]:
    """Return what waits for nodes that were asked for and have not arrived."""
    return [
        NodeBacklog(node, CloudName(cloud), rows, datetime.fromisoformat(oldest))
        for node, cloud, rows, oldest in db.conn.execute(_BACKLOG, [State.COMPUTE_READY]).fetchall()
    ]


def summed(backlogs: Iterable[NodeBacklog]) -> Sequence[Backlog]:
    """Return what waits of all nodes, by cloud."""
    found: dict[CloudName, Backlog] = {}
    for each in backlogs:
        known = found.get(each.cloud, Backlog(each.cloud, 0, each.oldest))
        oldest = min(known.oldest, each.oldest)
        found[each.cloud] = Backlog(each.cloud, known.rows + each.rows, oldest)
    return list(found.values())


def outdated(db: Database, before: datetime, wanted: Collection[str]) -> list[int]:
    """Return the ids of rows from before a time that were dealt with, or name no `wanted` node."""
    values = {"before": to_text(before), "wanted": json.dumps(list(wanted))}
    return [number for (number,) in db.execute(_OLD, values).fetchall()]


def drop(db: Database, ids: Iterable[int]) -> None:
    """Delete rows."""
    db.conn.executemany("DELETE FROM inbox WHERE id = ?", [(number,) for number in ids])

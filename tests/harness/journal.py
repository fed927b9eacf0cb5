# SPDX-License-Identifier: Apache-2.0
"""What a daemon's journal tells: read from its file, beside the daemon, without ephyrad's code."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

# (cloud, state before, state after): after each of these there is something to do.
_ENDINGS = {
    ("old", "cleaning", "manageable"),
    ("new", "verifying", "manageable"),
    ("new", "cleaning", "available"),
}


def under_way(path: Path) -> list[tuple[str, str]]:
    """Return what is begun and has no outcome yet: (node's name, effect in words)."""
    with _opened(path) as db:
        rows = db.execute(
            "SELECT coalesce(name, node), effect FROM migrations"
            " WHERE effect IS NOT NULL AND outcome IS NULL ORDER BY name"
        )
        return [(name, effect) for name, effect in rows]


def reactions(path: Path) -> list[float]:
    """Return how many seconds after a cloud's change the next effect on the node came, ascending.

    The change is what a notification tells that something is over that a node waited for; its
    time is that of the sender. The clouds and the daemon share one clock here.
    """
    with _opened(path) as db:
        return sorted(_reactions(db))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        yield db


def _reactions(db: sqlite3.Connection) -> Iterator[float]:
    # What lay in the queue from before says nothing.
    rows = db.execute(
        "SELECT cloud, node, at, fields FROM inbox JOIN migrations USING (node) WHERE at > asked_at"
    )
    for cloud, node, at, text in rows.fetchall():
        fields = json.loads(text)
        change = (cloud, fields.get("previous_provision_state"), fields.get("provision_state"))
        if change not in _ENDINGS:
            continue
        effect = db.execute(
            "SELECT min(at) FROM entries WHERE node = ? AND kind = 'intent' AND at > ?", (node, at)
        ).fetchone()[0]
        if effect is not None:
            gap = datetime.fromisoformat(effect) - datetime.fromisoformat(at)
            yield gap.total_seconds()

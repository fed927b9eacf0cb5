# SPDX-License-Identifier: Apache-2.0
"""How soon an effect follows a cloud's change, read from the journal of a daemon.

The change is what a notification tells that something is over that a node waited for; its time is
that of the sender. The clouds and the daemon share one clock here.
"""

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


def reactions(journal: Path) -> list[float]:
    """Return the seconds from each such change to the next effect on the node, ascending."""
    with sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True) as db:
        return sorted(_reactions(db))


def _reactions(db: sqlite3.Connection) -> Iterator[float]:
    rows = db.execute("SELECT cloud, node, at, fields FROM inbox WHERE node IS NOT NULL")
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

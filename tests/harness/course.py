# SPDX-License-Identifier: Apache-2.0
"""The course of a rollout, read from the journal's file without ephyrad's code."""

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FREED_BY = ("hold", "restored")


@dataclass(frozen=True)
class Happened:
    """An entry: of a node, by its name, or of the rollout itself."""

    at: str
    of: str
    kind: str
    body: Mapping[str, Any]


class Course:
    """What happened to a rollout and to its nodes. Times compare as texts: all are UTC, alike."""

    def __init__(self, path: Path, rollout: str) -> None:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            self.rollout = _read(
                db,
                "SELECT at, rollout, kind, body FROM rollout_entries WHERE rollout = ?"
                " ORDER BY seq",
                (rollout,),
            )
            self.nodes = _read(
                db,
                "SELECT e.at, coalesce(m.name, e.node), e.kind, e.body FROM entries e"
                " JOIN migrations m USING (node) ORDER BY e.at, e.seq",
            )

    def when(self, kind: str) -> str:
        """Return when the rollout had its first entry of this kind."""
        return next(each.at for each in self.rollout if each.kind == kind)

    def begun(self, since: str, until: str) -> list[str]:
        """Return the nodes of which something was begun for the first time within this span."""
        firsts: dict[tuple[str, str], str] = {}
        for each in self.nodes:
            if each.kind in ("asked", "intent"):
                firsts.setdefault((each.of, each.kind), each.at)
        return sorted({of for (of, _), at in firsts.items() if since < at < until})

    def busiest(self, names: Iterable[str], in_use: Iterable[str]) -> int:
        """Return how many of these nodes were in flight at once, at most.

        A node is from its first effect (of those `in_use`, the first after it was drained) until
        it arrives, is held or is back.
        """
        of, waiting = set(names), set(in_use)
        flying: set[str] = set()
        most = 0
        for each in self.nodes:
            if each.of not in of:
                continue
            if _frees(each):
                flying.discard(each.of)
            elif each.kind == "transition":
                waiting.discard(each.of)
            elif each.kind == "intent" and each.of not in waiting:
                flying.add(each.of)
            most = max(most, len(flying))
        return most


def _frees(happened: Happened) -> bool:
    return happened.kind in _FREED_BY or happened.body.get("dest") == "compute-ready"


def _read(db: sqlite3.Connection, query: str, values: Sequence[str] = ()) -> list[Happened]:
    return [
        Happened(at, of, kind, json.loads(body)) for at, of, kind, body in db.execute(query, values)
    ]

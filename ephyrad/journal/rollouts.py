# SPDX-License-Identifier: Apache-2.0
"""The journal of the rollouts: what happened to each campaign, in the nodes' journal's file.

A rollout is the fold of its entries. There are few of them, with some entries for each wave: all
are read at the start and kept in memory, as they would be read from the file.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from ephyrad.journal.errors import ConflictError, understood
from ephyrad.journal.file import JournalFile
from ephyrad.journal.values import to_text
from ephyrad.rollout import entries as words
from ephyrad.rollout.entries import Entry, Started
from ephyrad.rollout.rollout import Rollout, evolve, start

_ADD_ENTRY = "INSERT INTO rollout_entries (rollout, seq, at, kind, body) VALUES (?, ?, ?, ?, ?)"


class RolloutJournal:
    """The rollouts' part of the journal; :class:`~ephyrad.journal.journal.Journal` opens it.

    Every method may be called from any thread. Each that reads or writes the file may raise
    :class:`~ephyrad.journal.errors.JournalError`.
    """

    def __init__(self, file: JournalFile) -> None:
        self._file = file
        self._rollouts: dict[str, Rollout] = {}

    def rollouts(self) -> Sequence[Rollout]:
        """Return all rollouts, in the order in which they were started."""
        return list(self._rollouts.values())

    def rollout(self, name: str) -> Rollout | None:
        """Return the rollout of this name, None where there is none."""
        return self._rollouts.get(name)

    def active(self) -> Rollout | None:
        """Return the one rollout that is not over, None where there is none."""
        return next((each for each in self.rollouts() if not each.over), None)

    def begin(self, name: str, entry: Started) -> Rollout:
        """Begin a rollout.

        :raises ConflictError: there is one of this name, or another one is not over.
        """
        with self._file.lock:
            other = self.active()
            if name in self._rollouts:
                raise ConflictError(f"there is a rollout {name} already")
            if other is not None:
                raise ConflictError(f"rollout {other.name} is not over")
            rollout = start(name, entry)
            self._write(rollout, entry)
        return rollout

    def append(self, rollout: Rollout, entry: Entry) -> Rollout:
        """Write down what happened to a rollout; return the evolved one.

        :raises ConflictError: the journal has entries that `rollout` does not know of; nothing was
            written.
        """
        with self._file.lock:
            if self._rollouts[rollout.name].seq != rollout.seq:
                raise ConflictError(f"the journal of rollout {rollout.name} was written to")
            evolved = evolve(rollout, entry)
            self._write(evolved, entry)
        return evolved

    def history(self, name: str) -> Sequence[tuple[int, Entry]]:
        """Return a rollout's entries with their numbers, oldest first."""
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT seq, at, kind, body FROM rollout_entries WHERE rollout = ? ORDER BY seq",
                [name],
            ).fetchall()
        with understood(self._file.path):
            return [(seq, _entry_of(at, kind, body)) for seq, at, kind, body in rows]

    def load(self) -> None:
        """Bring all rollouts into memory."""
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT rollout, at, kind, body FROM rollout_entries ORDER BY rowid"
            ).fetchall()
        found: dict[str, Rollout] = {}
        with understood(self._file.path):
            for name, at, kind, body in rows:
                entry = _entry_of(at, kind, body)
                if name in found:
                    found[name] = evolve(found[name], entry)
                elif isinstance(entry, Started):
                    found[name] = start(name, entry)
                else:
                    msg = f"the entries of rollout {name} do not begin with its start"
                    raise ValueError(msg)
        self._rollouts = found

    def _write(self, evolved: Rollout, entry: Entry) -> None:
        body = json.dumps(words.to_json(entry))
        row = (evolved.name, evolved.seq, to_text(entry.at), words.kind_of(entry), body)
        with self._file.writing() as db:
            db.execute(_ADD_ENTRY, row)
        # A new one each time, so that nobody who reads has to wait for a disk.
        self._rollouts = {**self._rollouts, evolved.name: evolved}


def _entry_of(at: str, kind: str, body: str) -> Entry:
    return words.from_json(kind, datetime.fromisoformat(at), json.loads(body))

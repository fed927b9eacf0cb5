# SPDX-License-Identifier: Apache-2.0
"""The projection: a migration as one row of plain columns, for people who read the file."""

from ephyrad.journal.values import to_text, writable
from ephyrad.migration.effects import describe
from ephyrad.migration.migration import Migration

Row = dict[str, str | int | None]

WRITE = (
    "INSERT OR REPLACE INTO migrations (node, name, state, since, in_flight, held_since,"
    " hold_cause, hold_reason, asked_at, asked_by, effect, tries, outcome, cleaned, owed, seq)"
    " VALUES (:node, :name, :state, :since, :in_flight, :held_since, :hold_cause, :hold_reason,"
    " :asked_at, :asked_by, :effect, :tries, :outcome, :cleaned, :owed, :seq)"
)
"""Writes a row of :func:`row_of`, in place of the node's former one."""


def row_of(migration: Migration) -> Row:
    """Return the row of the table `migrations` that a migration comes to."""
    hold, attempt = migration.hold, migration.attempt
    return {
        "node": migration.node,
        "name": writable(migration.name),
        "state": migration.state.value,
        "since": to_text(migration.since),
        "in_flight": int(migration.in_flight),
        "held_since": to_text(hold.since) if hold else None,
        "hold_cause": hold.cause.value if hold else None,
        "hold_reason": writable(hold.reason) if hold else None,
        "asked_at": to_text(migration.asked_at),
        "asked_by": writable(migration.asked_by),
        "effect": describe(attempt.effect, migration.direction) if attempt else None,
        "tries": attempt.tries if attempt else None,
        "outcome": type(attempt.outcome).__name__.lower() if attempt and attempt.outcome else None,
        "cleaned": writable(migration.cleaned),
        "owed": writable(migration.owed),
        "seq": migration.seq,
    }

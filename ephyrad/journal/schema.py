# SPDX-License-Identifier: Apache-2.0
"""The tables of the journal, step by step. A step that was released is never changed."""

from pathlib import Path

from sqlite_utils import Database, Migrations

from ephyrad.journal.errors import JournalError

APPLICATION_ID = 0x45706879
"""SQLite's application_id of a journal: "Ephy"."""

SCHEMA = Migrations("ephyrad")


def _entries(db: Database) -> None:
    """What happened to each node, in order. Rows are only ever added, each next to its last."""
    _append_only(db, "entries", "node")


def _append_only(db: Database, table: str, whose: str) -> None:
    """Make a table whose rows are only ever added, each next to the last of the same `whose`."""
    db.table(table).create(
        {whose: str, "seq": int, "at": str, "kind": str, "body": str},
        pk=(whose, "seq"),
        not_null={whose, "seq", "at", "kind", "body"},
        strict=True,
    )
    for verb in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN"
            " SELECT RAISE(ABORT, 'entries of the journal are only ever added'); END"
        )
    # Also keeps INSERT OR REPLACE, which deletes without the trigger above, from replacing a row.
    last = f"SELECT coalesce(max(seq), 0) FROM {table} WHERE {whose} = NEW.{whose}"  # noqa: S608 - names of ours
    db.execute(
        f"CREATE TRIGGER {table}_in_order BEFORE INSERT ON {table} WHEN NEW.seq IS NOT ({last}) + 1"
        f" BEGIN SELECT RAISE(ABORT, 'this is not the next entry of the {whose}'); END"
    )


def _migrations(db: Database) -> None:
    """Where each node stands: made from the entries, for people who read the file."""
    db.table("migrations").create(
        {
            "node": str,
            "name": str,
            "state": str,
            "since": str,
            "in_flight": int,
            "held_since": str,
            "hold_cause": str,
            "hold_reason": str,
            "asked_at": str,
            "asked_by": str,
            "effect": str,
            "tries": int,
            "outcome": str,
            "cleaned": str,
            "owed": str,
            "seq": int,
        },
        pk="node",
        not_null={"state", "since", "in_flight", "asked_at", "asked_by", "seq"},
        foreign_keys=[(("node", "seq"), "entries", ("node", "seq"))],
        strict=True,
    )


def _folds(db: Database) -> None:
    """Where each node stands, for ephyrad itself, and which code folded it from the entries."""
    db.table("folds").create(
        {"node": str, "seq": int, "folded_by": str, "body": str},
        pk="node",
        not_null={"seq", "folded_by", "body"},
        foreign_keys=[(("node", "seq"), "entries", ("node", "seq"))],
        strict=True,
    )


def _documents(db: Database) -> None:
    """The newest document of each node, encrypted; `seq` is the entry with which it was kept."""
    db.table("documents").create(
        {"node": str, "seq": int, "kept_at": str, "final": int, "ciphertext": bytes},
        pk="node",
        not_null={"seq", "kept_at", "final", "ciphertext"},
        foreign_keys=[(("node", "seq"), "entries", ("node", "seq"))],
        strict=True,
    )


def _inbox(db: Database) -> None:
    """Notifications as they were received, until some time after they were dealt with."""
    db.table("inbox").create(
        {
            "id": int,
            "cloud": str,
            "message_id": str,
            "event_type": str,
            "at": str,
            "node": str,
            "fields": str,
            "received_at": str,
            "consumed_at": str,
        },
        pk="id",
        not_null={"cloud", "message_id", "event_type", "at", "fields", "received_at"},
        strict=True,
    )
    db.table("inbox").create_index(["cloud", "message_id"], unique=True)
    for name, columns, condition in (
        ("inbox_waiting", "node, id", "consumed_at IS NULL"),
        ("inbox_waiting_since", "received_at", "consumed_at IS NULL"),
        ("inbox_consumed", "consumed_at", "consumed_at IS NOT NULL"),
    ):
        db.execute(f"CREATE INDEX {name} ON inbox ({columns}) WHERE {condition}")


def _quarantine(db: Database) -> None:
    """How many messages of each kind could not be read, and what is known of the last one."""
    db.table("quarantine").create(
        {
            "cloud": str,
            "kind": str,
            "count": int,
            "first_at": str,
            "last_at": str,
            "message_id": str,
            "event_type": str,
            "size": int,
            "sha256": str,
            "reason": str,
        },
        pk=("cloud", "kind"),
        not_null={"cloud", "kind", "count", "first_at", "last_at", "reason"},
        strict=True,
    )


def _inbox_item(db: Database) -> None:
    """Which item of the environment a notification speaks of."""
    db.execute("ALTER TABLE inbox ADD COLUMN item TEXT")
    db.execute(
        "CREATE INDEX inbox_waiting_item ON inbox (item, id)"
        " WHERE consumed_at IS NULL AND item IS NOT NULL"
    )


def _environment_entries(db: Database) -> None:
    """What happened to each item of the environment, in order."""
    _append_only(db, "environment_entries", "item")


def _environment(db: Database) -> None:
    """Where each item stands: columns for people, and what ephyrad itself folded, and by what."""
    db.table("environment").create(
        {
            "item": str,
            "name": str,
            "in_step_since": str,
            "cause": str,
            "reason": str,
            "effect": str,
            "tries": int,
            "outcome": str,
            "seq": int,
            "folded_by": str,
            "fold": str,
        },
        pk="item",
        not_null={"seq", "folded_by", "fold"},
        foreign_keys=[(("item", "seq"), "environment_entries", ("item", "seq"))],
        strict=True,
    )


def _rollout_entries(db: Database) -> None:
    """What happened to each rollout, in order."""
    _append_only(db, "rollout_entries", "rollout")


def _reclaim(db: Database) -> None:
    """Messages of CI, each once, and what became of the things that each named."""
    db.table("reclaim_messages").create(
        {
            "id": int,
            "source": str,
            "message_id": str,
            "label": str,
            "result": str,
            "taken_at": str,
        },
        pk="id",
        not_null={"source", "message_id", "label", "result", "taken_at"},
        strict=True,
    )
    db.table("reclaim_messages").create_index(["source", "message_id"], unique=True)
    db.table("reclaim_messages").create_index(["taken_at"])
    db.table("reclaim_named").create(
        {
            "id": int,
            "message": int,
            "kind": str,
            "name": str,
            "node": str,
            "instance": str,
            "fate": str,
            "words": str,
            "since": str,
        },
        pk="id",
        not_null={"message", "kind", "name", "fate", "words", "since"},
        foreign_keys=[("message", "reclaim_messages", "id")],
        strict=True,
    )
    db.table("reclaim_named").create_index(["message"])
    db.execute("CREATE INDEX reclaim_waiting ON reclaim_named (id) WHERE fate = 'waits'")
    for table, condition, why in (
        ("reclaim_messages", "true", "a message that was taken does not change"),
        ("reclaim_named", "OLD.fate <> 'waits'", "only what waits can become something else"),
    ):
        db.execute(
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} WHEN {condition} BEGIN"
            f" SELECT RAISE(ABORT, '{why}'); END"
        )


def _announced(db: Database) -> None:
    """Up to which row the entries of each table were sent to the new cloud's bus."""
    db.table("announced").create(
        {"entries_of": str, "upto": int}, pk="entries_of", not_null={"upto"}, strict=True
    )


def _reclaim_said(db: Database) -> None:
    """When a message was sent, by the sender's clock."""
    db.execute("ALTER TABLE reclaim_messages ADD COLUMN said_at TEXT")


STEPS = {
    "entries": _entries,
    "migrations": _migrations,
    "folds": _folds,
    "documents": _documents,
    "inbox": _inbox,
    "quarantine": _quarantine,
    "inbox_item": _inbox_item,
    "environment_entries": _environment_entries,
    "environment": _environment,
    "rollout_entries": _rollout_entries,
    "reclaim": _reclaim,
    "announced": _announced,
    "reclaim_said": _reclaim_said,
}
for _name, _step in STEPS.items():
    SCHEMA(name=_name)(_step)


def check(db: Database, path: Path) -> None:
    """See whether the file can be used here.

    :raises JournalError: it has seen steps that are unknown here.
    """
    unknown = [each.name for each in SCHEMA.applied(db) if each.name not in STEPS]
    if unknown:
        raise JournalError(
            f"journal {path}: it was written by a newer ephyrad (schema {', '.join(unknown)}):"
            " start that one, or restore the backup that was made before the upgrade"
        )


def upgrade(db: Database, path: Path) -> None:
    """Take the steps that the file has not seen. To be called within a transaction.

    :raises JournalError: the file has seen steps that are unknown here.
    """
    check(db, path)
    SCHEMA.apply(db)

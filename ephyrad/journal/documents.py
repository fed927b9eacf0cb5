# SPDX-License-Identifier: Apache-2.0
"""The nodes' documents in the journal: there only encrypted."""

import json
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from ephyrad.journal.cipher import Cipher
from ephyrad.journal.errors import DocumentError, understood
from ephyrad.journal.values import to_text
from ephyrad.migration import document as documents
from ephyrad.migration.document import Document
from ephyrad.migration.migration import Migration

_KEEP = (
    "INSERT INTO documents (node, seq, kept_at, final, ciphertext) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (node) DO UPDATE SET seq = excluded.seq, kept_at = excluded.kept_at,"
    " final = excluded.final, ciphertext = excluded.ciphertext"
)


class Documents:
    """The table `documents` of the journal at `path`.

    To be used under the lock under which keys are replaced: what is read with the keys of one
    moment may not be readable with those of the next.
    """

    def __init__(self, path: Path, cipher: Cipher) -> None:
        self._path = path
        self._cipher = cipher

    def keep(self, db: Database, migration: Migration, document: Document, at: datetime) -> None:
        """Let the document take the place of the node's former one."""
        sealed = self._sealed(document)
        row = (migration.node, migration.seq, to_text(at), migration.kept_final, sealed)
        db.conn.execute(_KEEP, row)

    def of(self, db: Database, node: str) -> Document | None:
        """Return the node's document, None where none was kept.

        :raises DocumentError: no key opens it.
        """
        found = db.conn.execute("SELECT ciphertext FROM documents WHERE node = ?", [node])
        row = found.fetchone()
        return None if row is None else self._unsealed(node, row[0])

    def reencrypt(self, db: Database) -> int:
        """Encrypt every document anew, with the first key; return how many.

        :raises DocumentError: no key opens one of them.
        """
        rows = db.execute("SELECT node, ciphertext FROM documents").fetchall()
        for node, ciphertext in rows:
            sealed = self._sealed(self._unsealed(node, ciphertext))
            db.execute("UPDATE documents SET ciphertext = ? WHERE node = ?", [sealed, node])
        return len(rows)

    def try_newest(self, db: Database) -> None:
        """Open the newest document.

        :raises DocumentError: no key opens it.
        """
        newest = db.execute(
            "SELECT node, ciphertext FROM documents ORDER BY kept_at DESC LIMIT 1"
        ).fetchone()
        if newest is not None:
            self._unsealed(*newest)

    def unreadable(self, db: Database) -> list[str]:
        """Return the nodes whose documents no key opens."""
        found = []
        for node, ciphertext in db.execute("SELECT node, ciphertext FROM documents ORDER BY node"):
            try:
                self._unsealed(node, ciphertext)
            except DocumentError:
                found.append(node)
        return found

    def _sealed(self, document: Document) -> bytes:
        return self._cipher.encrypt(json.dumps(documents.to_json(document)).encode())

    def _unsealed(self, node: str, ciphertext: bytes) -> Document:
        try:
            plain = self._cipher.decrypt(ciphertext)
        except ValueError as error:
            raise DocumentError(
                f"journal {self._path}: the document of node {node} was encrypted with other keys:"
                " put back the key file that belongs to this journal, or, where it is lost for"
                " good, see `ephyra key abandon`"
            ) from error
        with understood(self._path):
            return documents.from_json(json.loads(plain))

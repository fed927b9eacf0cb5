# SPDX-License-Identifier: Apache-2.0
"""The cheapest durable store there is: sqlite3 alone, with one table and the journal's settings."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self


class BareStore:
    """Texts in a table; each commit is synced to the disk before it returns."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def keep(self, text: str) -> None:
        """Commit one row."""
        self._connection.execute("INSERT INTO texts (text) VALUES (?)", (text,))

    def keep_all(self, texts: Sequence[str]) -> None:
        """Commit rows, all in one."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(
            "INSERT INTO texts (text) VALUES (?)", [(text,) for text in texts]
        )
        self._connection.execute("COMMIT")

    def texts(self) -> list[str]:
        """Read all rows."""
        return [text for (text,) in self._connection.execute("SELECT text FROM texts")]

# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with the journal: one line each, naming the file and the cure."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class JournalError(Exception):
    """The journal cannot be opened, read or written; the message names the file and the cure."""


class DiskError(JournalError):
    """The file cannot be read or written at present; nothing of what was tried was written.

    `fatal`: it is unknown what the disk holds, and only opening the journal anew tells.
    """

    def __init__(self, message: str, *, fatal: bool) -> None:
        super().__init__(message)
        self.fatal = fatal


class DocumentError(JournalError):
    """A node's document cannot be read: it was encrypted with keys that are not at hand."""


class ConflictError(JournalError):
    """Somebody else wrote to this node's journal since it was read; nothing was written."""


class StateInUseError(Exception):
    """Another ephyrad uses the state directory; `fact` is the message without its cure."""

    def __init__(self, fact: str) -> None:
        super().__init__(f"{fact}: end that one, or give this one a state directory of its own")
        self.fact = fact


RESTORE = "restore it from a backup"
ANOTHER = "use another one"
_CURES = {
    "SQLITE_FULL": "the disk is full: make room on its file system",
    "SQLITE_BUSY": "another program keeps it locked: close that program",
    "SQLITE_READONLY": "it may not be written: let ephyrad's user write it and its directory",
    "SQLITE_CANTOPEN": "it cannot be opened: let ephyrad's user write it and its directory",
    "SQLITE_PERM": "it may not be opened: let ephyrad's user read and write it",
    "SQLITE_NOTADB": f"it is no SQLite database: {RESTORE}",
    "SQLITE_CORRUPT": f"it is damaged: {RESTORE}",
    "SQLITE_IOERR": "the disk fails to read or write it: check the disk, then start ephyrad again",
}


@contextmanager
def understood(path: Path) -> Iterator[None]:
    """Turn what cannot be made out of the file's content into :class:`JournalError`."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise JournalError(
            f"journal {path}: {error}: start the ephyrad that wrote it, or {RESTORE}"
        ) from error


# After a failed fsync a later one may succeed although the pages of the first are lost (Linux drops
# them), so that only reading the file anew tells what is durable.
_FATAL = ("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB")


@contextmanager
def told(path: Path, what: str = "journal") -> Iterator[None]:
    """Turn the errors of SQLite and of the system about the file into :class:`JournalError`.

    What the disk is to blame for, or whoever else uses the file, becomes a :class:`DiskError`.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise JournalError(
            f"{what} {path}: {error.strerror}: make the directory {path.parent}, or name another"
        ) from error
    except OSError as error:
        raise JournalError(
            f"{what} {path}: {error.strerror}: let ephyrad's user read and write {path.parent}"
        ) from error
    except UnicodeDecodeError as error:
        # Of a text in the file, from the sqlite3 module.
        words = f"it is damaged: {RESTORE if what == 'journal' else ANOTHER}"
        raise DiskError(f"{what} {path}: {words}", fatal=True) from error
    except sqlite3.Error as error:
        name = _code(error)
        cure = next((cure for code, cure in _CURES.items() if name.startswith(code)), None)
        words = str(cure or error).replace(RESTORE, RESTORE if what == "journal" else ANOTHER)
        message = f"{what} {path}: {words} ({name})"
        if cure is None:
            raise JournalError(message) from error
        raise DiskError(message, fatal=name.startswith(_FATAL)) from error


def _code(error: sqlite3.Error) -> str:
    # Errors that the sqlite3 module raises by itself have no name.
    return getattr(error, "sqlite_errorname", None) or type(error).__name__

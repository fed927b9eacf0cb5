# SPDX-License-Identifier: Apache-2.0
"""A backup that takes the place of the journal, which is kept aside.

To be done under the lock on the state directory. At a crash in the middle both are there, and an
ephyrad that is started then refuses to make a new journal, until it was done again.
"""

import os
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ephyrad.journal import backup, database
from ephyrad.journal.backup import Contents
from ephyrad.journal.cipher import Cipher
from ephyrad.journal.documents import Documents
from ephyrad.journal.errors import JournalError, told


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and where the journal is now that was there before, if there was one."""

    contents: Contents
    aside: Path | None


def restore(directory: Path, source: Path, cipher: Cipher, at: datetime) -> Restored:
    """Let a backup take the place of the journal in `directory`; `at` goes into the latter's name.

    :raises JournalError: the backup is not whole, of a newer ephyrad, or the keys at hand do not
        open its documents; or the directory cannot be written. Nothing was changed.
    """
    if not source.is_file():
        raise JournalError(f"backup {source}: there is no such file: name a backup")
    path = directory / database.FILE_NAME
    if path.exists() and source.samefile(path):
        raise JournalError(f"backup {source}: this is the journal itself: name a backup")
    backup.examine(source)
    new, whole = directory / f"{database.RESTORING}.new", directory / database.RESTORING
    with told(path):
        new.unlink(missing_ok=True)
        try:
            backup.copy(source, new)
            contents = _examine(new, source, cipher)
            own(new, directory)
            new.rename(whole)
        finally:
            new.unlink(missing_ok=True)
        aside = _put_aside(path, at)
        whole.rename(path)
        database.sync(directory)
    return Restored(contents, aside)


def unreadable(path: Path, cipher: Cipher) -> list[str]:
    """Return the nodes whose documents in a backup no key opens."""
    with told(path, "backup"), closing(database.connect(path)) as db:
        return Documents(path, cipher).unreadable(db)


def aside_of(path: Path, at: datetime) -> Path:
    """Return the name under which a journal is kept that has to give way."""
    return path.with_name(f"{path.name}.before-{at:%Y%m%dT%H%M%S.%fZ}")


def own(path: Path, directory: Path) -> None:
    """Let a file that root made belong to whom the directory belongs to."""
    if os.geteuid() == 0:
        owner = directory.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _examine(new: Path, source: Path, cipher: Cipher) -> Contents:
    contents = backup.examine(new)
    if closed := unreadable(new, cipher):
        raise JournalError(
            f"backup {source}: {len(closed)} of {contents.documents} documents in it were"
            " encrypted with other keys: first put back the key file as it was then"
        )
    return contents


def _put_aside(path: Path, at: datetime) -> Path | None:
    """Give the journal another name, with its -wal, which belongs to it.

    It has both names, durably, before the first is taken away.
    """
    aside = aside_of(path, at)
    there = [suffix for suffix in ("", "-wal") if Path(f"{path}{suffix}").exists()]
    for suffix in there:
        os.link(f"{path}{suffix}", f"{aside}{suffix}")
    database.sync(path.parent)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    database.sync(path.parent)
    return aside if there else None

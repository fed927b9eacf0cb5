# SPDX-License-Identifier: Apache-2.0
"""Documents that no key opens any more, given up so that the journal can be used without them."""

import json
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from ephyrad.journal import backup, database
from ephyrad.journal.cipher import Cipher
from ephyrad.journal.documents import Documents
from ephyrad.journal.errors import JournalError, told
from ephyrad.journal.restore import aside_of, own


def abandon(directory: Path, cipher: Cipher, at: datetime) -> tuple[Sequence[str], Path | None]:
    """Delete the documents of the journal in `directory` that no key at hand opens.

    To be done under the lock on the state directory. Return their nodes, and where the journal is
    kept as it was, for the day on which the key is found; None where there was nothing to do.

    :raises JournalError: there is no journal, or it cannot be used.
    """
    path = directory / database.FILE_NAME
    if not path.exists():
        raise JournalError(f"journal {path}: there is none: nothing is encrypted")
    with closing(database.open_database(directory)) as db, told(path):
        nodes = Documents(path, cipher).unreadable(db)
        if not nodes:
            return (), None
        aside = aside_of(path, at)
        backup.copy(path, aside)
        own(aside, directory)
        database.sync(directory)
        with database.transaction(db):
            db.execute(
                "DELETE FROM documents WHERE node IN (SELECT value FROM json_each(?))",
                [json.dumps(nodes)],
            )
    return nodes, aside

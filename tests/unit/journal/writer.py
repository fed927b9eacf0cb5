# SPDX-License-Identifier: Apache-2.0
"""Writes to a journal until it is killed, and says so after each commit, never before.

usage: python -m tests.unit.journal.writer DIRECTORY ROUND
"""

import itertools
import os
import sys
import threading
from pathlib import Path

from ephyrad.journal.journal import Journal
from tests.unit.journal.samples import ASKED, DONE, INTENDED, KEPT, Reversed, document, notification

THREADS = 3


def main(directory: Path, lap: str) -> None:
    _say("opening")
    journal = Journal.open(directory, Reversed())
    for number in range(THREADS):
        threading.Thread(target=_carry, args=(journal, f"node-{lap}-{number}")).start()


def _carry(journal: Journal, node: str) -> None:
    migration = journal.begin(node, ASKED)
    _say("entry", node, migration.seq)
    for number in itertools.count():
        name = f"{node}-{number}"
        journal.receive([notification(name, node)])
        _say("message", node, name)
        taken = [found for found, _ in journal.inbox(node)]
        migration = journal.append(migration, [INTENDED, DONE], consumed=taken)
        _say("entry", node, migration.seq)
        migration = journal.append(migration, [KEPT], document=document(node, kept=name))
        _say("document", node, name)
        _say("entry", node, migration.seq)


def _say(*words: object) -> None:
    # One write, so that lines are whole, and nothing waits in a buffer that would die with us.
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

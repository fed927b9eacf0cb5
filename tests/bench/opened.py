# SPDX-License-Identifier: Apache-2.0
"""A program that opens a journal and tells how much memory it then has.

usage: python -m tests.bench.opened DIRECTORY DIRECTORY-WITH-KEYS
"""

import os
import sys
from pathlib import Path

from ephyrad.journal.journal import Journal
from ephyrad.secrets.keys import KeyRing


def resident() -> int:
    """Return the bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main(directory: Path, above: Path) -> None:
    journal = Journal.open(directory, KeyRing.open(above / "keys"))
    print(resident())
    journal.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

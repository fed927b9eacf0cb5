# SPDX-License-Identifier: Apache-2.0
"""A writer that is killed with SIGKILL, again and again, at whatever instant it has come to."""

import random
import subprocess
import sys
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest

from ephyrad.journal.journal import Journal
from tests.unit.journal.samples import Reversed

CHECKOUT = Path(__file__).resolve().parents[3]


class Acknowledged:
    """What killed writers had said to be durable."""

    def __init__(self) -> None:
        self.last_seq: dict[str, int] = {}
        self.messages: dict[str, list[str]] = defaultdict(list)
        self.documents: dict[str, str] = {}
        self.lines = 0

    def take(self, line: bytes) -> None:
        kind, *words = line.decode().split()
        self.lines += 1
        if kind == "entry":
            self.last_seq[words[0]] = int(words[1])
        elif kind == "message":
            self.messages[words[0]].append(words[1])
        elif kind == "document":
            self.documents[words[0]] = words[1]


def kill_after(lines: int, directory: Path, lap: int, acknowledged: Acknowledged) -> None:
    command = [sys.executable, "-m", "tests.unit.journal.writer", str(directory), str(lap)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        for _ in range(lines):
            acknowledged.take(writer.stdout.readline())
        writer.kill()
        for line in writer.stdout:
            if line.endswith(b"\n"):
                acknowledged.take(line)
    assert writer.returncode == -9


def lost(journal: Journal, acknowledged: Acknowledged) -> list[str]:
    """What was said to be durable and is not there."""
    found = []
    for node, seq in acknowledged.last_seq.items():
        numbers = [number for number, _ in journal.history(node)]
        if numbers != list(range(1, len(numbers) + 1)) or len(numbers) < seq:
            found.append(f"entry {seq} of {node}")
    rows = {row["message_id"]: row["consumed_at"] for row in journal._db.table("inbox").rows}
    for node, names in acknowledged.messages.items():
        found += [name for name in names if name not in rows]
        # Each commit of entries consumed what had come before it.
        commits = sum(1 for _, entry in journal.history(node) if type(entry).__name__ == "Intended")
        consumed = [name for name in names[:commits] if rows.get(name) is None]
        found += [f"the consumption of {name}" for name in consumed]
    for node, name in acknowledged.documents.items():
        document = journal.document(node)
        kept = document.node["driver_info"]["kept"] if document else "-1"
        if int(kept.rsplit("-", 1)[1]) < int(name.rsplit("-", 1)[1]):
            found.append(f"document {name}")
    return found


@pytest.mark.parametrize("laps", [4, pytest.param(15, marks=pytest.mark.slow)])
def test_what_was_acknowledged_survives_sigkill(tmp_path: Path, laps: int) -> None:
    chance = random.Random(laps)
    acknowledged = Acknowledged()

    for lap in range(laps):
        lines = 1 if lap == 0 else chance.randrange(20, 80)
        kill_after(lines, tmp_path, lap, acknowledged)
        with closing(Journal.open(tmp_path, Reversed())) as journal:
            assert lost(journal, acknowledged) == []
            assert {each.node: each for each in journal.migrations()} == journal._folded()

    assert acknowledged.lines > 50
    assert len(acknowledged.documents) > 2

# SPDX-License-Identifier: Apache-2.0
"""Carries nodes from a real 2023.1 cloud to a real 2026.2 cloud, and checks the result."""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.demo.board import STATES, Board, say, table
from tests.harness.daemon import Daemon
from tests.harness.fleet import Fleet
from tests.harness.reaction import reactions
from tests.lab import instances
from tests.lab.fleet import Node
from tests.lab.nodes import Kind
from tests.lab.settings import CHECKOUT, from_environment

_LONGEST = 1200.0
_PREFIX = "demo"


class Demo:
    """One run: a fleet, a daemon, and what is shown of them."""

    def __init__(self, per_kind: int, directory: Path) -> None:
        self.lab = from_environment()
        self.fleet = Fleet(self.lab, _PREFIX)
        self.per_kind = per_kind
        self.daemon = Daemon(self.lab, directory, options={"migration": {"max_in_flight": "8"}})
        self.servers: dict[str, str] = {}
        self.board = Board()

    def run(self) -> int:
        """Return the exit status: 0 where every node arrived with all that belongs to it."""
        self._prepare()
        say("ephyrad is started, and asked to carry all of them")
        self.daemon.start()
        self.daemon.ephyra("migrate", *(node.name for node in self.fleet.nodes))
        self._watch(self._rest)
        self.board.pause("kill -9, while nodes are on their way; ephyrad is started again")
        self.daemon.kill()
        self.daemon.start()
        self._watch(self._only_in_use_left)
        self.board.pause("CI deletes the instances; their nodes follow")
        self.fleet.delete(self.servers.values())
        self._watch(self._all_arrived)
        return self._judge()

    def _prepare(self) -> None:
        say("the lab: an old cloud (2023.1) and a new one (2026.2), as real services")
        subprocess.run([sys.executable, "-m", "tests.lab", "up"], cwd=CHECKOUT, check=True)
        self.fleet.discard()
        say("nodes are enrolled on the old cloud: without BMC, with, and with an agent that cleans")
        self.fleet.enrol(dict.fromkeys(Kind, self.per_kind))
        in_use = [node for node in self.fleet.nodes if node.name.endswith(("-0", "-2"))]
        say(f"instances are booted on {', '.join(node.name for node in in_use)}")
        self.servers = self.fleet.boot(in_use)

    def _watch(self, over: Any) -> None:
        """Show where the nodes stand until it is over.

        :raises SystemExit: it takes too long, or nodes are held and the rest is done.
        """
        limit = time.monotonic() + _LONGEST
        while True:
            rows = self.daemon.ephyra("node", "list")
            self.board.show(rows)
            if over(rows):
                return
            if time.monotonic() > limit:
                raise SystemExit(f"this takes too long; the log: {self.daemon.log}")
            time.sleep(1)

    @staticmethod
    def _rest(rows: list[dict[str, Any]]) -> bool:
        return any(row["state"] in STATES[2:5] for row in rows)

    def _only_in_use_left(self, rows: list[dict[str, Any]]) -> bool:
        return all(_at_rest(row) or row["name"] in self.servers for row in rows)

    @staticmethod
    def _all_arrived(rows: list[dict[str, Any]]) -> bool:
        return all(map(_at_rest, rows))

    def _judge(self) -> int:
        say("what came of it")
        complaints = self.fleet.complaints()
        header = ["node", "was", *(f"-> {state}" for state in STATES[1:]), "all", "check"]
        print(table(header, [self._row(node, complaints) for node in self.fleet.nodes]))
        for line in complaints:
            print(f"WRONG: {line}")
        lags = reactions(self.daemon.state / "journal.sqlite")
        print(
            f"\nfrom a cloud's change to the next effect: median {statistics.median(lags):.2f} s,"
            f" longest {max(lags):.2f} s, of {len(lags)}"
        )
        node = self.fleet.nodes[-1]
        server = instances.boot(self.lab, "new", node.uuid)
        print(f"an instance boots on {node.name} in the new cloud: {server} is ACTIVE")
        instances.delete(self.lab, "new", server)
        status = self.daemon.stop()
        print(f"ephyrad stopped, exit status {status}; its log and state: {self.daemon.directory}")
        return 1 if complaints or status else 0

    def _row(self, node: Node, complaints: list[str]) -> list[str]:
        history = self.daemon.ephyra("node", "history", node.name)
        asked = _time(history[0]["at"])
        moves = [_time(row["at"]) for row in history if row["kind"] == "transition"]
        steps = zip([asked, *moves], moves, strict=False)
        took = [f"{(after - before).total_seconds():.1f} s" for before, after in steps]
        took += ["-"] * (len(STATES) - 1 - len(took))
        wrong = any(line.startswith(f"{node.name}:") for line in complaints)
        return [
            node.name,
            "in use" if node.name in self.servers else "idle",
            *took,
            f"{(moves[-1] - asked).total_seconds():.0f} s" if moves else "-",
            "WRONG" if wrong else "new cloud only, once, equal",
        ]


def _at_rest(row: dict[str, Any]) -> bool:
    return bool(row["held"]) or row["state"] == STATES[-1]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def main() -> int:
    """Run the demo."""
    parser = argparse.ArgumentParser(prog="./demo", description=__doc__)
    parser.add_argument(
        "--per-kind", type=int, default=4, help="nodes of each of the three kinds (default 4)"
    )
    arguments = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="ephyrad-demo-"))
    demo = Demo(arguments.per_kind, directory)
    try:
        return demo.run()
    finally:
        if demo.daemon.running:
            demo.daemon.stop()


if __name__ == "__main__":
    sys.exit(main())

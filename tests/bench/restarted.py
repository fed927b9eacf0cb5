# SPDX-License-Identifier: Apache-2.0
"""A program that starts the engine over a journal and ends at the first effect.

usage: python -m tests.bench.restarted DIRECTORY

It prints, as JSON, the seconds from opening the journal until that effect was asked for (`wall`
and `cpu`), and the most memory that the process ever had (`peak`, bytes), with all that the daemon
imports.
"""

import json
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import ephyrad.service  # noqa: F401 - for its memory
from ephyrad.clouds.port import Cloud
from ephyrad.engine.engine import Engine, Tuning
from ephyrad.engine.perform import Clouds
from ephyrad.journal.journal import Journal
from ephyrad.migration import marks
from ephyrad.migration.facts import CloudName, ComputeFacts, Fault, NodeFacts, Provision
from ephyrad.migration.outcomes import Done, Outcome
from ephyrad.migration.policy import Policy
from ephyrad.secrets.keys import KeyRing

WORKERS = 16


@dataclass
class _Still:
    """A cloud in which nothing happens: in the old one, every node is retired and in use.

    The last one is not: it is clean, and is to be fenced.
    """

    name: CloudName
    due: str = ""
    reached: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        pass

    def nodes(self) -> list[NodeFacts]:
        return []

    def node(self, ident: str) -> NodeFacts | None:
        if self.name is CloudName.NEW:
            return None
        state = Provision.MANAGEABLE if ident == self.due else Provision.ACTIVE
        retired = {"retired": True, "retired_reason": marks.RETIRED, "automated_clean": True}
        return NodeFacts(ident, ident, state, **cast(Any, retired))

    def compute(self, uuid: str, *, who: bool = True, offer: bool = True) -> ComputeFacts:
        return ComputeFacts((), None)

    def faults(self, uuid: str) -> tuple[Fault, ...]:
        return ()

    def set_maintenance(self, uuid: str, reason: str) -> Outcome:
        self.reached.set()
        return Done()


def _no_secrets(node: str, name: str | None) -> Mapping[str, Any]:
    return {}


def peak() -> int:
    """Return the most bytes of this process that were ever in memory."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def main(directory: Path) -> None:
    keys = KeyRing.open(directory / "keys")
    wall, cpu = time.perf_counter(), time.process_time()
    journal = Journal.open(directory, keys)
    old = _Still(CloudName.OLD, [each.node for each in journal.migrations()][-1])
    tuning = Tuning(Policy(), 20, 60.0, timedelta(days=1))
    engine = Engine(
        journal,
        Clouds(cast(Cloud, old), cast(Cloud, _Still(CloudName.NEW))),
        _no_secrets,
        tuning=lambda: tuning,
        workers=WORKERS,
    )
    engine.start()
    assert old.reached.wait(600)
    spent = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    engine.stop()
    journal.close()
    print(json.dumps(spent | {"peak": peak()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

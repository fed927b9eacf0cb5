# SPDX-License-Identifier: Apache-2.0
"""The story that the demo tells: a fleet is carried, ephyrad is killed, and all arrives."""

import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.demo import result
from tests.demo.board import STATES, Screen, clipped, table
from tests.harness import belongings, journal
from tests.harness.daemon import Daemon
from tests.harness.fleet import Fleet
from tests.harness.verdict import Verdict
from tests.lab import instances, patience
from tests.lab.errors import LabError
from tests.lab.fleet import Node
from tests.lab.lock import locked
from tests.lab.nodes import Kind
from tests.lab.openstack_api import Api
from tests.lab.policy import show_secrets
from tests.lab.settings import CHECKOUT, Settings

_LONGEST = 1800.0
_LONGEST_COMPLAINT = 300
_CATCHING = 20.0
_PREFIX = "demo"
_KINDS = {
    Kind.FAKE: "no BMC, cleaned at once",
    Kind.REDFISH: "Redfish BMC with a password, cleaned at once",
    Kind.AGENT: "Redfish BMC with a password, cleaned by an agent",
}

Rows = list[dict[str, Any]]


class StoryError(Exception):
    """The story cannot go on; the message is one line."""


class Story:
    """One run: a fleet, a daemon, and what is shown of them."""

    def __init__(self, lab: Settings, screen: Screen, per_kind: int) -> None:
        self._lab = lab
        self._screen = screen
        self._per_kind = per_kind
        self._fleet = Fleet(lab, _PREFIX)
        self._directory = lab.directory / "demo"
        self._servers: dict[str, str] = {}

    def tell(self) -> int:
        """Return the exit status: 0 where every node arrived with all that belongs to it.

        :raises StoryError: it takes too long, or another demo runs in this lab.
        """
        with self._daemon() as daemon:
            self._enrol()
            self._boot()
            self._migrate(daemon)
            self._kill(daemon)
            self._empty(daemon)
            rows = daemon.ephyra("node", "list")
            histories = {row["name"]: daemon.ephyra("node", "history", row["name"]) for row in rows}
            wrong = self._stop(daemon)
            wrong += self._judge(rows, histories)
        for line in wrong:
            self._screen.say(clipped(f"WRONG: {line}", _LONGEST_COMPLAINT))
        return 1 if wrong else 0

    @contextlib.contextmanager
    def _daemon(self) -> Iterator[Daemon]:
        """A daemon with an empty state, which never outlives the story."""
        with self._alone():
            shutil.rmtree(self._directory, ignore_errors=True)
            daemon = Daemon(
                self._lab, self._directory, options={"migration": {"max_in_flight": "8"}}
            )
            try:
                yield daemon
            finally:
                if daemon.running:
                    daemon.stop()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with locked(self._lab, "demo.lock"):
                yield
        except LabError as error:
            raise StoryError(f"{error}") from error

    def _enrol(self) -> None:
        count = self._per_kind * len(Kind)
        self._screen.chapter(f"{count} nodes are enrolled on the old cloud (takes a minute)")
        self._fleet.discard()
        self._fleet.enrol(dict.fromkeys(Kind, self._per_kind))
        header = ["node", "traits", "groups", "ports", "connectors", "targets", "machine"]
        self._screen.say(table(header, [self._belongings(node) for node in self._fleet.nodes]))

    def _belongings(self, node: Node) -> list[str]:
        before = self._fleet.before[node.name]
        counts = [len(before.parts[kind]) for kind in belongings.KINDS]
        return [node.name, *map(str, [len(before.traits), *counts]), _KINDS[node.kind]]

    def _boot(self) -> None:
        in_use = [node for node in self._fleet.nodes if node.name[-1] in "02468"]
        self._screen.chapter(f"Instances are booted on {len(in_use)} of them (takes a minute)")
        self._servers = self._fleet.boot(in_use)
        for name, server in self._servers.items():
            self._screen.say(f"{name:<15} has instance {server}")

    def _migrate(self, daemon: Daemon) -> None:
        self._screen.chapter("ephyrad is started, and asked to carry all of them")
        daemon.start()
        self._screen.say(f"its configuration, log and state: {self._directory}")
        self._screen.say(f"look yourself: {_program()} --socket {daemon.socket} node list")
        names = [node.name for node in self._fleet.nodes]
        self._screen.say(f"$ ephyra migrate {' '.join(names)}\n")
        daemon.ephyra("migrate", *names)
        self._watch(daemon, self._some_on_their_way)

    def _kill(self, daemon: Daemon) -> None:
        under_way = _catch(daemon.state / "journal.sqlite")
        daemon.kill()
        self._screen.chapter("kill -9, in the middle of it; then ephyrad is started again")
        for name, effect in under_way or journal.under_way(daemon.state / "journal.sqlite"):
            self._screen.say(f"{name:<15} was about to: {effect}")
        daemon.start()
        self._screen.say("it carries on; nodes with an instance wait for it to go\n")
        self._watch(daemon, self._only_in_use_left)

    def _empty(self, daemon: Daemon) -> None:
        self._screen.chapter("The instances are deleted, as a CI would; their nodes follow")
        self._fleet.delete(self._servers.values())
        self._watch(daemon, self._all_at_rest)

    def _stop(self, daemon: Daemon) -> list[str]:
        status = daemon.stop()
        return [f"ephyrad ended with exit status {status}: {daemon.log}"] if status else []

    def _judge(self, rows: Rows, histories: dict[str, Rows]) -> list[str]:
        self._screen.chapter("What came of it")
        self._screen.say(
            "The way: seconds to each state (drained: with the wait for an instance)\n"
        )
        verdicts = self._verdicts(rows)
        self._screen.say(result.ways(histories, in_use=self._servers))
        self._screen.say("\nThe check, by both clouds' own APIs: how much is equal, of how much")
        self._screen.say("(-: Nova may have removed a node's volume targets with its instance)\n")
        self._screen.say(result.check(verdicts))
        self._screen.say("")
        self._screen.say(
            result.reaction(journal.reactions(self._directory / "state" / "journal.sqlite"))
        )
        wrong = [f"{one.node}: {line}" for one in verdicts for line in one.complaints]
        return wrong + self._boot_on_carried(verdicts)

    def _verdicts(self, rows: Rows) -> list[Verdict]:
        """Judge with the new cloud's passwords shown, or they could not be compared."""
        stopped = {row["name"]: row["doing"] for row in rows if row["state"] != STATES[-1]}
        with self._passwords_shown():
            verdicts = self._fleet.verdicts()
        return [
            replace(one, complaints=(stopped[one.node],)) if one.node in stopped else one
            for one in verdicts
        ]

    @contextlib.contextmanager
    def _passwords_shown(self) -> Iterator[None]:
        show_secrets(self._lab, "new", True)
        try:
            # Both workers of the API read the file again at their next request.
            ironic = Api(self._lab, "new", "baremetal")
            for _ in range(2 * self._lab.workers):
                ironic.get("/v1/nodes?limit=1")
                time.sleep(0.5)
            yield
        finally:
            show_secrets(self._lab, "new", False)

    def _boot_on_carried(self, verdicts: Sequence[Verdict]) -> list[str]:
        carried = {one.node for one in verdicts if not one.complaints}
        node = next((one for one in reversed(self._fleet.nodes) if one.name in carried), None)
        if node is None:
            return ["no node is there to boot an instance on"]
        try:
            server = instances.boot(self._lab, "new", node.uuid)
        except LabError as error:
            return [f"{node.name}: no instance boots on it in the new cloud: {error}"]
        self._screen.say(f"{node.name} serves the new cloud: instance {server} boots, is ACTIVE")
        instances.delete(self._lab, "new", server)
        return []

    def _watch(self, daemon: Daemon, over: Callable[[Rows], bool]) -> None:
        """Show where the nodes stand until it is over."""

        def look() -> bool | None:
            rows = daemon.ephyra("node", "list")
            self._screen.show(rows)
            return over(rows) or None

        patience.until(f"the nodes to go on (see {daemon.log})", look, _LONGEST, pause=1)

    def _some_on_their_way(self, rows: Rows) -> bool:
        going = [row for row in rows if row["state"] in STATES[2:5] and not row["held"]]
        return len(going) > self._per_kind or self._only_in_use_left(rows)

    def _only_in_use_left(self, rows: Rows) -> bool:
        return all(_at_rest(row) or row["name"] in self._servers for row in rows)

    @staticmethod
    def _all_at_rest(rows: Rows) -> bool:
        return all(map(_at_rest, rows))


def _at_rest(row: dict[str, Any]) -> bool:
    return bool(row["held"]) or row["state"] == STATES[-1]


def _program() -> str:
    """Return the operator's command as one would type it in the checkout."""
    return str(Path(sys.executable).with_name("ephyra")).removeprefix(f"{CHECKOUT}/")


def _catch(path: Path) -> list[tuple[str, str]]:
    """Wait for a moment at which effects are under way, and return them; [] where none comes."""
    limit = time.monotonic() + _CATCHING
    while time.monotonic() < limit:
        if found := journal.under_way(path):
            return found
        time.sleep(0.01)
    return []

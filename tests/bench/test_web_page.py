# SPDX-License-Identifier: Apache-2.0
"""The front page of the web page: what its first byte costs, with a real engine and journal."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from ephyrad.api.app import create_app
from ephyrad.api.caller import ENVIRON, Caller
from ephyrad.engine.answers import BusAnswer
from ephyrad.engine.engine import Engine, Tuning
from ephyrad.engine.operations import EngineOperations
from ephyrad.engine.perform import Clouds
from ephyrad.engine.rollout.overview import Overview
from ephyrad.journal.journal import Journal
from ephyrad.migration.entries import Asked, Moved
from ephyrad.migration.facts import CloudName, NodeFacts, Provision
from ephyrad.migration.policy import Policy
from ephyrad.migration.states import FORTH, State
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.declaration import Declaration, Selection
from ephyrad.rollout.entries import Member, Opened, Started
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.machines import MachineRoom
from tests.bench.laps import alternate, cpu
from tests.bench.story import node_ids
from tests.bench.table import Table

pytestmark = pytest.mark.bench

IN_A_RACK = 23
LAPS = 9
NAME = "autumn"
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


class Listed(SimulatedCloud):
    """A cloud that lists nodes which it does not have otherwise."""

    listed: Sequence[Candidate] = ()

    def candidates(self) -> Sequence[Candidate]:
        return self.listed


def candidate(number: int, node: str) -> Candidate:
    facts = NodeFacts(node, f"n{number}", Provision.AVAILABLE, resource_class="baremetal")
    return Candidate(facts, extra={"rack": f"r{number // IN_A_RACK}"})


def tell(journal: Journal, size: int) -> None:
    """Half of the nodes arrived, and the next ones are on their way."""
    members = tuple(Member(node, f"n{at}", {}) for at, node in enumerate(node_ids(size)))
    declared = Declaration(NAME, (Selection(),))
    rollout = journal.rollouts.begin(NAME, Started(BEGUN, "bench", declared, size))
    journal.rollouts.append(rollout, Opened(BEGUN, 1, "all", members))
    rng = random.Random(0)
    for at, member in enumerate(members[: size * 3 // 4]):
        since = BEGUN + timedelta(minutes=at)
        migration = journal.begin(member.node, Asked(since, member.name, f"rollout {NAME}"))
        last = len(FORTH) if at < size // 2 else rng.randrange(len(FORTH))
        edges = [edge for edge in FORTH if edge.dest is not State.ACTIVE][:last]
        moved = [Moved(since, each.trigger, each.source, each.dest, "bench") for each in edges]
        if moved:
            journal.append(migration, moved)


@pytest.fixture
def operations(journal: Journal, size: int) -> EngineOperations:
    clock = VirtualClock(BEGUN + timedelta(days=1))
    room = MachineRoom(clock)
    old, new = (Listed(name, clock, room, rng=random.Random(0)) for name in CloudName)
    nodes = [candidate(at, node) for at, node in enumerate(node_ids(size))]
    old.listed, new.listed = nodes[size // 2 :], nodes[: size // 2]
    tuning = Tuning(Policy(), 50, 60.0, timedelta(days=1))
    engine = Engine(
        journal,
        Clouds(old, new),
        lambda _uuid, _name: {},
        tuning=lambda: tuning,
        workers=1,
        clock=clock.now,
    )
    tell(journal, size)
    made = EngineOperations(engine, lambda _: BusAnswer("listening", None, 0), "0")
    made.fleet = Overview(engine.hands, aside=lambda work: work())
    return made


def test_the_front_page(operations: EngineOperations, size: int, table: Table) -> None:
    browser = create_app(operations, max_body=1000).test_client()
    me = {ENVIRON: Caller("bench", frozenset(), local=True)}
    browser.get("/ui/", environ_overrides=me)

    def whole() -> float:
        return 1000 * cpu(lambda: browser.get("/ui/?by=extra.rack", environ_overrides=me))

    tag = browser.get("/ui/?by=extra.rack", environ_overrides=me).headers["ETag"]
    known = {"If-None-Match": tag}

    def unchanged() -> float:
        return 1000 * cpu(
            lambda: browser.get("/ui/?by=extra.rack", headers=known, environ_overrides=me)
        )

    page, nothing = alternate(whole, unchanged, laps=LAPS)
    table.add(f"the front page, {size} nodes", page, nothing, "ms of CPU", "that nothing changed")

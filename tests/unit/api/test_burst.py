# SPDX-License-Identifier: Apache-2.0
"""A burst of CI's messages over HTTP: none is lost, none is taken twice, and memory stays flat."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ephyrad.api.server import ApiServer
from ephyrad.api.settings import ApiSettings
from ephyrad.reclaim.authentic import signature
from ephyrad.rollout.declaration import Declaration, Drain, DrainRule, Selection
from tests.functional.bus.memory import resident_mib
from tests.simulation.fleet import Kind
from tests.unit.api.asking import UnixConnection
from tests.unit.engine.rig import HMAC_KEY, Rig, rig

BURST = 10_000
SENDERS = 4
FLAT_MIB = 24
DECLARED = Declaration("spring", (Selection(),), drains=(DrainRule(Drain.RECLAIM),))

Send = Callable[[Sequence[int]], Counter[tuple[str, bool, str]]]
"""Sends messages of these numbers, from several at once. Counts the answers: the id, whether it
came again, and the fate of its node."""


def sender(made: Rig, path: Path) -> Send:
    nodes = [each.uuid for each in made.fleet]

    def one(numbers: Sequence[int]) -> list[tuple[str, bool, str]]:
        found = []
        connection = UnixConnection(path)
        for number in numbers:
            said = {"source": "ci", "id": str(number), "nodes": [nodes[number % len(nodes)]]}
            body = json.dumps(said).encode()
            signed = signature(HMAC_KEY, made.clock.now(), str(number), body)
            connection.request("POST", "/v1/reclaim", body, {"X-Ephyra-Signature": signed})
            answer = json.loads(connection.getresponse().read())
            found.append((answer["id"], answer["again"], answer["named"][0]["fate"]))
        connection.close()
        return found

    def send(numbers: Sequence[int]) -> Counter[tuple[str, bool, str]]:
        with ThreadPoolExecutor(SENDERS) as pool:
            parts = pool.map(one, [numbers[n::SENDERS] for n in range(SENDERS)])
            return Counter(each for part in parts for each in part)

    return send


@pytest.mark.slow
def test_a_burst(tmp_path: Path) -> None:
    made = rig(tmp_path / "state", *[Kind.IN_USE] * 3)
    made.operations.rollouts.start(DECLARED, by="ann")
    made.run(120)
    # What is nominated waits, so that each message is looked at until its end.
    made.operations.rollouts.pause("spring", reason="a burst", by="ann")
    server = ApiServer(ApiSettings(tmp_path / "sock"), made.operations)
    server.start()
    send = sender(made, tmp_path / "sock")
    send(range(BURST, BURST + 500))
    before, begun = resident_mib(), time.monotonic()

    # Each tenth comes once more, at the same time as others.
    answers = send([n for n in range(BURST) for _ in range(1 + (n % 10 == 0))])

    more = resident_mib() - before
    print(f"{BURST} in {time.monotonic() - begun:.1f} s, {more:.1f} MiB more")
    assert answers == Counter(
        {(str(n), False, "waits"): 1 for n in range(BURST)}
        | {(str(n), True, "waits"): 1 for n in range(0, BURST, 10)}
    )
    assert more < FLAT_MIB
    server.stop()
    kept = made.journal.reclaims.last(2 * BURST)
    assert Counter(each.id for each in kept) == Counter(map(str, range(BURST + 500)))
    made.operations.rollouts.resume("spring", by="ann")
    made.run(3600)
    assert {node.state for node in made.operations.nodes()} == {"compute-ready"}
    kinds = [entry.kind for each in made.fleet for entry in made.operations.history(each.uuid)]
    assert kinds.count("noticed") == len(made.fleet)
    assert not made.journal.reclaims.waiting()
    made.journal.close()

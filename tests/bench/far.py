# SPDX-License-Identifier: Apache-2.0
"""A program that is both clouds: their services over HTTP, their notifications on a broker.

usage: python -m tests.bench.far NODES SPEED TRANSPORT-URL CLOUDS-YAML

Every node is in use and has all that can belong to one. Its owner deletes the instance some time
after ephyrad has retired it, when the old cloud has room to clean. SPEED seconds pass in the clouds
in a real one. It writes CLOUDS-YAML when it is ready, and ends with its standard input.
"""

import json
import queue
import random
import sys
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import yaml
from kombu.connection import Connection
from kombu.entity import Exchange

from ephyrad.migration import marks
from ephyrad.migration.facts import CloudName
from ephyrad.testing.bus import Message
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.http.credentials import clouds_yaml
from ephyrad.testing.http.pace import Pace
from ephyrad.testing.http.server import SimulatedServer
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.records import RELEASE_2023_1, RELEASE_2026_2
from ephyrad.testing.settings import IronicSettings
from tests.simulation.fleet import Kind, enrol

CLEANS = 50
_OWNERS_LOOK = 5.0
_IN_CLEANING = frozenset({"deleting", "cleaning", "clean wait"})


def topic(cloud: CloudName, service: str) -> str:
    """Return the topic to which a service of a cloud publishes for ephyrad alone."""
    return f"ephyra_{cloud}_{service}"


class _Postman:
    """Publishes, in a thread of its own, as oslo.messaging's notifiers do."""

    def __init__(self, url: str) -> None:
        self._waiting: queue.SimpleQueue[tuple[CloudName, Message]] = queue.SimpleQueue()
        self._connection: Any = cast(Any, Connection)(url.replace("rabbit://", "amqp://", 1) + "/")
        threading.Thread(target=self._run, daemon=True).start()

    def take(self, cloud: CloudName, message: Message) -> None:
        self._waiting.put((cloud, message))

    def _run(self) -> None:
        producer = self._connection.Producer()
        while True:
            cloud, message = self._waiting.get()
            service = "ironic" if message["event_type"].startswith("baremetal") else "nova"
            producer.publish(
                {"oslo.version": "2.0", "oslo.message": json.dumps(message)},
                exchange=cast(Any, Exchange)(service, "topic", durable=False),
                routing_key=f"{topic(cloud, service)}.{message['priority']}",
                retry=True,
            )


class _Owners:
    """Delete the instances of nodes that are retired, as many at a time as can be cleaned."""

    def __init__(self, cloud: SimulatedCloud, clock: VirtualClock) -> None:
        self._cloud = cloud
        self._clock = clock
        self._retired: dict[str, None] = {}
        cloud.ironic.conductor.changed.append(self._changed)
        clock.call_later(_OWNERS_LOOK, self._look)

    def _changed(self, uuid: str) -> None:
        node = self._cloud.ironic.nodes.get(uuid)
        retired = node is not None and marks.is_retired(node.body["retired_reason"])
        if node is not None and retired and node.state == "active":
            self._retired[uuid] = None

    def _look(self) -> None:
        assert self._cloud.nova is not None
        room = CLEANS - len(self._cloud.ironic.conductor.in_states(_IN_CLEANING)) - 5
        room -= sum(each.state == "deleting" for each in self._cloud.nova.servers.values())
        for uuid in list(self._retired)[: max(room, 0)]:
            del self._retired[uuid]
            for server in self._cloud.nova.facts(uuid).instances:
                self._cloud.nova.delete(server)
        self._clock.call_later(_OWNERS_LOOK, self._look)


def main(nodes: int, speed: float, url: str, credentials: Path) -> None:
    clock = VirtualClock(datetime.now(UTC))
    room, rng = MachineRoom(clock), random.Random(0)
    clouds = {
        name: SimulatedCloud(
            name,
            clock,
            room,
            rng=rng,
            settings=IronicSettings(
                release=release, host=f"{name}-conductor", max_concurrent_clean=nodes + 1
            ),
        )
        for name, release in ((CloudName.OLD, RELEASE_2023_1), (CloudName.NEW, RELEASE_2026_2))
    }
    old, new = clouds.values()
    kinds = (Kind.IN_USE,) * nodes
    enrol(kinds, old=old, new=new, room=room, clock=clock, rng=rng, furnished=True)
    clock.jump(timedelta(seconds=-clock.monotonic()))
    postman = _Postman(url)
    for name, cloud in clouds.items():
        cloud.settings.max_concurrent_clean = CLEANS
        cloud.bus.listen(partial(postman.take, name))
    _Owners(old, clock)
    server = SimulatedServer((old, new), threads=32)
    pace = Pace(clock, server.lock, speed)
    server.before = pace.catch_up
    with server:
        pace.start()
        written = credentials.with_suffix(".new")
        written.write_text(yaml.safe_dump(clouds_yaml(server)))
        written.rename(credentials)
        sys.stdin.read()
        pace.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))

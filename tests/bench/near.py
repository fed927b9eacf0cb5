# SPDX-License-Identifier: Apache-2.0
"""A program that is ephyrad without its API: gateway, listeners, journal and engine.

usage: OS_CLIENT_CONFIG_FILE=CLOUDS-YAML python -m tests.bench.near SPEED TRANSPORT-URL DIRECTORY

It carries every node of the old cloud, and prints as JSON what that took: see :class:`Took`.
"""

import json
import logging
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from oslo_config import cfg
from oslo_service.backend import BackendType, init_backend

init_backend(BackendType.THREADING)

import ephyrad.service  # noqa: E402, F401 - for its memory
from ephyrad.bus.listener import Listener  # noqa: E402
from ephyrad.bus.settings import BusSettings  # noqa: E402
from ephyrad.clouds.errors import Answer  # noqa: E402
from ephyrad.clouds.gateway import OpenStackCloud  # noqa: E402
from ephyrad.clouds.port import Cloud  # noqa: E402
from ephyrad.clouds.service import Service  # noqa: E402
from ephyrad.clouds.settings import CloudSettings  # noqa: E402
from ephyrad.engine.answers import BusAnswer  # noqa: E402
from ephyrad.engine.engine import Engine, Tuning  # noqa: E402
from ephyrad.engine.operations import EngineOperations  # noqa: E402
from ephyrad.engine.perform import Clouds  # noqa: E402
from ephyrad.engine.sweep import Sweep  # noqa: E402
from ephyrad.journal.journal import Journal  # noqa: E402
from ephyrad.migration.facts import CloudName  # noqa: E402
from ephyrad.migration.policy import Policy  # noqa: E402
from ephyrad.secrets.keys import KeyRing  # noqa: E402
from tests.bench.far import topic  # noqa: E402
from tests.bench.restarted import WORKERS, peak  # noqa: E402
from tests.simulation.fleet import BY_NAME  # noqa: E402

IN_FLIGHT = 50
SWEEP_INTERVAL = 60.0


@dataclass
class Took:
    """What it took: `wall`, `cpu` and of it `sweeps` in seconds, and the most memory in bytes.

    `rejected` are the cleans for which the new cloud had no room.
    """

    nodes: int = 0
    arrived: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    sweeps: float = 0.0
    peak: int = 0
    calls: int = 0
    notifications: int = 0
    rejected: int = 0


def _count(took: Took) -> None:
    """Have calls, rejected cleans and the time of sweeps counted."""
    call, sweep = Service._call, Sweep.sweep

    def counted(self: Service, *words: Any, **more: Any) -> Answer:
        took.calls += 1
        answer = call(self, *words, **more)
        took.rejected += answer.status == 503 and b"limit for cleaning" in answer.body
        return answer

    def timed(self: Sweep, cloud: Cloud) -> None:
        begun = time.thread_time()
        sweep(self, cloud)
        took.sweeps += time.thread_time() - begun

    Service._call = counted  # type: ignore[method-assign]
    Sweep.sweep = timed  # type: ignore[method-assign]


def _spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _no_secrets(node: str, name: str | None) -> Mapping[str, Any]:
    return {}


def _listener(name: CloudName, url: str, engine: Engine) -> Listener:
    settings = BusSettings(
        cloud=name,
        transport_url=url,
        ironic_topics=(topic(name, "ironic"),),
        nova_topics=(topic(name, "nova"),),
    )
    conf = cfg.ConfigOpts()
    conf([])
    return Listener(settings, engine.receive, lambda: datetime.now(UTC), conf)


def main(speed: float, url: str, directory: Path) -> None:
    logging.basicConfig(level=logging.INFO, filename=directory / "log")
    took = Took()
    _count(took)
    cpu, wall = _spent(), time.monotonic()
    journal = Journal.open(directory, KeyRing.open(directory / "keys"))
    clouds = [
        OpenStackCloud(CloudSettings(name=name, cloud=f"{name}-system", project_cloud=str(name)))
        for name in CloudName
    ]
    policy = Policy(look_again=Policy().look_again / speed, names=BY_NAME)
    tuning = Tuning(policy, IN_FLIGHT, SWEEP_INTERVAL / speed, timedelta(days=1))
    engine = Engine(journal, Clouds(*clouds), _no_secrets, tuning=lambda: tuning, workers=WORKERS)
    listeners = [_listener(name, url, engine) for name in CloudName]
    for listener in listeners:
        listener.start()
    while not all(listener.healthy() for listener in listeners):
        time.sleep(0.05)
    engine.start()
    EngineOperations(engine, lambda _: BusAnswer("", None, 0), "0").migrate_all(by="bench")
    while engine.unfinished() and not _stuck(journal):
        time.sleep(0.2)
    took.wall, took.cpu, took.peak = time.monotonic() - wall, _spent() - cpu, peak()
    migrations = journal.migrations()
    took.nodes, took.arrived = len(migrations), sum(each.finished for each in migrations)
    took.notifications = sum(listener.status().stored for listener in listeners)
    for listener in listeners:
        listener.stop()
    engine.stop()
    journal.close()
    print(json.dumps(asdict(took)))


def _stuck(journal: Journal) -> bool:
    return all(each.finished or each.hold for each in journal.migrations())


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))

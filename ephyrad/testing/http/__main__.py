# SPDX-License-Identifier: Apache-2.0
"""Serves an old cloud with nodes and an empty new one, until it is interrupted.

usage: python -m ephyrad.testing.http [--nodes N] [--in-use N] [--speed S] [--port P]
                                      [--clouds-yaml FILE]
"""

import argparse
import random
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from ephyrad.migration.facts import CloudName
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.http.credentials import clouds_yaml
from ephyrad.testing.http.fleet import enrol
from ephyrad.testing.http.pace import Pace
from ephyrad.testing.http.server import SimulatedServer
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.records import RELEASE_2023_1, RELEASE_2026_2
from ephyrad.testing.settings import IronicSettings


def main(arguments: list[str]) -> int:
    """Serve until SIGINT or SIGTERM."""
    signals = {signal.SIGINT, signal.SIGTERM}
    # Before there are threads, which inherit it: only sigwait() takes them.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    options = _options(arguments)
    clock = VirtualClock(datetime.now(UTC))
    room = MachineRoom(clock)
    old, new = (
        SimulatedCloud(
            name,
            clock,
            room,
            rng=random.Random(name.value),  # noqa: S311  # no secret is made of it
            settings=IronicSettings(
                release=release, host=f"{name}-conductor", max_concurrent_clean=options.nodes + 1
            ),
        )
        for name, release in ((CloudName.OLD, RELEASE_2023_1), (CloudName.NEW, RELEASE_2026_2))
    )
    enrol(old, room, clock, nodes=options.nodes, in_use=options.in_use)
    # To enrol them took its time: it was in the past.
    clock.jump(timedelta(seconds=-clock.monotonic()))
    server = SimulatedServer((old, new), port=options.port)
    pace = Pace(clock, server.lock, options.speed)
    server.before = pace.catch_up
    with server:
        pace.start()
        text = yaml.safe_dump(clouds_yaml(server))
        if options.clouds_yaml is not None:
            options.clouds_yaml.write_text(text)
        sys.stdout.write(text)
        sys.stdout.flush()
        signal.sigwait(signals)
        pace.stop()
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ephyrad.testing.http", description=__doc__)
    add = parser.add_argument
    add("--nodes", type=int, default=12, help="nodes of the old cloud")
    add("--in-use", type=int, default=0, help="how many of them hold an instance")
    add("--speed", type=float, default=1.0, help="seconds that pass in the clouds in a real one")
    add("--port", type=int, default=0, help="port on 127.0.0.1; 0: any that is free")
    add("--clouds-yaml", type=Path, help="file to write the credentials to")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

# SPDX-License-Identifier: Apache-2.0
"""Whether a cloud works: each service is asked for something that needs its database, its broker
and its authentication. Runs in the tools venv.
"""

import argparse
import socket
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.lab.openstack_api import connect
from tests.lab.ports import CLOUDS, Cloud
from tests.lab.settings import ADDRESS, Settings, from_environment

_NOVA_PROCESSES = ("nova-conductor", "nova-scheduler", "nova-compute")


def troubles(settings: Settings, cloud: Cloud) -> list[str]:
    """One line for each service that does not work; none when the cloud is healthy."""
    project: Any = connect(settings, cloud)
    system: Any = connect(settings, f"{cloud}-system")

    def conductor() -> None:
        if not any(one.alive for one in system.baremetal.conductors()):
            raise LookupError("no conductor is alive")

    def nova_processes() -> None:
        up = {one.binary for one in project.compute.services() if one.state == "up"}
        if missing := [name for name in _NOVA_PROCESSES if name not in up]:
            raise LookupError(f"not up: {', '.join(missing)}")

    return _ask(
        {
            "broker": lambda: socket.create_connection(
                (ADDRESS, settings.port(cloud, "amqp")), timeout=5
            ).close(),
            "keystone": lambda: list(project.identity.projects()),
            "glance": lambda: list(project.image.images(limit=1)),
            "placement": lambda: list(project.placement.resource_providers()),
            "neutron": lambda: list(project.network.networks(limit=1)),
            "ironic": lambda: list(system.baremetal.nodes(limit=1)),
            "ironic-conductor": conductor,
            "nova": lambda: list(project.compute.flavors(limit=1)),
            "nova processes": nova_processes,
        }
    )


def wait(settings: Settings, cloud: Cloud, seconds: float) -> list[str]:
    """The troubles that are left when the cloud is healthy or the time is over."""
    limit = time.monotonic() + seconds
    while (found := troubles(settings, cloud)) and time.monotonic() < limit:
        time.sleep(1)
    return found


def _ask(questions: Mapping[str, Callable[[], object]]) -> list[str]:
    found = []
    for name, question in questions.items():
        try:
            question()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            found.append(f"{name}: {type(error).__name__}: {str(error).splitlines()[0][:200]}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("cloud", choices=CLOUDS)
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS")
    arguments = parser.parse_args()
    found = wait(from_environment(), arguments.cloud, arguments.wait)
    print(f"{arguments.cloud} cloud: " + ("; ".join(found) or "healthy"))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""Which port each service of the lab listens on.

The last two digits are those of the service's usual port: the old cloud's Ironic (6385) is at
base + 185, the new cloud's at base + 285, MariaDB (3306) at base + 6.
"""

from typing import Literal, get_args

Cloud = Literal["old", "new"]
CLOUDS: tuple[Cloud, ...] = get_args(Cloud)

SHARED = {"mariadb": 6, "epmd": 69, "bmc": 80, "agent": 99}
PER_CLOUD = {
    "keystone": 0,
    "amqp": 72,
    "erlang": 73,
    "nova": 74,
    "placement": 78,
    "ironic": 85,
    "glance": 92,
    "neutron": 96,
}
CLOUD_OFFSET: dict[Cloud, int] = {"old": 100, "new": 200}
SPAN = 300


def shared_port(base: int, service: str) -> int:
    """Port of a service that both clouds use.

    Raises KeyError for a service the lab does not have.
    """
    return base + SHARED[service]


def cloud_port(base: int, cloud: Cloud, service: str) -> int:
    """Port of one cloud's service.

    Raises KeyError for a service the lab does not have.
    """
    return base + CLOUD_OFFSET[cloud] + PER_CLOUD[service]

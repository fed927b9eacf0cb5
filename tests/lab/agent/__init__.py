# SPDX-License-Identifier: Apache-2.0
"""A stand-in for ironic-python-agent on every emulated machine. Standard library only; touches no
disk.
"""

from tests.lab import environment, tools
from tests.lab.service import Service
from tests.lab.settings import Settings


def agents(settings: Settings) -> Service:
    return Service(
        "agent",
        tools.command(settings, "agent.server"),
        environment.MODULES,
        port=settings.shared_port("agent"),
        url=settings.shared_url("agent", "/control"),
    )

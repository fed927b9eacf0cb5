# SPDX-License-Identifier: Apache-2.0
"""The environment variables that the lab's processes see."""

import os
from collections.abc import Mapping

from tests.lab.settings import CHECKOUT, Settings

_MISLEADING = ("OS_", "PYTHON", "RABBITMQ_", "ERL_", "EPHYRA_")


def services(settings: Settings, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """For OpenStack's processes: without what would change how they behave (other clouds, proxies,
    Python's switches).
    """
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith(_MISLEADING) and not name.lower().endswith("_proxy")
    }
    kept |= {"PATH": f"{kept.get('PATH', os.defpath)}:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"}
    return kept | settings.environment()


def proxies(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The way out of the machine, for what installs packages."""
    return {name: value for name, value in environment.items() if name.lower().endswith("_proxy")}


# for the lab's own modules; a service must not find them before its own
MODULES = {"PYTHONPATH": str(CHECKOUT)}

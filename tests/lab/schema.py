# SPDX-License-Identifier: Apache-2.0
"""Fills the databases of one cloud.

MariaDB can't undo half a migration, so what was interrupted starts again with empty databases.
"""

import getpass
import grp
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.lab import databases
from tests.lab.ports import Cloud
from tests.lab.processes import Processes
from tests.lab.settings import Settings

Command = tuple[str, ...]


@dataclass(frozen=True)
class Unit:
    """Databases that are filled together, and the commands that do it, in order."""

    name: str
    databases: tuple[str, ...]
    commands: tuple[Command, ...]


def units(settings: Settings, cloud: Cloud) -> list[Unit]:
    """The longest first: they run side by side."""
    return [
        _nova(settings, cloud),
        Unit(
            "neutron",
            ("neutron",),
            ((*_tool(settings, cloud, "neutron-db-manage", "neutron"), "upgrade", "heads"),),
        ),
        _keystone(settings, cloud),
        Unit(
            "glance",
            ("glance",),
            ((*_tool(settings, cloud, "glance-manage", "glance", "glance-api"), "db_sync"),),
        ),
        Unit(
            "placement",
            ("placement",),
            ((*_tool(settings, cloud, "placement-manage", "placement"), "db", "sync"),),
        ),
        Unit(
            "ironic",
            ("ironic",),
            ((*_tool(settings, cloud, "ironic-dbsync", "ironic"), "create_schema"),),
        ),
    ]


def fill(settings: Settings, processes: Processes, cloud: Cloud, pool: ThreadPoolExecutor) -> None:
    """Fills what is not yet filled.

    Raises LabError when a command fails.
    """
    waiting = [
        pool.submit(_fill_unit, settings, processes, cloud, unit)
        for unit in units(settings, cloud)
        if not _stamp(settings, cloud, unit).exists()
    ]
    for one in waiting:
        one.result()


def map_host(settings: Settings, processes: Processes, cloud: Cloud) -> None:
    """Puts nova-compute into its cell now instead of at the scheduler's next round."""
    stamp = settings.data / cloud / ".mapped"
    if not stamp.exists():
        command = _tool(settings, cloud, "nova-manage", "nova")
        processes.task(f"{cloud}-map-host", (*command, "cell_v2", "discover_hosts", "--by-service"))
        stamp.touch()


def _fill_unit(settings: Settings, processes: Processes, cloud: Cloud, unit: Unit) -> None:
    databases.recreate(settings, (databases.name(cloud, one) for one in unit.databases))
    for command in unit.commands:
        processes.task(f"{cloud}-{unit.name}-schema", command)
    _stamp(settings, cloud, unit).touch()


def _nova(settings: Settings, cloud: Cloud) -> Unit:
    manage = _tool(settings, cloud, "nova-manage", "nova")
    cell0 = databases.url(settings, cloud, "nova_cell0")
    return Unit(
        "nova",
        ("nova_api", "nova_cell0", "nova_cell1"),
        (
            (*manage, "api_db", "sync"),
            (*manage, "cell_v2", "map_cell0", "--database_connection", cell0),
            (*manage, "db", "sync"),
            (*manage, "cell_v2", "create_cell", "--name", "cell1"),
        ),
    )


def _keystone(settings: Settings, cloud: Cloud) -> Unit:
    manage = _tool(settings, cloud, "keystone-manage", "keystone")
    group = grp.getgrgid(os.getgid()).gr_name
    owner = ("--keystone-user", getpass.getuser(), "--keystone-group", group)
    url = settings.url(cloud, "keystone", "/v3")
    return Unit(
        "keystone",
        ("keystone",),
        (
            (*manage, "db_sync"),
            (*manage, "fernet_setup", *owner),
            (*manage, "credential_setup", *owner),
            (
                *(*manage, "bootstrap", "--bootstrap-password", settings.password),
                *("--bootstrap-region-id", "RegionOne", "--bootstrap-admin-url", url),
                *("--bootstrap-internal-url", url, "--bootstrap-public-url", url),
            ),
        ),
    )


def _tool(
    settings: Settings, cloud: Cloud, program: str, service: str, config: str | None = None
) -> Command:
    file = settings.etc / cloud / service / f"{config or service}.conf"
    return (settings.bin(cloud, program), "--config-file", str(file))


def _stamp(settings: Settings, cloud: Cloud, unit: Unit) -> Path:
    return settings.data / cloud / f".filled-{unit.name}"

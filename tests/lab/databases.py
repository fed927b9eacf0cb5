# SPDX-License-Identifier: Apache-2.0
"""The MariaDB server of both clouds and the databases in it."""

import getpass
import shutil
import subprocess
from collections.abc import Iterable

from tests.lab.errors import LabError
from tests.lab.ports import Cloud
from tests.lab.processes import Processes
from tests.lab.service import Service
from tests.lab.settings import ADDRESS, Settings

USER = "lab"


def server(settings: Settings) -> Service:
    return Service(
        "mariadb",
        (
            "mariadbd",
            "--no-defaults",
            f"--datadir={settings.data / 'mariadb'}",
            f"--socket={_socket(settings)}",
            f"--port={settings.shared_port('mariadb')}",
            f"--bind-address={ADDRESS}",
            f"--user={getpass.getuser()}",
            f"--pid-file={settings.run / 'mariadb.own-pid'}",
            "--skip-name-resolve",
            "--max-connections=2000",
            "--innodb-buffer-pool-size=384M",
            # a lab may lose its data with the machine
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-doublewrite=0",
            "--innodb-lock-wait-timeout=30",
        ),
        port=settings.shared_port("mariadb"),
        stop_seconds=30,
    )


def create_data_directory(settings: Settings, processes: Processes) -> None:
    """Makes the server's own tables, once."""
    directory = settings.data / "mariadb"
    stamp = settings.data / ".mariadb-installed"
    if stamp.exists():
        return
    shutil.rmtree(directory, ignore_errors=True)  # half of one, from an interrupted command
    processes.task(
        "mariadb-install-db",
        (
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={directory}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            f"--user={getpass.getuser()}",
        ),
    )
    stamp.touch()


def create_user(settings: Settings) -> None:
    """The user that all services are."""
    stamp = settings.data / ".mariadb-user"
    if stamp.exists():
        return
    _sql(
        settings,
        f"CREATE OR REPLACE USER '{USER}'@'{ADDRESS}' IDENTIFIED BY '{settings.password}'; "
        f"GRANT ALL ON *.* TO '{USER}'@'{ADDRESS}';",
    )
    stamp.touch()


def recreate(settings: Settings, names: Iterable[str]) -> None:
    """Drops the databases, if they are there, and makes them empty.

    Raises LabError when the server refuses.
    """
    for name in names:
        _sql(
            settings,
            f"DROP DATABASE IF EXISTS {name}; "
            f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;",
        )


def name(cloud: Cloud, service: str) -> str:
    return f"{cloud}_{service}"


def url(settings: Settings, cloud: Cloud, service: str) -> str:
    """What SQLAlchemy connects to."""
    port = settings.shared_port("mariadb")
    return (
        f"mysql+pymysql://{USER}:{settings.password}@{ADDRESS}:{port}/{name(cloud, service)}"
        "?charset=utf8mb4"
    )


def _socket(settings: Settings) -> str:
    return str(settings.run / "mariadb.sock")


def _sql(settings: Settings, statements: str) -> None:
    command = ("mariadb", "--no-defaults", "-uroot", "-S", _socket(settings))
    result = subprocess.run(command, input=statements, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise LabError(f"mariadb: {result.stderr.strip()}: see {settings.log / 'mariadb.log'}")

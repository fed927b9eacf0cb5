# SPDX-License-Identifier: Apache-2.0
"""Debian packages: what the lab takes from the distribution."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.lab.errors import LabError
from tests.lab.settings import Settings


@dataclass(frozen=True)
class Package:
    """A Debian package and the sign that it, or something as good, is there."""

    name: str
    present: Callable[[], bool]


def program(name: str) -> Callable[[], bool]:
    """Whether a program can be found."""
    return lambda: (
        shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is not None
    )


PACKAGES = (
    Package(
        "rabbitmq-server",
        lambda: any(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server")),
    ),
    # the core packages have no service of their own that would start with the machine
    Package("mariadb-server-core", program("mariadbd")),
    Package("mariadb-client-core", program("mariadb")),
    Package("ca-certificates", Path("/etc/ssl/certs/ca-certificates.crt").exists),
)


def missing(packages: tuple[Package, ...]) -> list[str]:
    return [package.name for package in packages if not package.present()]


def install(settings: Settings, names: list[str]) -> None:
    """Installs packages without starting their services.

    Raises LabError when that is impossible.
    """
    wanted = " ".join(names)
    if os.geteuid() != 0:
        raise LabError(f"missing Debian packages: {wanted}: run 'apt-get install {wanted}' as root")
    if shutil.which("apt-get") is None:
        raise LabError(f"missing: {wanted}: there is no apt-get here, install them by other means")
    settings.log.mkdir(parents=True, exist_ok=True)
    log = settings.log / "apt.log"
    with (settings.log / "apt.lock").open("a") as others:
        # Tests with and without the lab run side by side, and apt-get does not wait for another.
        fcntl.flock(others, fcntl.LOCK_EX)
        _install(log, names)


def _install(log: Path, names: list[str]) -> None:
    # an update first only when the lists are too old or not there
    if not _apt(log, "install", *names) and not (
        _apt(log, "update") and _apt(log, "install", *names)
    ):
        raise LabError(f"apt-get could not install {' '.join(names)}: see {log}")


def _apt(log: Path, *arguments: str) -> bool:
    command = ("apt-get", "-y", "-q", "--no-install-recommends", *arguments)
    environment = os.environ | {
        "DEBIAN_FRONTEND": "noninteractive",
        # the packages shall not start their own services, with sysvinit or systemd
        "RUNLEVEL": "1",
        "SYSTEMD_OFFLINE": "1",
    }
    with log.open("ab") as output:
        result = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        )
    return result.returncode == 0

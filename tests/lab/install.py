# SPDX-License-Identifier: Apache-2.0
"""Installs what the lab needs: Debian packages and three virtual environments."""

import subprocess
from pathlib import Path

from tests.lab import apt, environment, interpreter
from tests.lab.errors import LabError
from tests.lab.processes import Processes
from tests.lab.report import say
from tests.lab.settings import Settings

_HERE = Path(__file__).parent
_UV = "uv==0.13.8"
_SERVICES = (
    *("ironic", "nova", "keystone", "glance", "openstack-placement", "neutron"),
    *("pyuwsgi", "pymysql", "pymemcache", "setuptools"),
)
_REQUIREMENTS = {
    "old": (*_SERVICES, "python-ironicclient", "netifaces-plus"),
    "new": _SERVICES,
    "tools": (
        *("sushy-tools", "bcrypt", "openstacksdk", "python-openstackclient"),
        *("python-ironicclient", "osc-placement", "kombu"),
    ),
}
# whose processes run from it
_SERVED_BY: dict[str, tuple[str, ...]] = {
    "old": ("old-",),
    "new": ("new-",),
    "tools": ("agent", "bmc"),
}


def install(settings: Settings, processes: Processes) -> None:
    """Installs what is missing.

    Raises LabError when it can't.
    """
    if missing := apt.missing(apt.PACKAGES):
        say(f"apt-get install {' '.join(missing)}")
        apt.install(settings, missing)
    if all(_complete(settings, name) for name in _REQUIREMENTS):
        return
    python = interpreter.find(settings)
    _install_uv(settings, processes, python)
    for name in _REQUIREMENTS:
        if not _complete(settings, name):
            say(f"virtual environment of {name} ({python})")
            _make(settings, processes, name, python)


def _recipe(name: str) -> str:
    """All that decides what is in a virtual environment; a change of it makes a new one."""
    files = [_HERE / f"constraints-{name}.txt", *_overrides(name)]
    return "\n".join([*_REQUIREMENTS[name], *(file.read_text() for file in files)])


def _overrides(name: str) -> list[Path]:
    file = _HERE / f"overrides-{name}.txt"
    return [file] if file.exists() else []


def _stamp(settings: Settings, name: str) -> Path:
    return settings.venv / name / ".complete"


def _complete(settings: Settings, name: str) -> bool:
    stamp = _stamp(settings, name)
    return stamp.exists() and stamp.read_text() == _recipe(name)


def _install_uv(settings: Settings, processes: Processes, python: str) -> None:
    """uv is many times faster than pip on three hundred packages."""
    if not _can_make_venvs(python):
        if python.startswith("/usr/bin/"):
            say("apt-get install python3-venv")
            apt.install(settings, ["python3-venv"])
        else:
            raise LabError(f"{python} has no ensurepip: set EPHYRA_LAB_PYTHON to one that has")
    venv = settings.venv / "uv"
    stamp = venv / ".complete"
    if stamp.exists() and stamp.read_text() == _UV:
        return
    processes.task("install-uv", (python, "-m", "venv", "--clear", str(venv)))
    pip = (str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", _UV)
    processes.task("install-uv", pip, environment.proxies(), cure="is the package index reachable?")
    stamp.write_text(_UV)


def _can_make_venvs(python: str) -> bool:
    command = (python, "-c", "import ensurepip")
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _make(settings: Settings, processes: Processes, name: str, python: str) -> None:
    uv = settings.bin("uv", "uv")
    directory = settings.venv / name
    log = f"install-{name}"
    for service in processes.names():  # what runs from it would load half of the new one
        if service.startswith(_SERVED_BY[name]):
            processes.stop(service)
    processes.task(log, (uv, "venv", "--quiet", "--clear", "--python", python, str(directory)))
    # the system's certificates, because the way to the package index may lead through a proxy
    command = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--system-certs"]
    command += ["--python", str(directory / "bin" / "python")]
    constraints = str(_HERE / f"constraints-{name}.txt")
    # what comes as source only is built with the tools of its time
    command += ["--constraint", constraints, "--build-constraint", constraints]
    for file in _overrides(name):
        command += ["--override", str(file)]
    command += _REQUIREMENTS[name]
    processes.task(log, command, environment.proxies(), cure="is the package index reachable?")
    _stamp(settings, name).write_text(_recipe(name))

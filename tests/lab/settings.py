# SPDX-License-Identifier: Apache-2.0
"""The lab's settings, read from the environment in this one place."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.errors import LabError
from tests.lab.ports import SPAN, Cloud, cloud_port, shared_port

CHECKOUT = Path(__file__).resolve().parents[2]
ADDRESS = "127.0.0.1"

Options = Mapping[str, str]


@dataclass(frozen=True)
class Settings:
    """Where the lab lies, which ports it takes and how its services are tuned.

    Intervals are in seconds. `ironic_options` goes into ironic.conf's [DEFAULT] of both clouds,
    `nova_ironic_options` into nova.conf's [ironic] of the cloud it is named for.
    """

    directory: Path
    port_base: int = 30000
    password: str = "lab-secret"
    bmc_count: int = 16
    workers: int = 2
    debug: bool = False
    nova_update_interval: int = 10
    power_sync_interval: int = 60
    python: str | None = None
    ironic_options: Options = field(default_factory=dict)
    nova_ironic_options: Mapping[Cloud, Options] = field(default_factory=dict)

    @property
    def run(self) -> Path:
        return self.directory / "run"

    @property
    def log(self) -> Path:
        return self.directory / "log"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def etc(self) -> Path:
        return self.directory / "etc"

    @property
    def venv(self) -> Path:
        return self.directory / "venv"

    @property
    def clouds_yaml(self) -> Path:
        return self.etc / "clouds.yaml"

    def port(self, cloud: Cloud, service: str) -> int:
        return cloud_port(self.port_base, cloud, service)

    def shared_port(self, service: str) -> int:
        return shared_port(self.port_base, service)

    def url(self, cloud: Cloud, service: str, path: str = "") -> str:
        return f"http://{ADDRESS}:{self.port(cloud, service)}{path}"

    def shared_url(self, service: str, path: str = "") -> str:
        return f"http://{ADDRESS}:{self.shared_port(service)}{path}"

    def transport_url(self, cloud: Cloud) -> str:
        """What oslo.messaging calls `transport_url`, with the password in it."""
        return f"rabbit://openstack:{self.password}@{ADDRESS}:{self.port(cloud, 'amqp')}/"

    def bin(self, venv: str, program: str) -> str:
        return str(self.venv / venv / "bin" / program)

    def environment(self) -> dict[str, str]:
        """The variables from which `from_environment` makes these settings again."""
        found = {
            "EPHYRA_LAB_DIR": str(self.directory),
            "EPHYRA_LAB_PORT_BASE": str(self.port_base),
            "EPHYRA_LAB_PASSWORD": self.password,
            "EPHYRA_LAB_BMC_COUNT": str(self.bmc_count),
            "EPHYRA_LAB_WORKERS": str(self.workers),
            "EPHYRA_LAB_DEBUG": "true" if self.debug else "false",
            "EPHYRA_LAB_NOVA_UPDATE_INTERVAL": str(self.nova_update_interval),
            "EPHYRA_LAB_POWER_SYNC_INTERVAL": str(self.power_sync_interval),
            "EPHYRA_LAB_IRONIC_OPTIONS": json.dumps(dict(self.ironic_options)),
        }
        for cloud, options in self.nova_ironic_options.items():
            found[f"EPHYRA_LAB_NOVA_IRONIC_OPTIONS_{cloud.upper()}"] = json.dumps(dict(options))
        if self.python:
            found["EPHYRA_LAB_PYTHON"] = self.python
        return found


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from EPHYRA_LAB_* variables.

    Raises LabError naming the variable that can't be understood.
    """
    directory = environment.get("EPHYRA_LAB_DIR") or str(Path(tempfile.gettempdir()) / "ephyra-lab")
    return Settings(
        directory=Path(directory).absolute(),
        port_base=_integer(environment, "EPHYRA_LAB_PORT_BASE", 30000, 1024, 65535 - SPAN),
        password=_password(environment),
        bmc_count=_integer(environment, "EPHYRA_LAB_BMC_COUNT", 16, 0, 4096),
        workers=_integer(environment, "EPHYRA_LAB_WORKERS", 2, 1, 64),
        debug=_boolean(environment, "EPHYRA_LAB_DEBUG"),
        nova_update_interval=_integer(environment, "EPHYRA_LAB_NOVA_UPDATE_INTERVAL", 10, 0, 3600),
        power_sync_interval=_integer(environment, "EPHYRA_LAB_POWER_SYNC_INTERVAL", 60, 0, 3600),
        python=environment.get("EPHYRA_LAB_PYTHON") or None,
        ironic_options=_options(environment, "EPHYRA_LAB_IRONIC_OPTIONS"),
        nova_ironic_options={
            "old": _options(environment, "EPHYRA_LAB_NOVA_IRONIC_OPTIONS_OLD"),
            "new": _options(environment, "EPHYRA_LAB_NOVA_IRONIC_OPTIONS_NEW"),
        },
    )


def _integer(environment: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise LabError(f"{name} is {text!r}: set it to a whole number from {low} to {high}")
    return int(text)


def _boolean(environment: Mapping[str, str], name: str) -> bool:
    text = (environment.get(name) or "false").lower()
    if text not in ("true", "false"):
        raise LabError(f"{name} is {text!r}: set it to true or false")
    return text == "true"


def _password(environment: Mapping[str, str]) -> str:
    text = environment.get("EPHYRA_LAB_PASSWORD") or "lab-secret"
    # it stands unquoted in URLs, INI files and SQL
    if not all(letter.isalnum() or letter in "-_." for letter in text) or not text.isascii():
        raise LabError("EPHYRA_LAB_PASSWORD has odd letters: use only A-Z, a-z, 0-9, '-', '_', '.'")
    return text


def _options(environment: Mapping[str, str], name: str) -> Options:
    text = environment.get(name) or "{}"
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise LabError(f'{name} is {text!r}: set it to a JSON object such as {{"option": "value"}}')
    return {str(key): str(value) for key, value in found.items()}

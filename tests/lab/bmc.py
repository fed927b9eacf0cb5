# SPDX-License-Identifier: Apache-2.0
"""The emulated BMCs: sushy-tools' Redfish emulator with its fake driver."""

import json
import uuid
from dataclasses import asdict, dataclass

from tests.lab.configuration.ini import write
from tests.lab.processes import Processes
from tests.lab.service import Service
from tests.lab.settings import ADDRESS, Settings

USER = "admin"
_HASH = """
import bcrypt, os
password = os.environ["EPHYRA_LAB_PASSWORD"].encode()
print("admin:" + bcrypt.hashpw(password, bcrypt.gensalt(4)).decode())
"""


@dataclass(frozen=True)
class Machine:
    """One emulated machine: its Redfish system and the address of its only network card."""

    uuid: str
    name: str
    mac: str


def machines(settings: Settings) -> list[Machine]:
    """The same on every machine: ids and addresses are derived from the number."""
    return [
        Machine(
            str(uuid.uuid5(uuid.NAMESPACE_DNS, f"bmc-{number}.lab")),
            f"bmc-{number}",
            f"52:54:00:b0:{number >> 8:02x}:{number & 255:02x}",
        )
        for number in range(settings.bmc_count)
    ]


def emulator(settings: Settings) -> Service:
    return Service(
        "bmc",
        (
            settings.bin("tools", "sushy-emulator"),
            "--config",
            str(settings.etc / "bmc" / "sushy.conf"),
        ),
        port=settings.shared_port("bmc"),
        url=settings.shared_url("bmc", "/redfish/v1/"),
    )


def write_configuration(settings: Settings) -> None:
    etc = settings.etc / "bmc"
    state = settings.data / "bmc"
    state.mkdir(parents=True, exist_ok=True)
    found = machines(settings)
    systems = [
        {
            "uuid": machine.uuid,
            "name": machine.name,
            "power_state": "Off",
            "external_notifier": True,
            "nics": [{"mac": machine.mac, "ip": ADDRESS}],
        }
        for machine in found
    ]
    options = {
        "SUSHY_EMULATOR_LISTEN_IP": ADDRESS,
        "SUSHY_EMULATOR_LISTEN_PORT": settings.shared_port("bmc"),
        "SUSHY_EMULATOR_FAKE_DRIVER": True,
        "SUSHY_EMULATOR_STATE_DIR": str(state),
        "SUSHY_EMULATOR_AUTH_FILE": str(etc / "htpasswd"),
        # told of every change of a machine: the agents
        "EXTERNAL_NOTIFICATION_URL": settings.shared_url("agent", "/"),
        "SUSHY_EMULATOR_FAKE_SYSTEMS": systems,
    }
    write(etc / "sushy.conf", "".join(f"{name} = {value!r}\n" for name, value in options.items()))
    write(etc / "machines.json", json.dumps([asdict(machine) for machine in found], indent=1))


def write_password(settings: Settings, processes: Processes) -> None:
    """The file of HTTP basic authentication, once."""
    path = settings.etc / "bmc" / "htpasswd"
    if path.exists():
        return
    made = processes.log_file("htpasswd")
    made.unlink(missing_ok=True)
    processes.task("htpasswd", (settings.bin("tools", "python"), "-c", _HASH))
    write(path, made.read_text())

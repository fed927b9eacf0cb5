# SPDX-License-Identifier: Apache-2.0
"""The machines: BMCs with a password, power, and what is on the disks.

They belong to no cloud: whoever has the password can switch them, which is why two clouds that
know one BMC fight each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ephyrad.testing.clock import VirtualClock

POWER_ON = "power on"
POWER_OFF = "power off"


class BmcError(Exception):
    """The BMC does not answer, or not to this password."""


@dataclass(frozen=True, slots=True)
class Command:
    """A power command that a BMC took: when, from which conductor, and what."""

    at: datetime
    by: str
    power: str


@dataclass(slots=True)
class Machine:
    """One machine. `data` are the UUIDs of the instances whose data is still on its disks."""

    address: str
    password: str = field(repr=False)
    power: str = POWER_OFF
    answers: bool = True
    data: set[str] = field(default_factory=set)
    commands: list[Command] = field(default_factory=list)


class MachineRoom:
    """All machines, by BMC address."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.machines: dict[str, Machine] = {}

    def add(self, address: str, password: str) -> Machine:
        """Put a machine into the room."""
        self.machines[address] = Machine(address, password)
        return self.machines[address]

    def named_by(self, driver_info: Mapping[str, Any]) -> Machine | None:
        """Return the machine whose BMC address a `driver_info` has."""
        return self.machines.get(_value(driver_info, "_address") or "")

    def power(self, driver_info: Mapping[str, Any]) -> str:
        """Read the power state.

        :raises BmcError: the BMC does not answer or refuses the password.
        """
        return self._opened(driver_info).power

    def set_power(self, driver_info: Mapping[str, Any], power: str, by: str) -> None:
        """Switch the machine.

        :raises BmcError: the BMC does not answer or refuses the password.
        """
        machine = self._opened(driver_info)
        machine.commands.append(Command(self._clock.now(), by, power))
        machine.power = power

    def _opened(self, driver_info: Mapping[str, Any]) -> Machine:
        address = _value(driver_info, "_address")
        machine = self.machines.get(address or "")
        if machine is None or not machine.answers:
            raise BmcError(f"Unable to connect to {address}.")
        if _value(driver_info, "_password") != machine.password:
            raise BmcError(
                f"HTTP GET https://{address}/redfish/v1/Systems/1 returned code 401."
                " unknown error Extended information: none"
            )
        return machine


def _value(driver_info: Mapping[str, Any], ending: str) -> str | None:
    return next((str(driver_info[key]) for key in driver_info if key.endswith(ending)), None)

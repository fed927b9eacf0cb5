# SPDX-License-Identifier: Apache-2.0
"""How a simulated Ironic is configured, and how long its work takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ephyrad.testing.records import RELEASE_2023_1, Release

Range = tuple[float, float]
"""From so many seconds to so many."""

_INTERFACES = {
    "bios": frozenset({"fake", "no-bios", "redfish"}),
    "boot": frozenset({"fake", "ipxe", "redfish-virtual-media"}),
    "console": frozenset({"fake", "no-console"}),
    "deploy": frozenset({"fake", "direct"}),
    "firmware": frozenset({"fake", "no-firmware", "redfish"}),
    "inspect": frozenset({"fake", "agent", "no-inspect", "redfish"}),
    "management": frozenset({"fake", "noop", "ipmitool", "redfish"}),
    "network": frozenset({"flat", "noop", "neutron"}),
    "power": frozenset({"fake", "ipmitool", "redfish"}),
    "raid": frozenset({"fake", "no-raid", "agent", "redfish"}),
    "rescue": frozenset({"fake", "no-rescue", "agent"}),
    "storage": frozenset({"fake", "noop", "cinder"}),
    "vendor": frozenset({"fake", "no-vendor", "ipmitool", "redfish"}),
}
DRIVERS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "fake-hardware": _INTERFACES,
    "ipmi": _INTERFACES,
    "redfish": _INTERFACES,
}


@dataclass(frozen=True, slots=True)
class Times:
    """How long each piece of a conductor's work takes."""

    verify: Range = (0.5, 2.0)
    power: Range = (1.0, 5.0)
    boot: Range = (2.0, 10.0)
    """Until the ramdisk is told to boot: `cleaning` or `deploying`, locked."""
    agent: Range = (20.0, 90.0)
    """Until the ramdisk's agent calls back: `clean wait` or `wait call-back`, not locked."""
    work: Range = (1.0, 10.0)
    """What the conductor does at each call-back, locked."""
    heartbeat: float = 30.0
    undeploy: Range = (1.0, 10.0)


@dataclass(slots=True)
class IronicSettings:
    """One Ironic's configuration; may be changed at any time.

    `fails` is asked before each piece of work ("verify", "clean", "deploy", "undeploy", "power")
    on a node and answers with the error it is to end in, None for success. `system_scope`: without
    it, the caller is shown no node and no error says so (observed on 2026.2).
    """

    release: Release = RELEASE_2023_1
    host: str = "conductor-1"
    drivers: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=lambda: DRIVERS)
    conductor_groups: frozenset[str] = frozenset({""})
    automated_clean: bool = True
    show_secrets: bool = True
    system_scope: bool = True
    max_concurrent_clean: int = 50
    power_sync_interval: float = 60.0
    times: Times = field(default_factory=Times)
    fails: Callable[[str, str], str | None] = lambda _what, _uuid: None

# SPDX-License-Identifier: Apache-2.0
"""API versions: the ranges of the two releases, and what came with which version of Ironic's."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from ephyrad.migration.effects import PartKind
from ephyrad.testing.records import Release

Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Range:
    """The lowest and the highest microversion of a service."""

    lowest: Version
    highest: Version

    def chosen(self, asked: str | None) -> Version | None:
        """Return the version that a request is for, None where there is no such.

        `asked` is what the header says; without one it is the lowest.
        """
        if asked is None:
            return self.lowest
        if asked == "latest":
            return self.highest
        major, _, minor = asked.partition(".")
        if not (major.isdigit() and minor.isdigit()):
            return None
        version = int(major), int(minor)
        return version if self.lowest <= version <= self.highest else None


@dataclass(frozen=True, slots=True)
class ApiVersions:
    """Which versions of each API a cloud has; Glance's are shown and never asked for.

    `newer`: whether Keystone's lists have pages, and Neutron shows a system-scoped administrator no
    networks of others, both of which came between 2023.1 and 2026.2.
    """

    ironic: Range
    nova: Range
    placement: Range = Range((1, 0), (1, 39))
    glance: int = 18
    newer: bool = True


VERSIONS: Mapping[str, ApiVersions] = {
    "2023.1": ApiVersions(Range((1, 1), (1, 82)), Range((2, 1), (2, 95)), glance=16, newer=False),
    "2026.2": ApiVersions(Range((1, 1), (1, 115)), Range((2, 1), (2, 104))),
}
"""Those of each release, by its name (observed)."""

# ironic/api/controllers/v1/utils.py, VERSIONED_FIELDS, and hide_fields_in_newer_versions of
# port.py and portgroup.py, of 39.0.
_NODE_FIELDS = {
    "driver_internal_info": 3,
    "name": 5,
    "inspection_finished_at": 6,
    "inspection_started_at": 6,
    "clean_step": 7,
    "raid_config": 12,
    "target_raid_config": 12,
    "network_interface": 20,
    "resource_class": 21,
    **dict.fromkeys(
        (
            f"{kind}_interface"
            for kind in "boot console deploy inspect management power raid vendor".split()
        ),
        31,
    ),
    "storage_interface": 33,
    "traits": 37,
    "rescue_interface": 38,
    "bios_interface": 40,
    "fault": 42,
    "deploy_step": 44,
    "conductor_group": 46,
    "automated_clean": 47,
    "protected": 48,
    "protected_reason": 48,
    "conductor": 49,
    "owner": 50,
    "description": 51,
    "allocation_uuid": 52,
    "retired": 61,
    "retired_reason": 61,
    "lessee": 65,
    "network_data": 66,
    "boot_mode": 75,
    "secure_boot": 75,
    "shard": 82,
    "firmware_interface": 86,
    "service_step": 87,
    "disable_power_off": 95,
    "instance_name": 104,
    "health": 109,
}
_PART_FIELDS: Mapping[PartKind, Mapping[str, int]] = {
    PartKind.PORT: {
        "physical_network": 34,
        "is_smartnic": 53,
        "name": 88,
        "description": 97,
        "vendor": 100,
        "category": 101,
    },
    PartKind.PORTGROUP: {"physical_network": 102, "category": 103},
    PartKind.CONNECTOR: {},
    PartKind.TARGET: {},
}


def node_fields(release: Release, minor: int) -> frozenset[str]:
    """Return the fields of a node that Ironic shows at version 1.`minor`."""
    return _not_newer(release.shown, minor)


@cache
def _not_newer(shown: frozenset[str], minor: int) -> frozenset[str]:
    return frozenset(name for name in shown | {"traits"} if _NODE_FIELDS.get(name, 0) <= minor)


def too_new_for_node(names: Collection[str], minor: int) -> bool:
    """Say whether a field of a node is known, though not yet at version 1.`minor`."""
    return any(_NODE_FIELDS.get(name, 0) > minor for name in names)


def too_new_for_part(kind: PartKind, names: Collection[str], minor: int) -> bool:
    """Say whether a field of a part is known, though not yet at version 1.`minor`."""
    return any(_PART_FIELDS[kind].get(name, 0) > minor for name in names)

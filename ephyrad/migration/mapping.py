# SPDX-License-Identifier: Apache-2.0
"""The mapping: what in the new cloud is meant by what a node's record names, as the operator says.

`KNOWN` are the keys of `driver_info` that the drivers of Ironic read: those of the hardware types
by the prefix that each has, and the rest by name (read in ironic/drivers of 21.4 and 39.0;
`GET /v1/drivers/X/properties` lacks many of them, as it tells of a driver's default interfaces
alone).
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ephyrad.migration.identity import By, Rule


class Kind(enum.StrEnum):
    """What a record may name that is not part of it."""

    USER = "user"
    """No node names one; SSH keys belong to them."""
    PROJECT = "project"
    NETWORK = "network"
    IMAGE = "image"
    PHYSICAL_NETWORK = "physical network"
    CONDUCTOR_GROUP = "conductor group"
    SHARD = "shard"


LISTED = (Kind.PROJECT, Kind.NETWORK, Kind.IMAGE)
"""The kinds that have ids, and of which a cloud gives a list. The others are names, by which
operators call what is theirs in both clouds."""

_HARDWARE = "agent_ ansible_ drac_ fake_ ibmc_ idrac_ ilo_ ipmi_ irmc_ redfish_ snmp_ xclarity_"
_GENERIC = """
    boot_file_content_type bootloader bootloader_by_arch ca_file can_provide_config cleaning_network
    cleaning_runbook client_port client_timeout config_via_floppy config_via_removable console_port
    deploy_forces_oob_reboot deploy_iso deploy_kernel deploy_ramdisk external_http_url fast_track
    firmware_update_unresponsive_bmc_wait force_persistent_boot_device image_download_source
    image_http_proxy image_https_proxy image_no_proxy inspection_network kernel_append_params
    provisioning_network pxe_template rescue_iso rescue_kernel rescue_ramdisk rescuing_network
    security_parameters servicing_network verify_ca vmedia_transport_protocol
"""
KNOWN = tuple(sorted((*(f"{prefix}*" for prefix in _HARDWARE.split()), *_GENERIC.split())))

_DEFAULTS = {
    Kind.USER: Rule(By.NAME),
    **dict.fromkeys(LISTED, Rule(By.ID)),
}
_NAMES = Rule(By.KEEP)


@dataclass(frozen=True, slots=True)
class Names:
    """The operator's mapping file; without one, what safely goes without being told.

    Users are those of the same name, projects, networks and images those of the same id, physical
    networks, conductor groups and shards those of the same name. `carry` and `drop` are keys of
    `driver_info` beside `KNOWN`, or with `*` at the end all that begin so; what is dropped goes
    before what is carried. `said`: of which kinds it says by what they are matched, beside a table.
    """

    rules: Mapping[Kind, Rule] = field(default_factory=dict, hash=False)
    carry: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    said: frozenset[Kind] = field(default=frozenset(), compare=False)

    def rule(self, kind: Kind) -> Rule:
        """Return how things of this kind are matched."""
        return self.rules.get(kind, _DEFAULTS.get(kind, _NAMES))

    def reversed(self) -> "Names":
        """Return the same for nodes that go back to the old cloud."""
        return replace(self, rules={kind: rule.reversed() for kind, rule in self.rules.items()})

    def drops(self, key: str) -> bool:
        """Return whether a key of `driver_info` is left behind."""
        return any(_is_one(key, each) for each in self.drop)

    def carries(self, key: str) -> bool:
        """Return whether a key of `driver_info` is carried that is not dropped."""
        return any(_is_one(key, each) for each in (*KNOWN, *self.carry))


def _is_one(key: str, each: str) -> bool:
    return key.startswith(each[:-1]) if each.endswith("*") else key == each

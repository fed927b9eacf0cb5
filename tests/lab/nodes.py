# SPDX-License-Identifier: Apache-2.0
"""What the nodes of the lab look like: plain descriptions, the same on every machine."""

import enum
import uuid
from dataclasses import dataclass
from typing import Any

from tests.lab import bmc
from tests.lab.offer import IMAGE_ID
from tests.lab.settings import Settings

RESOURCE_CLASS = "baremetal.gold"
TRAITS = ("CUSTOM_GOLD", "HW_CPU_X86_VMX")

Body = dict[str, Any]


class Kind(enum.StrEnum):
    """How much of a node is real.

    FAKE: Ironic's fake-hardware, no BMC, instant cleaning. REDFISH: real power and management
    through an emulated BMC with a password, instant cleaning and deploying. AGENT: driver redfish,
    boot ipxe, deploy direct; cleaned and deployed through the agent's stand-in.
    """

    FAKE = "fake"
    REDFISH = "redfish"
    AGENT = "agent"


@dataclass(frozen=True)
class Plan:
    """A node and all that belongs to it, as bodies of POST requests to Ironic."""

    uuid: str
    node: Body
    traits: tuple[str, ...]
    portgroups: tuple[Body, ...]
    ports: tuple[Body, ...]
    connectors: tuple[Body, ...]
    targets: tuple[Body, ...]


def node_name(prefix: str, kind: Kind, number: int) -> str:
    return f"{prefix}-{kind}-{number}"


def node_uuid(name: str) -> str:
    return _uuid(name)


def plan(
    settings: Settings, kind: Kind, number: int, machine: bmc.Machine | None, *, prefix: str
) -> Plan:
    """A node with its number's variety: even ones have two ports in their port group, every third a
    volume target, every fourth network data.

    `machine` is the emulated one for kinds other than FAKE.
    """
    name = node_name(prefix, kind, number)
    ident = node_uuid(name)
    return Plan(
        ident,
        _node(name, number, ident) | _driver(settings, kind, machine),
        TRAITS,
        (_portgroup(name, ident),),
        _ports(name, number, ident, machine),
        (_connector(name, ident),),
        (_target(name, ident),) if number % 3 == 0 else (),
    )


def _node(name: str, number: int, ident: str) -> Body:
    rack = f"r{number // 40}"
    return {
        "uuid": ident,
        "name": name,
        "resource_class": RESOURCE_CLASS,
        "description": f"node {number} of the lab",
        "properties": {
            "cpus": 16,
            "memory_mb": 65536,
            "local_gb": 900,
            "cpu_arch": "x86_64",
            "capabilities": f"boot_mode:uefi,rack:{rack}",
            "root_device": {"serial": f"SN{number:06d}"},
        },
        "extra": {"asset": f"A-{number:06d}", "rack": rack},
        "network_data": _network_data(number) if number % 4 == 0 else {},
    }


def _driver(settings: Settings, kind: Kind, machine: bmc.Machine | None) -> Body:
    if kind is Kind.FAKE:
        login = {"username": bmc.USER, "password": settings.password}
        return {"driver": "fake-hardware", "driver_info": login}
    if machine is None:
        raise ValueError(f"a node of kind {kind} needs a machine")
    info = {
        "redfish_address": settings.shared_url("bmc"),
        "redfish_system_id": f"/redfish/v1/Systems/{machine.uuid}",
        "redfish_username": bmc.USER,
        "redfish_password": settings.password,
        "redfish_verify_ca": False,
    }
    if kind is Kind.REDFISH:
        # interfaces of fake-hardware are not held to its type (observed on both releases)
        interfaces = {"power_interface": "redfish", "management_interface": "redfish"}
        return {"driver": "fake-hardware", "driver_info": info, **interfaces}
    # kernel and ramdisk are never booted, so the one image stands for both
    info |= {"deploy_kernel": IMAGE_ID, "deploy_ramdisk": IMAGE_ID}
    interfaces = {"boot_interface": "ipxe", "deploy_interface": "direct"}
    return {"driver": "redfish", "driver_info": info, **interfaces}


def _portgroup(name: str, node: str) -> Body:
    return {
        "uuid": _uuid(f"{name}-bond0"),
        "node_uuid": node,
        "address": _mac(f"{name}-bond0"),
        "name": f"{name}-bond0",
        "mode": "802.3ad",
        "properties": {"miimon": "100", "xmit_hash_policy": "layer3+4"},
        "extra": {"bond": 0},
        "standalone_ports_supported": True,
    }


def _ports(name: str, number: int, node: str, machine: bmc.Machine | None) -> tuple[Body, ...]:
    """One or two; the first boots, with the address the machine's only card has."""
    return tuple(
        {
            "uuid": _uuid(f"{name}-port{slot}"),
            "node_uuid": node,
            "portgroup_uuid": _uuid(f"{name}-bond0"),
            "address": machine.mac if machine and slot == 0 else _mac(f"{name}-port{slot}"),
            "pxe_enabled": slot == 0,
            "physical_network": "physnet1",
            "extra": {"slot": slot},
            "local_link_connection": {
                "switch_id": "0a:1b:2c:3d:4e:5f",
                "port_id": f"Ethernet{slot}/{number}",
                "switch_info": f"leaf{number // 40}",
            },
        }
        for slot in range(2 if number % 2 == 0 else 1)
    )


def _connector(name: str, node: str) -> Body:
    return {
        "uuid": _uuid(f"{name}-connector"),
        "node_uuid": node,
        "type": "iqn",
        "connector_id": f"iqn.2026-11.lab:{name}",
        "extra": {"hba": 0},
    }


def _target(name: str, node: str) -> Body:
    return {
        "uuid": _uuid(f"{name}-target"),
        "node_uuid": node,
        "volume_type": "iscsi",
        "volume_id": _uuid(f"{name}-volume"),
        "boot_index": 1,
        "properties": {
            "target_portal": "192.0.2.10:3260",
            "target_iqn": f"iqn.2026-11.storage:{name}",
            "target_lun": 1,
        },
        "extra": {"pool": "gold"},
    }


def _network_data(number: int) -> Body:
    return {
        "links": [
            {"id": "nic0", "type": "phy", "ethernet_mac_address": f"52:54:00:aa:00:{number:02x}"}
        ],
        "networks": [
            {
                "id": "net0",
                "link": "nic0",
                "type": "ipv4",
                "ip_address": f"192.0.2.{100 + number % 100}",
                "netmask": "255.255.255.0",
                "network_id": "net0",
                "routes": [],
            }
        ],
        "services": [],
    }


def _uuid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.lab"))


def _mac(name: str) -> str:
    """A locally administered address that belongs to the name."""
    tail = uuid.uuid5(uuid.NAMESPACE_DNS, f"mac.{name}.lab").bytes[:4]
    return ":".join(["52", "54", *(f"{byte:02x}" for byte in tail)])

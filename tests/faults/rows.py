# SPDX-License-Identifier: Apache-2.0
"""Every method of the port, how it is called, and the calls to the APIs that it makes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ephyrad.clouds.port import Cloud
from ephyrad.migration.effects import PartKind
from ephyrad.migration.outcomes import Done, Outcome, Underway
from tests.contract.stage import part, record
from tests.faults.troubles import SECRET

FLAVORS = "compute GET /flavors/detail"
NETWORKS = "network GET /v2.0/networks"
NODE = "/v1/nodes/{ident}"
SERVER = "/servers/{server}"
SERVERS = "/servers/detail"
PROVIDER = "/resource_providers/{uuid}"
PORTS = "baremetal GET /v1/ports"
PORTGROUPS = "baremetal GET /v1/portgroups"

OPENING = {
    "identity POST /v3/auth/tokens",
    "identity GET /?",
    "baremetal GET /?",
    "compute GET /?",
    "placement GET /?",
    "image GET /?",
    "network GET /v2.0",
}
"""What is asked once, before the first call of a service."""


@dataclass(frozen=True)
class Row:
    """A method of the port. `act` gets the cloud and a node; `fair` is a change's outcome.

    `has_secret`: its request has the secret.
    """

    method: str
    act: Callable[[Cloud, str], Any]
    calls: tuple[str, ...]
    fair: Outcome | None = None
    has_secret: bool = False


def _image(cloud: Cloud, node: str) -> object:
    return cloud.new_cloud_facts(node, ["52:54:00:00:00:01"], [node])


def _create(cloud: Cloud, node: str) -> Outcome:
    driver_info = {"redfish_address": "http://nowhere", "redfish_password": SECRET}
    return cloud.create_node(record(driver="redfish", driver_info=driver_info))


def _patch(cloud: Cloud, node: str) -> Outcome:
    values: dict[str, Any] = {"retired": True, "driver_info": {"redfish_password": SECRET}}
    return cloud.patch_node(node, values)


def _part(kind: PartKind) -> Callable[[Cloud, str], Outcome]:
    return lambda cloud, node: cloud.create_part(kind, part(kind, node))


ROWS = {
    "check": Row(
        "check",
        lambda cloud, node: cloud.check(),
        (
            "baremetal GET /v1/nodes",
            "compute GET /servers/detail",
            f"placement GET {PROVIDER}/inventories",
            "image GET /v2/images",
        ),
    ),
    "services": Row("services", lambda cloud, node: cloud.services(), ()),
    "nodes": Row("nodes", lambda cloud, node: cloud.nodes(), ("baremetal GET /v1/nodes",)),
    "candidates": Row(
        "candidates", lambda cloud, node: cloud.candidates(), ("baremetal GET /v1/nodes",)
    ),
    "marked": Row("marked", lambda cloud, node: cloud.marked(), ("baremetal GET /v1/nodes",)),
    "node": Row("node", lambda cloud, node: cloud.node(node), (f"baremetal GET {NODE}",)),
    "records": Row(
        "records",
        lambda cloud, node: cloud.records(node),
        (
            f"baremetal GET {NODE}",
            PORTS,
            PORTGROUPS,
            "baremetal GET /v1/volume/connectors",
            "baremetal GET /v1/volume/targets",
        ),
    ),
    "every_record": Row(
        "every_record",
        lambda cloud, node: list(cloud.every_record()),
        (
            "baremetal GET /v1/nodes",
            PORTS,
            PORTGROUPS,
            "baremetal GET /v1/volume/connectors",
            "baremetal GET /v1/volume/targets",
        ),
    ),
    "faults": Row(
        "faults", lambda cloud, node: cloud.faults(node), (f"baremetal GET {NODE}/history",)
    ),
    "compute": Row(
        "compute",
        lambda cloud, node: cloud.compute(node),
        (
            "compute GET /servers/detail",
            f"placement GET {PROVIDER}/inventories",
            f"placement GET {PROVIDER}/allocations",
        ),
    ),
    "server": Row("server", lambda cloud, node: cloud.server(node), (f"compute GET {SERVER}",)),
    "new_cloud_facts": Row(
        "new_cloud_facts",
        _image,
        (
            "baremetal GET /v1/drivers",
            "baremetal GET /v1/conductors",
            f"baremetal GET {NODE}",
            PORTS,
            PORTGROUPS,
            "image GET /v2/images/{image}",
        ),
    ),
    "addresses": Row("addresses", lambda cloud, node: cloud.addresses(), (PORTS, PORTGROUPS)),
    "users": Row(
        "users",
        lambda cloud, node: cloud.users(),
        ("identity GET /v3/domains", "identity GET /v3/users"),
    ),
    "projects": Row(
        "projects",
        lambda cloud, node: cloud.projects(),
        ("identity GET /v3/projects", "identity GET /v3/domains"),
    ),
    "networks": Row("networks", lambda cloud, node: cloud.networks(), (NETWORKS,)),
    "image_names": Row(
        "image_names", lambda cloud, node: cloud.image_names(), ("image GET /v2/images",)
    ),
    "servers": Row("servers", lambda cloud, node: cloud.servers(), (f"compute GET {SERVERS}",)),
    "providers": Row(
        "providers", lambda cloud, node: cloud.providers(), ("placement GET /resource_providers",)
    ),
    "flavor_facts": Row("flavor_facts", lambda cloud, node: cloud.flavor_facts(), (FLAVORS,)),
    "provision": Row(
        "provision",
        lambda cloud, node: cloud.provision(node, "manage"),
        (f"baremetal PUT {NODE}/states/provision",),
        Underway(),
    ),
    "set_maintenance": Row(
        "set_maintenance",
        lambda cloud, node: cloud.set_maintenance(node, "why"),
        (f"baremetal PUT {NODE}/maintenance",),
        Done(),
    ),
    "clear_maintenance": Row(
        "clear_maintenance",
        lambda cloud, node: cloud.clear_maintenance(node),
        (f"baremetal DELETE {NODE}/maintenance",),
        Done(),
    ),
    "patch_node": Row("patch_node", _patch, (f"baremetal PATCH {NODE}",), Done(), True),
    "power_off": Row(
        "power_off",
        lambda cloud, node: cloud.power_off(node),
        (f"baremetal PUT {NODE}/states/power",),
        Underway(),
    ),
    "create_node": Row("create_node", _create, ("baremetal POST /v1/nodes",), Done(), True),
    "create_part port group": Row(
        "create_part", _part(PartKind.PORTGROUP), ("baremetal POST /v1/portgroups",), Done()
    ),
    "create_part port": Row(
        "create_part", _part(PartKind.PORT), ("baremetal POST /v1/ports",), Done()
    ),
    "create_part connector": Row(
        "create_part",
        _part(PartKind.CONNECTOR),
        ("baremetal POST /v1/volume/connectors",),
        Done(),
    ),
    "create_part target": Row(
        "create_part", _part(PartKind.TARGET), ("baremetal POST /v1/volume/targets",), Done()
    ),
    "set_traits": Row(
        "set_traits",
        lambda cloud, node: cloud.set_traits(node, ["CUSTOM_A"]),
        (f"baremetal PUT {NODE}/traits",),
        Done(),
    ),
    "delete_node": Row(
        "delete_node",
        lambda cloud, node: cloud.delete_node(node),
        (f"baremetal DELETE {NODE}",),
        Done(),
    ),
    "delete_server": Row(
        "delete_server",
        lambda cloud, node: cloud.delete_server(node),
        (f"compute DELETE {SERVER}",),
        Done(),
    ),
}

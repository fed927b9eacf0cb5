# SPDX-License-Identifier: Apache-2.0
"""Boots instances on chosen nodes and deletes them, as an administrator. Needs openstacksdk."""

import time
from typing import Any

from tests.lab import offer, patience
from tests.lab.errors import LabError
from tests.lab.openstack_api import Api
from tests.lab.ports import Cloud
from tests.lab.settings import Settings

# A build that fails is tried again for so many seconds. Now and then ironicclient within the old
# Nova forgets which API version it had negotiated (UnsupportedVersion); and a node whose UUID was
# there before may still be offered as it was then, while nova-compute is about to forget it ("No
# such host"). Both observed on 2023.1; the next of nova-compute's looks at the nodes ends them.
_TRY_FOR = 120
_PAUSE = 5

_OWN = "CUSTOM_"
"""How what placement calls a node's resource class begins."""


class _BuildFailedError(LabError):
    """Nova could not build an instance."""

    def __init__(self, server: str, words: str) -> None:
        super().__init__(f"instance {server}: {words}")
        self.server = server


def boot(
    settings: Settings,
    cloud: Cloud,
    node: str,
    *,
    name: str | None = None,
    flavor: str = offer.FLAVOR_ID,
) -> str:
    """Boots an instance on this very node (by UUID or name) and gives the instance's id once it is
    ACTIVE. A node that Nova does not offer yet is waited for.

    Raises LabError when that takes too long or fails.
    """
    found = Api(settings, cloud, "baremetal").get(f"/v1/nodes/{node}?fields=uuid,name")
    limit = time.monotonic() + _TRY_FOR
    while True:
        try:
            return _boot_once(settings, cloud, found, name, flavor)
        except _BuildFailedError as error:
            if time.monotonic() > limit:
                raise
            delete(settings, cloud, error.server)
            time.sleep(_PAUSE)


def _boot_once(settings: Settings, cloud: Cloud, found: Any, name: str | None, flavor: str) -> str:
    placement = Api(settings, cloud, "placement")
    nova = Api(settings, cloud, "compute")
    ident = found["uuid"]
    patience.until(
        f"node {found['name']} offered by Nova and placement",
        lambda: (_is_known(nova, ident) and is_free(placement, ident)) or None,
        180,
    )
    server = {
        "name": name or f"on-{found['name']}",
        "flavorRef": flavor,
        "imageRef": offer.IMAGE_ID,
        "networks": "none",
        # of an Ironic node, the hypervisor's name is the node's UUID
        "hypervisor_hostname": ident,
    }
    made = str(nova.post("/servers", {"server": server})["server"]["id"])
    wait_active(nova, made)
    return made


def _is_known(nova: Api, node: str) -> bool:
    """Whether Nova has the node as a hypervisor; placement may still have it from before."""
    return nova.find(f"/os-hypervisors?hypervisor_hostname_pattern={node}") is not None


def is_free(placement: Api, node: str) -> bool:
    """Whether a scheduler may put an instance on this node: it has inventory with nothing reserved
    and nothing used.
    """
    provider = f"/resource_providers/{node}"
    found = placement.find(f"{provider}/inventories")
    inventories = found["inventories"] if found else {}
    mine = [each for name, each in inventories.items() if name.startswith(_OWN)]
    if not mine or any(each["reserved"] >= each["total"] for each in mine):
        return False
    return not any(placement.get(f"{provider}/usages")["usages"].values())


def wait_active(nova: Api, server: str, seconds: float = 300) -> None:
    """Raises LabError when the instance fails to boot, or takes too long."""

    def look() -> bool | None:
        now = nova.get(f"/servers/{server}")["server"]
        if now["status"] == "ERROR":
            raise _BuildFailedError(server, now.get("fault", {}).get("message"))
        return True if now["status"] == "ACTIVE" else None

    patience.until(f"instance {server} ACTIVE", look, seconds)


def of_node(settings: Settings, cloud: Cloud, node: str) -> str | None:
    """The id of the instance on a node (by UUID or name), as Ironic says."""
    found: Any = Api(settings, cloud, "baremetal").get(f"/v1/nodes/{node}?fields=instance_uuid")
    return None if found["instance_uuid"] is None else str(found["instance_uuid"])


def delete(settings: Settings, cloud: Cloud, server: str, *, wait: bool = True) -> None:
    """Deletes an instance, as its owner would; with `wait`, returns when Nova has forgotten it (its
    node may still be cleaned then).
    """
    nova = Api(settings, cloud, "compute")
    nova.delete(f"/servers/{server}")
    if wait:
        gone = f"instance {server} gone"
        patience.until(gone, lambda: nova.find(f"/servers/{server}") is None or None, 300)

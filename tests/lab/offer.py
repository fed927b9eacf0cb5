# SPDX-License-Identifier: Apache-2.0
"""What both clouds offer their users: one flavor and one image, with the same ids in both."""

import uuid

from tests.lab.openstack_api import Api

FLAVOR_ID = "bm-gold-1"
IMAGE_ID = str(uuid.uuid5(uuid.NAMESPACE_DNS, "img.lab"))


def ensure_flavor(
    nova: Api,
    ident: str = FLAVOR_ID,
    name: str = "bm.gold",
    resources: str = "CUSTOM_BAREMETAL_GOLD",
) -> None:
    """A flavor that takes a whole node of one class, which is baremetal.gold unless it is said."""
    if nova.find(f"/flavors/{ident}") is None:
        flavor = {"id": ident, "name": name, "ram": 65536, "vcpus": 16, "disk": 900}
        nova.post("/flavors", {"flavor": flavor})
    nova.post(
        f"/flavors/{ident}/os-extra_specs",
        {
            "extra_specs": {
                f"resources:{resources}": "1",
                "resources:VCPU": "0",
                "resources:MEMORY_MB": "0",
                "resources:DISK_GB": "0",
            }
        },
    )


def ensure_image(glance: Api) -> None:
    """A raw image of a mebibyte of zeros, for everybody."""
    path = f"/v2/images/{IMAGE_ID}"
    found = glance.find(path)
    if found is None:
        image = {
            "id": IMAGE_ID,
            "name": "lab-img",
            "disk_format": "raw",
            "container_format": "bare",
            "visibility": "public",
        }
        found = glance.post("/v2/images", image)
    if found["status"] == "queued":
        glance.call("PUT", f"{path}/file", data=bytes(2**20))

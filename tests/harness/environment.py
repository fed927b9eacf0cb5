# SPDX-License-Identifier: Apache-2.0
"""An environment of one test's own: people and what they have in the old cloud, seen from both."""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.harness import keys
from tests.lab.openstack_api import Api
from tests.lab.ports import Cloud
from tests.lab.settings import Settings

_AT_ONCE = 6
_MIB = 2**20
KEYS_EACH = 4


class Environment:
    """Whatever has a name that begins with `prefix`, in both clouds.

    The ids of images are new each time: Glance never gives one out twice.
    """

    def __init__(self, lab: Settings, prefix: str) -> None:
        self.lab = lab
        self.prefix = prefix
        self._apis: dict[tuple[Cloud, str], Api] = {}
        self.users: dict[Cloud, dict[str, str]] = {"old": {}, "new": {}}
        self.projects: dict[Cloud, dict[str, str]] = {"old": {}, "new": {}}
        self.images: dict[str, str] = {}

    def api(self, cloud: Cloud, service: str) -> Api:
        """A service of a cloud, as administrator."""
        key = (cloud, service)
        if key not in self._apis:
            self._apis[key] = Api(self.lab, cloud, service)
        return self._apis[key]

    def name(self, rest: object) -> str:
        """A name of this environment."""
        return f"{self.prefix}-{rest}"

    def make_projects(self, count: int, *, also_new: int) -> None:
        """Projects in the old cloud, so many of which the new one has as well."""
        for number in range(count):
            name = self.name(f"project-{number}")
            for cloud in self._clouds(number < also_new):
                body = {"project": {"name": name, "domain_id": "default"}}
                made = self.api(cloud, "identity").post("/projects", body)
                self.projects[cloud][name] = made["project"]["id"]

    def make_users(self, count: int, *, also_new: int) -> None:
        """Users in the old cloud, so many of whom the new one knows as well, under other ids."""

        def one(number: int) -> None:
            name = self.name(f"user-{number:02}")
            for cloud in self._clouds(number < also_new):
                body = {"user": {"name": name, "domain_id": "default"}}
                made = self.api(cloud, "identity").post("/users", body)
                self.users[cloud][name] = made["user"]["id"]

        _each(one, range(count))

    def make_keypairs(self) -> None:
        """Each user of the old cloud has three SSH keys and a certificate."""

        def one(user: str) -> None:
            for number in range(KEYS_EACH):
                self.make_keypair(user, f"key {number}", x509=number == KEYS_EACH - 1)

        _each(one, self.users["old"])

    def make_keypair(self, user: str, name: str, *, x509: bool = False) -> None:
        """One key pair of a user's in the old cloud."""
        public = keys.certificate(name) if x509 else keys.ssh(f"{user}@{name}")
        body = {
            "name": name,
            "public_key": public,
            "type": "x509" if x509 else "ssh",
            "user_id": self.users["old"][user],
        }
        self.api("old", "compute").post("/os-keypairs", {"keypair": body})

    def make_flavors(self, count: int) -> None:
        """Flavors; every third is private, and shared with a project."""
        nova = self.api("old", "compute")
        project = next(iter(self.projects["old"].values()), None)
        for number in range(count):
            name, private = self.name(f"flavor-{number:02}"), number % 3 == 2
            body = {
                "id": name,
                "name": name,
                "ram": 1024 * (number + 1),
                "vcpus": number + 1,
                "disk": 10,
                "swap": 512 * (number % 2),
                "os-flavor-access:is_public": not private,
                "description": f"flavor {number} of a test",
            }
            nova.post("/flavors", {"flavor": body})
            specs = {"resources:CUSTOM_TEST": "1", "test:number": str(number)}
            nova.post(f"/flavors/{name}/os-extra_specs", {"extra_specs": specs})
            if private and project is not None:
                body = {"addTenantAccess": {"tenant": project}}
                nova.post(f"/flavors/{name}/action", body)

    def make_image(
        self, rest: str, content: bytes | Iterator[bytes] | None = None, **fields: Any
    ) -> str:
        """An image of the old cloud; without content it stays queued."""
        glance = self.api("old", "image")
        body = {
            "id": str(uuid.uuid4()),
            "name": self.name(rest),
            "disk_format": "raw",
            "container_format": "bare",
            "visibility": "private",
            **fields,
        }
        ident = str(glance.post("/v2/images", body)["id"])
        self.images[rest] = ident
        if content is not None:
            glance.call("PUT", f"/v2/images/{ident}/file", data=content)
        return ident

    def make_images(self, plain: int, *, big_mib: int) -> None:
        """Plain ones, a big one, and one of each particular kind."""
        for number in range(plain):
            self.make_image(
                f"plain-{number:02}",
                keys.noise(f"plain-{number}", _MIB),
                visibility=("public", "private", "community")[number % 3],
                os_distro="debian",
                tags=["test", f"n{number}"],
                min_disk=number,
            )
        self.make_image("big", keys.blocks("big", big_mib), visibility="public")
        kernel = self.make_image(
            "kernel", keys.noise("kernel", 4096), disk_format="aki", container_format="aki"
        )
        ramdisk = self.make_image(
            "ramdisk", keys.noise("ramdisk", 4096), disk_format="ari", container_format="ari"
        )
        self.make_image(
            "whole",
            keys.noise("whole", _MIB),
            disk_format="ami",
            container_format="ami",
            kernel_id=kernel,
            ramdisk_id=ramdisk,
        )
        glance = self.api("old", "image")
        away = self.make_image("deactivated", keys.noise("deactivated", _MIB))
        glance.post(f"/v2/images/{away}/actions/deactivate", None)
        shared = self.make_image("shared", keys.noise("shared", _MIB), visibility="shared")
        for project in self.projects["old"].values():
            glance.post(f"/v2/images/{shared}/members", {"member": project})
        self.make_image("protected", keys.noise("protected", _MIB), protected=True)
        self.make_image("hidden", keys.noise("hidden", _MIB), os_hidden=True, visibility="public")

    def spoil(self, rest: str) -> None:
        """Change the bytes of an image in the store of the old Glance, as a rotten disk would."""
        for path in self.lab.data.rglob(self.images[rest]):
            if path.is_file() and "old" in str(path):
                content = bytearray(path.read_bytes())
                content[len(content) // 2] ^= 0xFF
                path.write_bytes(content)
                return
        raise AssertionError(f"the store of the old Glance has no {rest}")

    def make_aggregates(self, count: int) -> None:
        """Aggregates, each an availability zone of its own, without hosts."""
        nova = self.api("old", "compute")
        for number in range(count):
            name = self.name(f"rack-{number}")
            body = {"name": name, "availability_zone": self.name(f"zone-{number}")}
            made = nova.post("/os-aggregates", {"aggregate": body})["aggregate"]
            meta = {"set_metadata": {"metadata": {"rack": str(number)}}}
            nova.post(f"/os-aggregates/{made['id']}/action", meta)

    def make_deploy_templates(self, count: int) -> None:
        """Deploy templates of the old Ironic."""
        ironic = self.api("old", "baremetal")
        for number in range(count):
            step = {"interface": "bios", "step": "apply_configuration", "priority": 150}
            settings = [{"name": "LogicalProc", "value": "Enabled"}]
            body = {
                "name": f"{self.custom}_{number}",
                "steps": [{**step, "args": {"settings": settings}}],
                "extra": {"number": number},
            }
            ironic.post("/v1/deploy_templates", body)

    def discard(self) -> None:
        """Remove everything of this prefix from both clouds."""
        for cloud in ("old", "new"):
            self._discard_from(cloud)

    @staticmethod
    def _clouds(also_new: bool) -> tuple[Cloud, ...]:
        return ("old", "new") if also_new else ("old",)

    def _discard_from(self, cloud: Cloud) -> None:
        identity, nova = self.api(cloud, "identity"), self.api(cloud, "compute")
        known = identity.get("/users")["users"]
        users = _mine(known, self.prefix)

        def without_keys(user: Any, prefix: str = "") -> None:
            rows = nova.get(f"/os-keypairs?user_id={user['id']}")["keypairs"]
            for key in _mine((row["keypair"] for row in rows), prefix):
                name = key["name"].replace(" ", "%20")
                nova.delete(f"/os-keypairs/{name}?user_id={user['id']}")

        _each(without_keys, users)
        _each(lambda one: identity.delete(f"/users/{one['id']}"), users)
        for demo in (user for user in known if user["name"] == "demo"):
            without_keys(demo, self.prefix)
        projects = _mine(identity.get("/projects")["projects"], self.prefix)
        flavors = _mine(nova.get("/flavors/detail?is_public=None")["flavors"], self.prefix)
        aggregates = _mine(nova.get("/os-aggregates")["aggregates"], self.prefix)
        _each(lambda one: identity.delete(f"/projects/{one['id']}"), projects)
        _each(lambda one: nova.delete(f"/flavors/{one['id']}"), flavors)
        _each(lambda one: nova.delete(f"/os-aggregates/{one['id']}"), aggregates)
        self._discard_images(cloud)
        ironic = self.api(cloud, "baremetal")
        templates = _mine(ironic.get("/v1/deploy_templates")["deploy_templates"], self.custom)
        _each(lambda one: ironic.delete(f"/v1/deploy_templates/{one['uuid']}"), templates)

    @property
    def custom(self) -> str:
        """What the names of its traits begin with, and so those of deploy templates."""
        return f"CUSTOM_{self.prefix.upper().replace('-', '_')}"

    def _discard_images(self, cloud: Cloud) -> None:
        glance = self.api(cloud, "image")

        def one(image: Any) -> None:
            if image["protected"]:
                self._unprotect(glance, image["id"])
            glance.delete(f"/v2/images/{image['id']}")

        for query in ("?limit=1000", "?limit=1000&os_hidden=true"):
            _each(one, _mine(glance.get(f"/v2/images{query}")["images"], self.prefix))

    @staticmethod
    def _unprotect(glance: Api, image: str) -> None:
        patch = json.dumps([{"op": "replace", "path": "/protected", "value": False}])
        kind = "application/openstack-images-v2.1-json-patch"
        glance.call("PATCH", f"/v2/images/{image}", data=patch.encode(), content_type=kind)


def _each(do: Callable[[Any], None], things: Iterable[Any]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(do, things))


def _mine(rows: Iterable[Any], prefix: str) -> list[Any]:
    return [row for row in rows if (row["name"] or "").startswith(prefix)]

# SPDX-License-Identifier: Apache-2.0
"""Users of the lab's new cloud with each role, ephyrad in its catalogue, `openstack` as them."""

import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keystoneauth1.session import Session
from openstack.config import OpenStackConfig

from ephyrad.clouds.user import SERVICE_TYPE
from tests.lab.openstack_api import Api
from tests.lab.settings import Settings

SYSTEM_ROLES = {"reader": "reader", "operator": "member", "admin": "admin"}
"""What a user is called here, and its role on the system."""
TENANT = "tenant"
"""A member of a project: a customer of the cloud, whom ephyrad is no business of."""

_PROJECT = "demo"


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Users:
    """Makes them with a prefix of the test's own; :meth:`discard` removes all that was made.

    Each time they have other names: each process of the lab's Keystone goes on to take a name for
    the user of that name that it saw last.
    """

    def __init__(self, lab: Settings, directory: Path, prefix: str, cafile: Path) -> None:
        self._lab = lab
        self._prefix = prefix
        self._keystone = Api(lab, "new", "identity")
        self._auth_url = lab.url("new", "keystone", "/v3")
        self._clouds = directory / "clouds.yaml"
        self._cafile = cafile
        self._once = secrets.token_hex(3)

    def make(self) -> None:
        roles = {role["name"]: role["id"] for role in self._get("roles")}
        project = self._get("projects", f"name={_PROJECT}")[0]["id"]
        entries = {}
        for name in (*SYSTEM_ROLES, TENANT):
            user = self._keystone.post(
                "/users",
                {"user": {"name": self.full(name), "password": self._lab.password}},
            )["user"]["id"]
            if role := SYSTEM_ROLES.get(name):
                self._keystone.put(f"/system/users/{user}/roles/{roles[role]}", None)
                scope = {"system_scope": "all"}
            else:
                self._keystone.put(
                    f"/projects/{project}/users/{user}/roles/{roles['member']}", None
                )
                scope = {"project_id": project}
            entries[name] = self._entry(name, scope)
        # JSON is YAML
        self._clouds.write_text(json.dumps({"clouds": entries}))

    def register(self, url: str) -> None:
        """Put ephyrad into the catalogue."""
        service = {"service": {"type": SERVICE_TYPE, "name": self._prefix}}
        made = self._keystone.post("/services", service)["service"]["id"]
        endpoint = {
            "service_id": made,
            "interface": "public",
            "region_id": "RegionOne",
            "url": url,
        }
        self._keystone.post("/endpoints", {"endpoint": endpoint})

    def discard(self) -> None:
        # Its endpoints go with a service.
        for kind in ("services", "users"):
            for made in self._get(kind):
                if made.get("name", "").startswith(self._prefix):
                    self._keystone.delete(f"/{kind}/{made['id']}")

    def full(self, name: str) -> str:
        return f"{self._prefix}-{self._once}-{name}"

    def openstack(self, who: str, *words: str) -> Said:
        """Run `openstack` as one of the users."""
        done = subprocess.run(
            [str(Path(sys.executable).with_name("openstack")), *words],
            env=self.environment(who),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def environment(self, who: str) -> dict[str, str]:
        return os.environ | {"OS_CLIENT_CONFIG_FILE": str(self._clouds), "OS_CLOUD": who}

    def revoked(self, who: str) -> str:
        """Return a token that was revoked before anybody examined it.

        Each process of the lab's Keystone remembers by itself what it examined, and takes such a
        token for valid ten minutes longer (observed on 2026.2, with oslo_cache.dict).
        """
        token = self.token(who)
        session = self._session(who)
        session.delete(f"{self._auth_url}/auth/tokens", headers={"X-Subject-Token": token})
        return token

    def token(self, who: str) -> str:
        """Return a token of the user's own."""
        token = self._session(who).get_token()
        assert token
        return token

    def _session(self, who: str) -> Session:
        config = OpenStackConfig(config_files=[str(self._clouds)], load_envvars=False)
        return config.get_one(cloud=who).get_session()

    def _entry(self, name: str, scope: dict[str, str]) -> dict[str, Any]:
        return {
            "auth": {
                "auth_url": self._auth_url,
                "username": self.full(name),
                "password": self._lab.password,
                "user_domain_name": "Default",
                **scope,
            },
            "region_name": "RegionOne",
            "cacert": str(self._cafile),
        }

    def _get(self, kind: str, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._keystone.get(f"/{kind}?{query}")[kind]
        return found

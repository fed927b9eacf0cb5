# SPDX-License-Identifier: Apache-2.0
"""Users, roles and the catalogue of one cloud; makes what is missing. Runs in the tools venv."""

import sys
from typing import Any, cast

from tests.lab.openstack_api import connect
from tests.lab.ports import CLOUDS, Cloud
from tests.lab.settings import Settings, from_environment

SERVICE_USERS = ("nova", "glance", "placement", "ironic", "neutron")
# what operators would make for the daemon
DAEMON_USER = "ephyra"

_CATALOGUE = {
    "glance": ("image", ""),
    "ironic": ("baremetal", ""),
    "placement": ("placement", ""),
    "nova": ("compute", "/v2.1"),
    "neutron": ("network", ""),
}


def prepare(settings: Settings, cloud: Cloud) -> None:
    """Makes what is missing."""
    identity: Any = connect(settings, cloud).identity
    _users(identity, settings)
    _catalogue(identity, settings, cloud)


def _users(identity: Any, settings: Settings) -> None:
    service = _ensure(identity, "project", "service", domain_id="default")
    demo = _ensure(identity, "project", "demo", domain_id="default")
    roles = {name: _ensure(identity, "role", name) for name in ("admin", "member", "service")}

    def user(name: str) -> Any:
        return _ensure(identity, "user", name, password=settings.password, domain_id="default")

    for name in SERVICE_USERS:
        made = user(name)
        for role in ("admin", "service"):
            identity.assign_project_role_to_user(service, made, roles[role])
            _system_role(identity, made, roles[role])
    made = user(DAEMON_USER)
    identity.assign_project_role_to_user(service, made, roles["admin"])
    _system_role(identity, made, roles["admin"])
    _system_role(identity, identity.find_user("admin"), roles["admin"])
    identity.assign_project_role_to_user(demo, user("demo"), roles["member"])


def _catalogue(identity: Any, settings: Settings, cloud: Cloud) -> None:
    for name, (kind, path) in _CATALOGUE.items():
        service = _ensure(identity, "service", name, type=kind)
        have = {one.interface for one in identity.endpoints(service_id=service.id)}
        for interface in {"public", "internal", "admin"} - have:
            identity.create_endpoint(
                service_id=service.id,
                interface=interface,
                region_id="RegionOne",
                url=settings.url(cloud, name, path),
            )


def _ensure(identity: Any, kind: str, name: str, **extra: str) -> Any:
    found = getattr(identity, f"find_{kind}")(name)
    return found or getattr(identity, f"create_{kind}")(name=name, **extra)


def _system_role(identity: Any, user: Any, role: Any) -> None:
    identity.put(f"/system/users/{user.id}/roles/{role.id}")


if __name__ == "__main__":
    if sys.argv[1:] not in [[cloud] for cloud in CLOUDS]:
        sys.exit("usage: python -m tests.lab.identity old|new")
    prepare(from_environment(), cast("Cloud", sys.argv[1]))

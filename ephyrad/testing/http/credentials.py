# SPDX-License-Identifier: Apache-2.0
"""A clouds.yaml for simulated clouds."""

from collections.abc import Iterable
from typing import Any

from ephyrad.migration.facts import CloudName
from ephyrad.testing.http.keystone import ADMIN, PROJECT
from ephyrad.testing.http.server import SimulatedServer


def clouds_yaml(server: SimulatedServer, names: Iterable[CloudName] = CloudName) -> dict[str, Any]:
    """Return what a clouds.yaml has to say: for each cloud NAME with a project's token, and
    NAME-system with a system-scoped one.
    """
    clouds: dict[str, Any] = {}
    for name in names:
        auth = {
            "auth_url": server.auth_url(name),
            "username": ADMIN[0],
            "password": ADMIN[1],
            "user_domain_name": "Default",
        }
        clouds[f"{name}-system"] = {"auth": {**auth, "system_scope": "all"}}
        project = {"project_name": PROJECT, "project_domain_name": "Default"}
        clouds[str(name)] = {"auth": {**auth, **project}}
    return {"clouds": clouds}

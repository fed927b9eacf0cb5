# SPDX-License-Identifier: Apache-2.0
"""clouds.yaml: the ways into both clouds."""

from typing import Any

from tests.lab.ports import CLOUDS, Cloud
from tests.lab.settings import Settings

# suffix of the cloud's name -> user and scope
_ACCESS: dict[str, tuple[str, dict[str, str]]] = {
    "": ("admin", {"project_name": "admin", "project_domain_name": "Default"}),
    "-system": ("admin", {"system_scope": "all"}),
    "-demo": ("demo", {"project_name": "demo", "project_domain_name": "Default"}),
    "-ephyra": ("ephyra", {"project_name": "service", "project_domain_name": "Default"}),
    "-ephyra-system": ("ephyra", {"system_scope": "all"}),
}


def clouds(settings: Settings) -> dict[str, Any]:
    """Content of clouds.yaml: old, new, and each with the suffixes of `_ACCESS`."""
    return {
        "clouds": {
            cloud + suffix: _entry(settings, cloud, user, scope)
            for cloud in CLOUDS
            for suffix, (user, scope) in _ACCESS.items()
        }
    }


def _entry(settings: Settings, cloud: Cloud, user: str, scope: dict[str, str]) -> dict[str, Any]:
    return {
        "auth": {
            "auth_url": settings.url(cloud, "keystone", "/v3"),
            "username": user,
            "password": settings.password,
            "user_domain_name": "Default",
            **scope,
        },
        "region_name": "RegionOne",
        "identity_api_version": "3",
        "interface": "public",
    }

# SPDX-License-Identifier: Apache-2.0
"""What the configuration of every service has in common."""

from tests.lab import databases
from tests.lab.configuration.ini import Sections
from tests.lab.ports import Cloud
from tests.lab.settings import Settings


def auth(settings: Settings, cloud: Cloud, user: str, *, system: bool = False) -> dict[str, str]:
    """Options of a keystoneauth session, for the project `service` or system-scoped."""
    scope = (
        {"system_scope": "all"}
        if system
        else {"project_name": "service", "project_domain_name": "Default"}
    )
    return {
        "auth_type": "password",
        "auth_url": settings.url(cloud, "keystone", "/v3"),
        "username": user,
        "password": settings.password,
        "user_domain_name": "Default",
        "region_name": "RegionOne",
        "valid_interfaces": "internal,public",
        **scope,
    }


def sections(settings: Settings, cloud: Cloud, service: str) -> Sections:
    """Sections that every service has; its database is named after it."""
    transport = settings.transport_url(cloud)
    return {
        "DEFAULT": {"debug": str(settings.debug).lower(), "transport_url": transport},
        "oslo_messaging_notifications": {"driver": "messagingv2", "transport_url": transport},
        "oslo_messaging_rabbit": {"rabbit_retry_interval": "1"},
        "oslo_concurrency": {"lock_path": str(settings.data / cloud / service / "lock")},
        "database": {
            "connection": databases.url(settings, cloud, service),
            "max_pool_size": "20",
            "max_overflow": "50",
        },
        "keystone_authtoken": _authtoken(settings, cloud, service),
    }


def _authtoken(settings: Settings, cloud: Cloud, user: str) -> dict[str, str]:
    options = auth(settings, cloud, user)
    del options["valid_interfaces"]
    return options | {
        "www_authenticate_uri": settings.url(cloud, "keystone", "/v3"),
        "service_token_roles_required": "true",
        "service_token_roles": "service",
        "memcache_use_advanced_pool": "false",
        "interface": "internal",
    }

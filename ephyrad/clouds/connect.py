# SPDX-License-Identifier: Apache-2.0
"""From settings to services: sessions, endpoints, API versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import openstack.config
from keystoneauth1 import exceptions as keystone
from keystoneauth1.session import Session
from openstack.config import cloud_region
from openstack.connection import Connection
from openstack.exceptions import ConfigException, SDKException
from openstack.proxy import Proxy
from requests.adapters import HTTPAdapter

import ephyrad
from ephyrad.clouds.errors import BEFORE_ANY_WORK, cause_of
from ephyrad.clouds.port import CloudReadError, CloudSetupError, NotInCatalogueError
from ephyrad.clouds.service import Service
from ephyrad.clouds.settings import CloudSettings

# The services of a cloud that are asked: connections to more hosts would push each other out.
_HOSTS = 8


@dataclass(frozen=True, slots=True)
class Versions:
    """The microversions of a service that ephyrad can work with, and why not with fewer."""

    lowest: tuple[int, int]
    highest: tuple[int, int]
    why: str


# Ussuri's 1.65 has what is relied upon: retired (1.61), automated_clean (1.47), conductors (1.49),
# driver details (1.30), and the `project` filter by which the right to see all nodes is tried.
# Node history (1.78) and shards (1.82) are used where they are. 1.82 and 1.115 are tried.
IRONIC = Versions((1, 65), (1, 115), "retired nodes and the filters of node lists")
# 2.53 (Pike) gives what is asked: the servers of a node. Nothing of ours is new since.
NOVA = Versions((2, 53), (2, 96), "UUIDs for hypervisors and services")
PLACEMENT = Versions((1, 0), (1, 39), "inventories and allocations")


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one cloud; each is looked up when it is first asked.

    Nova and placement are None where the cloud has none in front of its Ironic.
    """

    ironic: Service
    keystone: Service
    glance: Service
    neutron: Service
    nova: Service | None
    placement: Service | None
    sessions: tuple[Session, ...]
    """What the tokens come from: Ironic's first."""


def connect(settings: CloudSettings) -> Services:
    """Return the services of a cloud, without a word to it.

    :raises CloudSetupError: clouds.yaml cannot be used, or does not have the cloud.
    """
    mine = _connection(settings, settings.cloud, settings.session)
    theirs = mine
    if settings.project_cloud is not None or settings.project_session is not None:
        theirs = _connection(settings, settings.project_cloud, settings.project_session)

    def service(connection: Connection, kind: str, name: str, versions: Versions | None) -> Service:
        label = f"{name} of the {settings.name} cloud"
        return Service(
            label,
            partial(_find, settings, connection, kind, label, versions),
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
        )

    return Services(
        ironic=service(mine, "baremetal", "Ironic", IRONIC),
        keystone=service(mine, "identity", "Keystone", None),
        glance=service(theirs, "image", "Glance", None),
        neutron=service(theirs, "network", "Neutron", None),
        nova=service(theirs, "compute", "Nova", NOVA) if settings.compute else None,
        placement=service(theirs, "placement", "placement", PLACEMENT)
        if settings.compute
        else None,
        sessions=(mine.session,) if mine is theirs else (mine.session, theirs.session),
    )


def authenticate(settings: CloudSettings, session: Session) -> None:
    """Have the session get a token.

    :raises CloudSetupError: Keystone refuses the credentials, or cannot be trusted.
    :raises CloudReadError: Keystone cannot be asked.
    """
    try:
        session.get_auth_headers()
    except keystone.HttpError as error:
        if error.http_status >= 500 or error.http_status in BEFORE_ANY_WORK:
            raise CloudReadError(
                f"Keystone of the {settings.name} cloud: {cause_of(error)}"
            ) from error
        raise CloudSetupError(
            f"{settings.group}: Keystone refuses the credentials: {cause_of(error)}; "
            "correct the user, password, scope or auth_url"
        ) from error
    except keystone.SSLError as error:
        raise CloudSetupError(
            f"{settings.group}: Keystone is not trusted: {cause_of(error)}; correct cafile"
        ) from error
    except (keystone.ConnectionError, keystone.DiscoveryFailure) as error:
        raise CloudReadError(f"Keystone of the {settings.name} cloud: {cause_of(error)}") from error
    except keystone.ClientException as error:
        raise CloudSetupError(
            f"{settings.group}: the credentials cannot be used: {cause_of(error)}; "
            "correct the keystone options"
        ) from error


def _connection(settings: CloudSettings, cloud: str | None, session: Session | None) -> Connection:
    wanted: dict[str, Any] = {}
    if settings.interfaces:
        wanted["interface"] = list(settings.interfaces)
    if settings.region:
        wanted["region_name"] = settings.region
    if session is not None:
        region = cloud_region.from_session(session, name=settings.name, **wanted)
    else:
        region = _region(settings, cloud, wanted)
    _prepare(region.get_session(), settings)
    return Connection(config=region, strict_proxies=True)


def _region(
    settings: CloudSettings, cloud: str | None, wanted: Mapping[str, Any]
) -> cloud_region.CloudRegion:
    try:
        return openstack.config.OpenStackConfig().get_one(cloud=cloud, **wanted)
    except (ConfigException, keystone.ClientException) as error:
        raise CloudSetupError(
            f"{settings.group}: cloud {cloud!r} of clouds.yaml cannot be used: {cause_of(error)}"
        ) from error


def _prepare(session: Session, settings: CloudSettings) -> None:
    """Set what ephyrad wants of every session, whoever made it."""
    session.app_name, session.app_version = "ephyrad", ephyrad.__version__
    # A token request or a version document must not be led to another host either.
    session.redirect = False
    if not session.timeout:
        session.timeout = settings.read_timeout
    for adapter in session.session.adapters.values():
        if isinstance(adapter, HTTPAdapter):
            adapter.init_poolmanager(_HOSTS, settings.connections)


def _find(
    settings: CloudSettings,
    connection: Connection,
    kind: str,
    label: str,
    versions: Versions | None,
) -> Proxy:
    authenticate(settings, connection.session)
    try:
        proxy: Proxy = getattr(connection, kind)
    except (keystone.EndpointNotFound, keystone.EmptyCatalog) as error:
        raise NotInCatalogueError(
            f"{settings.group}: {label} is not in the service catalogue: {cause_of(error)}; "
            "correct the region and the interfaces"
        ) from error
    if versions is not None:
        proxy.default_microversion = _microversion(settings, proxy, label, versions)
    # Pinned as well: to find it in the catalogue takes a quarter of the time of each call.
    # By its base class: the proxy of Keystone has another get_endpoint, which is about endpoints.
    proxy.endpoint_override = Proxy.get_endpoint(proxy)
    return proxy


def _microversion(settings: CloudSettings, proxy: Proxy, label: str, versions: Versions) -> str:
    """Return the highest microversion that both sides know."""
    data = proxy.get_endpoint_data()
    if data is None or not data.min_microversion or not data.max_microversion:
        raise SDKException(f"{label} does not say which API versions it has")
    low, high = _pair(data.min_microversion), _pair(data.max_microversion)
    if high < versions.lowest or low > versions.highest:
        raise CloudSetupError(
            f"{settings.group}: {label} has API {_text(low)} to {_text(high)}; ephyrad needs "
            f"{_text(versions.lowest)} (for {versions.why}) to {_text(versions.highest)}"
        )
    return _text(min(high, versions.highest))


def _pair(version: tuple[int | float, ...]) -> tuple[int, int]:
    major, minor = (int(part) for part in version[:2])
    return major, minor


def _text(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))

# SPDX-License-Identifier: Apache-2.0
"""A person's way to ephyrad through the cloud's Keystone: a token, and where the catalogue says."""

from dataclasses import dataclass, field

import openstack.config
from keystoneauth1 import exceptions as keystone
from keystoneauth1.session import Session
from openstack.exceptions import ConfigException, SDKException

from ephyrad.clouds.errors import cause_of
from ephyrad.clouds.port import CloudSetupError

SERVICE_TYPE = "bare-metal-migration"
"""What ephyrad is called in Keystone's catalogue."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Where ephyrad is, a token for it, and the file of a CA that is trusted, if one is named."""

    url: str
    token: str = field(repr=False)
    cafile: str | None


def pass_of(cloud: str, url: str | None) -> Pass:
    """Return the way of the user that an entry of clouds.yaml names; `url` goes before a catalogue.

    :raises CloudSetupError: the entry cannot be used, or the catalogue has no ephyrad.
    """
    try:
        region = openstack.config.OpenStackConfig().get_one(cloud=cloud)
        session = region.get_session()
    except (ConfigException, SDKException, keystone.ClientException) as error:
        raise CloudSetupError(f"cloud {cloud} of clouds.yaml: {cause_of(error)}") from error
    return pass_from(
        session,
        url,
        region=region.region_name,
        interface=region.get_interface(),
        who=f"cloud {cloud}",
    )


def pass_from(
    session: Session,
    url: str | None,
    *,
    region: str | None,
    interface: list[str] | str | None,
    who: str,
) -> Pass:
    """Return the way of a session's user; `who` they are, for messages.

    :raises CloudSetupError: Keystone refuses them, or the catalogue has no ephyrad.
    """
    try:
        token = session.get_token()
        found = url or session.get_endpoint(
            service_type=SERVICE_TYPE, region_name=region, interface=interface
        )
    except keystone.ClientException as error:
        raise CloudSetupError(
            f"{who}: Keystone gives no token: {cause_of(error)}; correct the user, password, scope"
            " or auth_url"
        ) from error
    if token is None or found is None:
        raise CloudSetupError(
            f"{who}: Keystone's catalogue has no service of the type {SERVICE_TYPE}: have it"
            " registered, or name the URL of ephyrad's API"
        )
    verify = session.verify
    return Pass(found, token, verify if isinstance(verify, str) else None)

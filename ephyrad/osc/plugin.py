# SPDX-License-Identifier: Apache-2.0
"""`openstack ephyra ...`: the commands of `ephyra`, for users of the new cloud's Keystone.

The names that are written in capitals, and the two functions, are what python-openstackclient
wants of a plugin.
"""

import argparse
import os
import ssl
from typing import Any

from ephyrad.cli.daemon import Daemon
from ephyrad.cli.errors import CommandError, ExitStatus
from ephyrad.cli.line import https_line, trusting
from ephyrad.clouds.port import CloudSetupError
from ephyrad.clouds.user import pass_from

API_NAME = "ephyra"
API_VERSION_OPTION = "os_ephyra_api_version"
API_VERSIONS = ("1",)
DEFAULT_API_VERSION = "1"

_ENDPOINT = "OS_EPHYRA_ENDPOINT"


def build_option_parser(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the options of the plugin to those of `openstack`."""
    parser.add_argument(
        "--os-ephyra-api-version",
        metavar="<version>",
        default=DEFAULT_API_VERSION,
        help="version of ephyrad's API; there is 1",
    )
    parser.add_argument(
        "--ephyra-endpoint",
        metavar="<url>",
        default=os.environ.get(_ENDPOINT),
        help=f"URL of ephyrad's API, before the one of the catalogue (Env: {_ENDPOINT})",
    )
    return parser


def make_client(instance: Any) -> Daemon:
    """Return the daemon, as the user of the command line asks it.

    :raises CommandError: Keystone refuses them, or nothing says where the daemon is.
    """
    try:
        found = pass_from(
            instance.session,
            instance._cli_options.config.get("ephyra_endpoint"),  # noqa: SLF001 as all plugins do
            region=instance.region_name,
            interface=instance.interface,
            who="ephyra",
        )
    except CloudSetupError as error:
        raise CommandError(ExitStatus.REFUSED, str(error)) from error
    return Daemon(
        https_line(
            found.url,
            {"X-Auth-Token": found.token},
            _trusted(instance, found.cafile),
            cure="name it with --ephyra-endpoint",
            ca_option="--os-cacert",
        )
    )


def _trusted(instance: Any, cafile: str | None) -> ssl.SSLContext:
    """Return what trusts as `openstack` itself does, by --os-cacert and --insecure."""
    context = trusting(cafile)
    if instance.verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context

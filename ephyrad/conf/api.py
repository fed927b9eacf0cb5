# SPDX-License-Identifier: Apache-2.0
"""The options of `[api]`: how the `ephyra` command and others reach ephyrad."""

import grp

from oslo_config import cfg

from ephyrad.api.settings import ApiSettings
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.paths import absolute
from ephyrad.conf.place import place_of
from ephyrad.conf.tcp import OPTIONS as TCP_OPTIONS
from ephyrad.conf.tcp import tcp_settings

# What fits into sun_path of sockaddr_un on Linux, with the zero at its end.
LONGEST_SOCKET_PATH = 107

GROUP = cfg.OptGroup("api", title="The HTTP API that the ephyra command talks to")

OPTIONS = [
    cfg.StrOpt(
        "socket",
        default="$state_dir/ephyrad.sock",
        help="Path of the unix socket. Who may open it may migrate, hold and release nodes.",
    ),
    cfg.StrOpt(
        "socket_group",
        help="Group whose members may use the socket (mode 0660) besides the user that ephyrad"
        " runs as. Without it only that user may (mode 0600). Members also need the right to"
        " enter the directory of the socket.",
    ),
    cfg.ListOpt(
        "socket_names",
        default=[],
        help="Names of hosts by which browsers reach a proxy that opens the socket, as it passes"
        " them on in Host. Over the socket, no other name with a dot is answered for: a site could"
        " give its own one this machine's address.",
    ),
    *TCP_OPTIONS,
]


def api_settings(conf: cfg.ConfigOpts) -> ApiSettings:
    """Return where the API is served and for whom.

    :raises ConfigurationError: the path cannot be a socket's, or the group does not exist.
    """
    path = absolute(conf, GROUP.name, "socket")
    if len(str(path).encode()) > LONGEST_SOCKET_PATH:
        raise ConfigurationError(
            f"{place_of(conf, GROUP.name, 'socket')} = {path}: a socket's path may have"
            f" {LONGEST_SOCKET_PATH} bytes at most; name a shorter one"
        )
    group = conf.api.socket_group
    try:
        gid = grp.getgrnam(group).gr_gid if group else None
    except KeyError:
        raise ConfigurationError(
            f"{place_of(conf, GROUP.name, 'socket_group')} = {group}: there is no such group; make"
            " it or name another"
        ) from None
    names = frozenset(name.lower() for name in conf.api.socket_names)
    return ApiSettings(socket=path, group=gid, names=names, tcp=tcp_settings(conf))

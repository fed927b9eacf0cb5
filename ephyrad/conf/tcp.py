# SPDX-License-Identifier: Apache-2.0
"""The options of `[api]` for TCP: where, with which certificate, and for whom."""

from oslo_config import cfg

from ephyrad.api.http_basic import UserFileError, read_users
from ephyrad.api.policies import ROLES
from ephyrad.api.settings import HttpBasicSettings, TcpSettings
from ephyrad.api.tls import CertificateError, tls_context
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.paths import absolute
from ephyrad.conf.place import place_of

KEYSTONE, HTTP_BASIC = "keystone", "http_basic"

_GROUP = "api"

OPTIONS = [
    cfg.HostAddressOpt(
        "bind_host",
        help="Address on which the API is served over TCP too, with TLS; 0.0.0.0 or :: are all of"
        " this machine. Without it there is the socket alone. It needs cert_file, key_file and"
        " auth_strategy.",
    ),
    cfg.PortOpt("bind_port", default=6390, help="Port of TCP on which the API is served."),
    cfg.StrOpt(
        "cert_file",
        help="PEM file with the certificate, followed by those between it and its CA. Read again on"
        " SIGHUP.",
    ),
    cfg.StrOpt(
        "key_file",
        help="PEM file with the certificate's key, without a password. Others than its owner and"
        " group must have no right to it. Read again on SIGHUP.",
    ),
    cfg.StrOpt(
        "auth_strategy",
        choices=[
            (KEYSTONE, "by a token of the Keystone that [keystone_authtoken] names"),
            (HTTP_BASIC, "by name and password, in the file http_basic_auth_user_file"),
        ],
        help="How somebody shows over TCP who they are. What they may do then is the policy's to"
        " say.",
    ),
    cfg.StrOpt(
        "http_basic_auth_user_file",
        default="/etc/ephyrad/htpasswd",
        help="File with users and bcrypt hashes, as `htpasswd -B` makes it, for auth_strategy ="
        " http_basic. Read again at each request. Others than its owner and group must have no"
        " right to it.",
    ),
    cfg.DictOpt(
        "http_basic_roles",
        default={},
        help="The role of each user of that file, reader, operator or admin, as in"
        " ann:operator,bob:admin. Who has none may do nothing. Read again on SIGHUP.",
    ),
    cfg.BoolOpt(
        "metrics_public",
        default=False,
        help="Let anybody read GET /metrics over TCP. They name no node and no person, but tell how"
        " the work goes.",
    ),
]


def tcp_settings(conf: cfg.ConfigOpts) -> TcpSettings | None:
    """Return how the API is served over TCP, None where it is not.

    :raises ConfigurationError: something that it needs is missing, or cannot be used.
    """
    options = conf[_GROUP]
    if not options.bind_host:
        return None
    for name in ("cert_file", "key_file", "auth_strategy"):
        if not options[name]:
            raise ConfigurationError(
                f"{place_of(conf, _GROUP, 'bind_host')} = {options.bind_host} needs [api] {name}:"
                " without TLS and a user nobody is served over TCP; set it, or remove bind_host"
            )
    cert_file, key_file = (absolute(conf, _GROUP, name) for name in ("cert_file", "key_file"))
    try:
        tls_context(cert_file, key_file)
    except CertificateError as error:
        raise ConfigurationError(f"{place_of(conf, _GROUP, 'cert_file')}: {error}") from error
    return TcpSettings(
        host=str(options.bind_host),
        port=options.bind_port,
        cert_file=cert_file,
        key_file=key_file,
        http_basic=_http_basic(conf) if options.auth_strategy == HTTP_BASIC else None,
        metrics_public=options.metrics_public,
    )


def _http_basic(conf: cfg.ConfigOpts) -> HttpBasicSettings:
    path = absolute(conf, _GROUP, "http_basic_auth_user_file")
    try:
        read_users(path)
    except UserFileError as error:
        place = place_of(conf, _GROUP, "http_basic_auth_user_file")
        raise ConfigurationError(f"{place}: {error}") from error
    roles = conf[_GROUP].http_basic_roles
    for user, role in roles.items():
        if role not in ROLES:
            raise ConfigurationError(
                f"{place_of(conf, _GROUP, 'http_basic_roles')}: {user}:{role} is no role; there are"
                f" {', '.join(ROLES[:-1])} and {ROLES[-1]}"
            )
    return HttpBasicSettings(path, dict(roles))

# SPDX-License-Identifier: Apache-2.0
"""The options of `[keystone_authtoken]`: how a token of the new cloud's Keystone is examined."""

from collections.abc import Callable
from typing import Any

from keystoneauth1.exceptions import auth_plugins
from keystonemiddleware import auth_token
from oslo_config import cfg

from ephyrad.clouds.user import SERVICE_TYPE
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.place import place_of

GROUP = "keystone_authtoken"


def token_middleware(conf: cfg.ConfigOpts) -> Callable[[Any], Any]:
    """Return what puts keystonemiddleware's auth_token before an application.

    :raises ConfigurationError: its options cannot work.
    """
    for group, options in auth_token.list_opts():
        conf.register_opts(options, group=group)
    # Unless asked for it, a token that was revoked is not believed five minutes longer.
    conf.set_default("token_cache_time", -1, group=GROUP)
    conf.set_default("service_type", SERVICE_TYPE, group=GROUP)
    for name in ("www_authenticate_uri", "auth_type"):
        if not conf[GROUP][name]:
            raise ConfigurationError(
                f"{place_of(conf, GROUP, name)} is missing: [api] auth_strategy = keystone needs"
                " it, and a user of the new cloud who may examine tokens; set it"
            )

    def before(app: Any) -> Any:
        try:
            return auth_token.AuthProtocol(app, {"oslo_config_config": conf})
        except (auth_plugins.AuthPluginException, cfg.Error) as error:
            words = " ".join(str(error).split())
            raise ConfigurationError(
                f"{place_of(conf, GROUP, 'auth_type')} = {conf[GROUP].auth_type}: {words}; correct"
                " the options of the user who examines tokens"
            ) from error

    return before

# SPDX-License-Identifier: Apache-2.0
"""Where the credentials of a cloud come from: clouds.yaml, or the options of keystoneauth.

A cloud may need two tokens: one for Ironic, which may have to be system-scoped, and one for Nova,
placement and Glance, which must be project-scoped (see :class:`CloudSettings`). The first comes
from `[old_cloud]`, the second from its `project_cloud` or from `[old_cloud_project]`.
"""

from dataclasses import dataclass
from typing import Any

from keystoneauth1 import loading
from keystoneauth1.exceptions.auth_plugins import (
    AuthPluginException,
    MissingRequiredOptions,
    NoMatchingPlugin,
)
from oslo_config import cfg

from ephyrad.clouds.settings import CloudSettings
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.place import place_of
from ephyrad.conf.values import value
from ephyrad.migration.facts import CloudName

# Those that the sample file shows; every other plugin of keystoneauth works too.
SHOWN_PLUGINS = ("password", "v3applicationcredential")

_READ_TIMEOUT = CloudSettings(CloudName.OLD, cloud="any").read_timeout

PLUGIN_OPTIONS = frozenset(
    option.dest for name in SHOWN_PLUGINS for option in loading.get_auth_plugin_conf_options(name)
)


@dataclass(frozen=True, slots=True)
class Source:
    """A name in clouds.yaml, or a keystoneauth session, or neither."""

    cloud: str | None = None
    session: Any = None


def project_group(cloud: CloudName) -> cfg.OptGroup:
    """Return the group of a cloud's project-scoped credentials."""
    return cfg.OptGroup(
        f"{cloud}_cloud_project",
        title=f"The {cloud} cloud: project-scoped credentials for Nova, placement and Glance",
    )


def source_options(cloud: CloudName) -> list[cfg.Opt]:
    """Return the options of a cloud's group that say where its credentials come from."""
    return [
        cfg.StrOpt(
            "cloud",
            help="Name of the cloud in clouds.yaml. Either this, or auth_type and the options of"
            " its plugin. Ironic of newer releases shows all nodes to a system-scoped token only"
            " (system_scope: all).",
        ),
        cfg.StrOpt(
            "project_cloud",
            help="Name in clouds.yaml of the project-scoped credentials for Nova, placement and"
            " Glance, where those for Ironic are system-scoped. Either this, or auth_type and the"
            f" options of its plugin in [{project_group(cloud).name}]. With neither, the"
            " credentials for Ironic serve for all.",
        ),
        *loading.get_auth_common_conf_options(),
    ]


def project_options() -> list[cfg.Opt]:
    """Return the options of a cloud's second group, without those of an auth plugin."""
    return list(loading.get_auth_common_conf_options())


def endpoint_options() -> list[cfg.Opt]:
    """Return keystoneauth's options of sessions, and of adapters those that suit many services."""
    timeout = cfg.FloatOpt(
        "timeout",
        default=_READ_TIMEOUT,
        min=1,
        max=3600,
        help="Seconds to wait for each part of an answer of the cloud.",
    )
    session = [opt for opt in loading.get_session_conf_options() if opt.name != "timeout"]
    # The generator needs a help that says what True does.
    insecure = cfg.BoolOpt(
        "insecure", default=False, help="Do not verify the certificates of the cloud's services."
    )
    session = [insecure if opt.name == "insecure" else opt for opt in session]
    endpoints = [
        cfg.StrOpt("region-name", help="Region of the cloud's services in the service catalogue."),
        cfg.ListOpt(
            "valid-interfaces",
            help="Interfaces of the endpoints to use, preferred first: internal, public, admin.",
        ),
    ]
    return [timeout, *session, *endpoints]


def shown_plugin_options() -> list[cfg.Opt]:
    """Return the options of the usual auth plugins, each once, for the sample file."""
    found: dict[str, cfg.Opt] = {}
    for plugin in SHOWN_PLUGINS:
        for option in loading.get_auth_plugin_conf_options(plugin):
            found.setdefault(option.dest, option)
    return [found[name] for name in sorted(found)]


def old_names(conf: cfg.ConfigOpts, group: str) -> set[str]:
    """Return the deprecated names that the auth plugin of a group accepts too."""
    name = conf[group].auth_type if "auth_type" in conf[group] else None
    options = loading.get_auth_plugin_conf_options(name) if name else []
    return {
        old.name.replace("-", "_")
        for option in options
        for old in option.deprecated_opts
        if old.name
    }


def sources(conf: cfg.ConfigOpts, cloud: CloudName) -> tuple[Source, Source]:
    """Return where the token for Ironic comes from, and the one for the other services.

    :raises ConfigurationError: credentials are missing, given twice or not whole.
    """
    group, second = f"{cloud}_cloud", project_group(cloud).name
    main = _source(conf, conf[group].cloud, "cloud", group, group)
    if main == Source():
        raise ConfigurationError(
            f"{place_of(conf, group)}: neither cloud (a name in clouds.yaml) nor auth_type is set;"
            " set one of them"
        )
    return main, _source(conf, conf[group].project_cloud, "project_cloud", group, second)


def _source(
    conf: cfg.ConfigOpts, named: str | None, option: str, group: str, auth_group: str
) -> Source:
    plugin = _plugin_of(conf, auth_group)
    if named and plugin:
        where = "auth_type" if auth_group == group else f"auth_type of [{auth_group}]"
        raise ConfigurationError(
            f"{place_of(conf, group, option)}: both {option} and {where} are set; keep one of them"
        )
    if plugin:
        return Source(session=_session(conf, group, auth_group))
    return Source(cloud=named or None)


def _plugin_of(conf: cfg.ConfigOpts, group: str) -> str | None:
    section = conf[group].auth_section
    if section and section != group:
        conf.register_opts(loading.get_auth_common_conf_options(), group=section)
    name: str | None = conf[section or group].auth_type
    return name


def _session(conf: cfg.ConfigOpts, group: str, auth_group: str) -> Any:
    section = conf[auth_group].auth_section or auth_group
    name = conf[section].auth_type
    try:
        for option in loading.get_auth_plugin_conf_options(name):
            conf.register_opt(option, group=section)
            value(conf, section, option.dest)
        auth = loading.load_auth_from_conf_options(conf, auth_group)
        return loading.load_session_from_conf_options(conf, group, auth=auth)
    except NoMatchingPlugin as error:
        raise ConfigurationError(
            f"{place_of(conf, section, 'auth_type')} = {name}: keystoneauth has no such plugin;"
            " name another, for example password"
        ) from error
    except MissingRequiredOptions as error:
        names = ", ".join(option.dest for option in error.options)
        raise ConfigurationError(
            f"{place_of(conf, section)}: auth_type {name} needs {names}; set it"
        ) from error
    except AuthPluginException as error:
        text = " ".join(str(error).split())
        raise ConfigurationError(f"{place_of(conf, section)}: {text}") from error

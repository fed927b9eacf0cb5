# SPDX-License-Identifier: Apache-2.0
"""Every option of ephyrad's own, for the process and for oslo-config-generator."""

from oslo_config import cfg

from ephyrad.conf import (
    api,
    cloud,
    credentials,
    default,
    environment,
    journal,
    migration,
    notifications,
    reclaim,
    reclaim_amqp,
)
from ephyrad.migration.facts import CloudName


def groups() -> list[tuple[cfg.OptGroup, list[cfg.Opt]]]:
    """Return each group with its options, without those of auth plugins."""
    modules = (
        *(default, migration, environment, journal, api, reclaim, reclaim_amqp),
        notifications,
    )
    found = [(module.GROUP, list(module.OPTIONS)) for module in modules]
    for name in CloudName:
        found.append((cloud.group(name), cloud.options(name)))
        found.append((credentials.project_group(name), credentials.project_options()))
    return found


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known to `conf`."""
    for group, options in groups():
        if group.name == "DEFAULT":
            conf.register_opts(options)
        else:
            conf.register_group(group)
            conf.register_opts(options, group=group)


def list_opts() -> list[tuple[cfg.OptGroup | None, list[cfg.Opt]]]:
    """Return what the sample file shows: the options of the usual auth plugins with the others."""
    shown: list[tuple[cfg.OptGroup | None, list[cfg.Opt]]] = []
    for group, options in groups():
        is_cloud = group.name.startswith(("old_", "new_"))
        plugins = credentials.shown_plugin_options() if is_cloud else []
        shown.append((None if group.name == "DEFAULT" else group, [*options, *plugins]))
    return shown

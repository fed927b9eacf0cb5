# SPDX-License-Identifier: Apache-2.0
"""Find what oslo.config lets pass: values that don't fit, and names that nobody reads."""

import difflib
from collections.abc import Iterable
from pathlib import Path

from oslo_config import cfg

from ephyrad.conf import credentials, opts, place
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.values import value


def check_values(conf: cfg.ConfigOpts) -> None:
    """Read each option of ours, and each of `[DEFAULT]`, once.

    :raises ConfigurationError: a value does not fit its option.
    """
    for name in conf:
        if not isinstance(value(conf, "DEFAULT", name), cfg.ConfigOpts.GroupAttr):
            continue
        if name in {group.name for group, _ in opts.groups()}:
            for option in conf[name]:
                value(conf, name, option)


def check_names(conf: cfg.ConfigOpts) -> None:
    """Look for options and groups that nobody reads; call it once all options are registered.

    :raises ConfigurationError: a name in one of the files is unknown.
    """
    ours = {group.name for group, _ in opts.groups()}
    for path in place.files(conf):
        for section, names in place.sections(path).items():
            if section == "DEFAULT":
                _check_options(path, section, names, set(conf), strict=False)
            elif section in ours:
                known = {*conf[section], *credentials.old_names(conf, section)}
                _check_options(path, section, names, known, strict=True)
            elif near := difflib.get_close_matches(section, ours, n=1, cutoff=0.8):
                raise ConfigurationError(
                    f"{path}: [{section}] is no group of options; did you mean [{near[0]}]?"
                )


def _check_options(
    path: Path, section: str, names: Iterable[str], known: set[str], *, strict: bool
) -> None:
    """Libraries put options into [DEFAULT], some only when first used: there, only near misses."""
    for name in (name.replace("-", "_") for name in names):
        where = f"{path}: [{section}] {name}"
        if name in known:
            continue
        if "auth_type" in known and name in credentials.PLUGIN_OPTIONS:
            raise ConfigurationError(f"{where} goes with another auth_type; remove it, or set that")
        near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.7 if strict else 0.8)
        if near:
            raise ConfigurationError(f"{where} is no option; did you mean {near[0]}?")
        if strict:
            raise ConfigurationError(f"{where} is no option; remove it, or see the sample file")

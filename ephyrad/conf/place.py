# SPDX-License-Identifier: Apache-2.0
"""Where an option stands, as an operator finds it: the file, the group, the option."""

import os
from pathlib import Path

from oslo_config import cfg

Sections = dict[str, dict[str, list[str]]]


def files(conf: cfg.ConfigOpts) -> list[Path]:
    """Return the configuration files in the order they are read: later ones win."""
    named = [Path(name).expanduser().absolute() for name in conf.config_file or ()]
    directories = [Path(name).expanduser().absolute() for name in conf.config_dir or ()]
    return [*named, *(path for below in directories for path in sorted(below.glob("*.conf")))]


def sections(path: Path) -> Sections:
    """Return what stands in a file: for each section and option its values as text."""
    found: Sections = {}
    cfg.ConfigParser(str(path), found).parse()
    return found


def place_of(conf: cfg.ConfigOpts, group: str, option: str | None = None) -> str:
    """Return "FILE: [GROUP] OPTION" for the file that sets the option, or where it could be set.

    For an option that the environment sets (OS_GROUP__OPTION, which wins over files), the name of
    the variable stands in the file's place.
    """
    return f"{_where(conf, group, option)}: [{group}]{f' {option}' if option else ''}"


def _where(conf: cfg.ConfigOpts, group: str, option: str | None) -> str:
    variable = f"OS_{group}__{option}".upper()
    if option and variable in os.environ:
        return f"environment variable {variable}"
    known = files(conf)
    for path in reversed(known):
        if option in sections(path).get(group, {}):
            return str(path)
    return str(known[0]) if known else "the configuration (no file was found)"

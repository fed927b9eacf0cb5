# SPDX-License-Identifier: Apache-2.0
"""Options that name files and directories."""

from pathlib import Path

from oslo_config import cfg

from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.place import place_of


def absolute(conf: cfg.ConfigOpts, group: str, option: str) -> Path:
    """Return the path that an option names.

    :raises ConfigurationError: it is not absolute; the daemon does not run where it was started.
    """
    values = conf if group == "DEFAULT" else conf[group]
    path = Path(values[option]).expanduser()
    if not path.is_absolute():
        raise ConfigurationError(
            f"{place_of(conf, group, option)} = {path}: the path must begin with /"
        )
    return path


def readable(conf: cfg.ConfigOpts, group: str, option: str) -> Path | None:
    """Return the path of the file that an option names, None where it names none.

    :raises ConfigurationError: the path is not absolute, or the file cannot be read.
    """
    if not conf[group][option]:
        return None
    path = absolute(conf, group, option)
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise ConfigurationError(
            f"{place_of(conf, group, option)} = {path}: {error.strerror}; correct the path or make"
            " it readable for the user that ephyrad runs as"
        ) from error

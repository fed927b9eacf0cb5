# SPDX-License-Identifier: Apache-2.0
"""Read one option, and say in one line what is wrong with its value."""

from typing import Any

from oslo_config import cfg

from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.place import place_of


def value(conf: cfg.ConfigOpts, group: str, option: str) -> Any:
    """Return the value of an option.

    :raises ConfigurationError: it does not fit the option.
    """
    values = conf if group == "DEFAULT" else conf[group]
    try:
        return values[option]
    except cfg.ConfigSourceValueError as error:
        # oslo.config puts its own words, with the place as code, before the cause.
        cause = str(error.__context__ or error).rstrip(".")
    except (cfg.NoSuchOptError, cfg.TemplateSubstitutionError):
        # The value may be a password: it is not repeated.
        cause = "what follows a dollar sign names an option; a dollar sign itself is written $$"
    raise ConfigurationError(f"{place_of(conf, group, option)} is not valid: {cause}")

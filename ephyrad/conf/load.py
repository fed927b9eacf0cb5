# SPDX-License-Identifier: Apache-2.0
"""Read the configuration: at start, and again on SIGHUP."""

from collections.abc import Sequence

from oslo_config import cfg
from oslo_log import log

import ephyrad
from ephyrad.conf import check, opts
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.settings import Settings, build, renewed


def load(
    argv: Sequence[str], conf: cfg.ConfigOpts | None = None
) -> tuple[cfg.ConfigOpts, Settings]:
    """Read the command line (without the program's name), the files and the environment.

    `conf` is an instance of the caller's that was not called yet; the global one is left alone.
    It also gets the options of oslo.log.

    :raises ConfigurationError: the configuration cannot work.
    :raises SystemExit: --help, --version, or a command line that cannot be read (status 2).
    """
    conf = cfg.ConfigOpts() if conf is None else conf
    opts.register(conf)
    log.register_options(conf)
    try:
        conf(list(argv), project="ephyrad", prog="ephyrad", version=ephyrad.__version__)
    except SystemExit as error:
        # For a wrong value in a file of an option that the command line has too, oslo.config
        # writes a line that does not say where, and ends the program.
        if error.code != 1:
            raise
        raise ConfigurationError(
            "the option in the line above has a wrong value: correct it in the configuration file"
        ) from error
    except cfg.ConfigFileParseError as error:
        raise ConfigurationError(_unparsed(error)) from error
    except cfg.ConfigFilesNotFoundError as error:
        files = ", ".join(error.config_files)
        raise ConfigurationError(
            f"configuration file {files}: there is none: write it, or name another with"
            " --config-file"
        ) from error
    except cfg.ConfigFilesPermissionDeniedError as error:
        files = ", ".join(error.config_files)
        raise ConfigurationError(
            f"configuration file {files}: it may not be read: let ephyrad's group read it, or run"
            " this as root"
        ) from error
    except cfg.Error as error:
        raise ConfigurationError(" ".join(str(error).split())) from error
    if not conf.config_file and not conf.config_dir:
        raise ConfigurationError(
            "no configuration file: write /etc/ephyrad/ephyrad.conf (there is a sample file), or"
            " name one with --config-file"
        )
    check.check_values(conf)
    settings = build(conf)
    check.check_names(conf)
    return conf, settings


def reread(argv: Sequence[str], conf: cfg.ConfigOpts, settings: Settings) -> Settings:
    """Read everything again and return `settings` with what may change while the process runs.

    oslo.log's own options that may change do so too; it warns of the others that changed.

    :raises ConfigurationError: the configuration cannot work; nothing was changed.
    """
    _, fresh = load(argv)
    conf.mutate_config_files()
    return renewed(settings, fresh)


def _unparsed(error: cfg.ConfigFileParseError) -> str:
    """Name file and line; the line's text may hold a password."""
    parsing = error.__context__
    if isinstance(parsing, cfg.ParseError):
        return f"{error.config_file}:{parsing.lineno}: {parsing.msg}; correct that line"
    return f"{error.config_file} cannot be read: {error.msg}"

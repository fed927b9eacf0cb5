# SPDX-License-Identifier: Apache-2.0
"""Read the configuration: at start, and again on SIGHUP."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

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
    except UnicodeDecodeError:
        # It has the whole file in it, with the passwords.
        raise ConfigurationError(_undecoded(_named(argv))) from None
    except OSError as error:
        raise ConfigurationError(
            f"configuration file {error.filename}: {error.strerror}: write it, or name another with"
            " --config-file"
        ) from error
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
    with logging_as_told():
        conf.mutate_config_files()
    return renewed(settings, fresh)


@contextmanager
def logging_as_told() -> Iterator[None]:
    """Turn what oslo.log refuses of its options into :class:`ConfigurationError`."""
    try:
        yield
    except log.LogConfigError as error:
        raise ConfigurationError(
            f"log_config_append = {error.log_config}: it cannot be used ({error.err_msg}); correct"
            " that file, or the path"
        ) from error


def _named(argv: Sequence[str]) -> list[Path]:
    """Return the configuration files that are read; oslo.config tells none where one is wrong."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--config-file", action="append", type=Path)
    parser.add_argument("--config-dir", action="append", type=Path)
    given, _ = parser.parse_known_args(list(argv))
    files = given.config_file or [Path(name) for name in cfg.find_config_files("ephyrad")]
    below = given.config_dir or [Path(name) for name in cfg.find_config_dirs("ephyrad")]
    return [*files, *(path for directory in below for path in sorted(directory.glob("*.conf")))]


def _undecoded(files: Sequence[Path]) -> str:
    """Name file and line of what is not UTF-8; the line's text may hold a password."""
    for path in files:
        try:
            path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            return f"{path}:{line}: this is not UTF-8; save the file as UTF-8"
        except OSError:
            continue
    return "a configuration file is not UTF-8; save it as UTF-8"


def _unparsed(error: cfg.ConfigFileParseError) -> str:
    """Name file and line; the line's text may hold a password."""
    parsing = error.__context__
    if isinstance(parsing, cfg.ParseError):
        return f"{error.config_file}:{parsing.lineno}: {parsing.msg}; correct that line"
    return f"{error.config_file} cannot be read: {error.msg}"

# SPDX-License-Identifier: Apache-2.0
"""What all commands have in common: the daemon to ask, and a start that costs little."""

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint
from typing import Any, NoReturn

from cliff.command import Command
from cliff.formatters.base import Formatter
from cliff.formatters.commaseparated import CSVLister
from cliff.formatters.json_format import JSONFormatter
from cliff.formatters.shell import ShellFormatter
from cliff.formatters.table import TableFormatter
from cliff.formatters.value import ValueFormatter
from cliff.formatters.yaml_format import YAMLFormatter
from cliff.lister import Lister
from cliff.show import ShowOne
from stevedore.extension import Extension, ExtensionManager

from ephyrad.cli.daemon import Daemon
from ephyrad.cli.errors import ExitStatus

_FORMATTERS: dict[str, type[Formatter]] = {
    "json": JSONFormatter,
    "table": TableFormatter,
    "value": ValueFormatter,
    "yaml": YAMLFormatter,
}


class Plain(Command):
    """A command that starts quickly and says in one line what is wrong with its arguments."""

    log = logging.getLogger(__name__)

    # Without `cmd_name` cliff does not look for hooks of other packages among all entry points.
    def __init__(self, app: Any, app_args: argparse.Namespace | None) -> None:
        super().__init__(app, app_args)

    def get_epilog(self) -> str:
        """Return none; cliff would read the metadata of every package."""
        return ""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.error = lambda message: refuse(prog_name, message)  # type: ignore[method-assign]
        return parser


class AskDaemon(Plain):
    """A command that asks the daemon.

    The application that runs it has the daemon as its attribute `daemon`; for `openstack`, the
    plugin makes it (:mod:`ephyrad.osc.plugin`).
    """

    @property
    def daemon(self) -> Daemon:
        app: Any = self.app
        found: Daemon = app.daemon if hasattr(app, "daemon") else app.client_manager.ephyra
        return found


class Tabular(AskDaemon):
    """Shows columns; `columns` are all that it may have."""

    columns: Sequence[str] = ()

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        self._prog_name = prog_name
        return super().get_parser(prog_name)

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Refuse other columns before anything is done; cliff complains of them afterwards."""
        named = (*parsed_args.columns, *getattr(parsed_args, "sort_columns", ()))
        for name in named:
            if name not in self.columns:
                known = ", ".join(self.columns)
                refuse(self._prog_name, f"there is no column {name!r}: name one of {known}")
        return super().run(parsed_args)


class Show(Tabular, ShowOne):
    """Shows the fields of one thing."""

    def _load_formatter_plugins(self) -> ExtensionManager[Any]:
        return _extensions({**_FORMATTERS, "shell": ShellFormatter})


class List(Tabular, Lister):
    """Shows a list of things."""

    def _load_formatter_plugins(self) -> ExtensionManager[Any]:
        return _extensions({**_FORMATTERS, "csv": CSVLister})


def _extensions(formatters: Mapping[str, type[Formatter]]) -> ExtensionManager[Any]:
    """Return cliff's formatters as cliff wants them, without reading every package's metadata."""
    found = []
    for name, formatter in formatters.items():
        entry_point = EntryPoint(name, f"{formatter.__module__}:{formatter.__name__}", "ephyra")
        found.append(Extension(name, entry_point, formatter, formatter()))
    return ExtensionManager.make_test_instance(found)


def refuse(prog_name: str, message: str) -> NoReturn:
    """End the program: its command line cannot be understood."""
    print(f"{prog_name}: {message}; see `{prog_name} --help`", file=sys.stderr)
    sys.exit(ExitStatus.USAGE)

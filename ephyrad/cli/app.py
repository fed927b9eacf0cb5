# SPDX-License-Identifier: Apache-2.0
"""The program `ephyra`: its options, its commands, its exit status."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint
from typing import Any

from cliff.app import App
from cliff.command import Command
from cliff.commandmanager import CommandManager

import ephyrad
from ephyrad.cli.command import refuse
from ephyrad.cli.daemon import Daemon
from ephyrad.cli.errors import CommandError
from ephyrad.cli.far import add_options, find_line

# A table rather than entry points: reading those costs more than all the rest.
COMMANDS = {
    "backup": "ephyrad.cli.backup:Backup",
    "environment diff": "ephyrad.cli.environment:Diff",
    "environment plan": "ephyrad.cli.environment:Plan",
    "environment status": "ephyrad.cli.environment:Status",
    "environment sync": "ephyrad.cli.environment:Sync",
    "hold": "ephyrad.cli.steer:Hold",
    "key abandon": "ephyrad.cli.key:AbandonKey",
    "key rotate": "ephyrad.cli.key:RotateKey",
    "migrate": "ephyrad.cli.migrate:Migrate",
    "node abort": "ephyrad.cli.steer:Abort",
    "node history": "ephyrad.cli.node:ShowHistory",
    "node list": "ephyrad.cli.node:ListNodes",
    "node return": "ephyrad.cli.migrate:Return",
    "node strays": "ephyrad.cli.node:ListStrays",
    "node show": "ephyrad.cli.node:ShowNode",
    "preflight": "ephyrad.cli.preflight:Preflight",
    "queue delete": "ephyrad.cli.queue:DeleteQueues",
    "reclaim list": "ephyrad.cli.reclaim:ListReclaims",
    "release": "ephyrad.cli.steer:Release",
    "report": "ephyrad.cli.report:Report",
    "restore": "ephyrad.cli.backup:Restore",
    "rollout apply": "ephyrad.cli.rollout:Apply",
    "rollout approve": "ephyrad.cli.rollout:Approve",
    "rollout history": "ephyrad.cli.rollout:ShowHistory",
    "rollout list": "ephyrad.cli.rollout:ListRollouts",
    "rollout pause": "ephyrad.cli.rollout:Pause",
    "rollout plan": "ephyrad.cli.rollout:Plan",
    "rollout resume": "ephyrad.cli.rollout:Resume",
    "rollout reverse": "ephyrad.cli.rollout:Reverse",
    "rollout show": "ephyrad.cli.rollout:ShowRollout",
    "rollout start": "ephyrad.cli.rollout:Start",
    "rollout stop": "ephyrad.cli.rollout:Stop",
    "status": "ephyrad.cli.status:Status",
}

LOCAL = frozenset({"backup", "key abandon", "queue delete", "restore"})
"""Commands that ask no daemon, but work on this machine's files. `openstack` does not have them."""


class Ephyra(App):
    """Talks to ephyrad, which carries bare-metal nodes from an old cloud to a new one."""

    NAME = "ephyra"
    CONSOLE_MESSAGE_FORMAT = "ephyra: %(message)s"

    def __init__(self) -> None:
        commands = CommandManager()
        for name, place in COMMANDS.items():
            commands.commands[name] = EntryPoint(name, place, "ephyra.commands")
        super().__init__(self.__doc__, ephyrad.__version__, commands)
        self._failed: BaseException | None = None

    @property
    def daemon(self) -> Daemon:
        """The daemon that the command line, the environment or the configuration names."""
        return Daemon(find_line(self.options, os.environ))

    def build_option_parser(
        self,
        description: str | None,
        version: str | None,
        argparse_kwargs: dict[str, Any] | None = None,
    ) -> argparse.ArgumentParser:
        parser = super().build_option_parser(description, version, argparse_kwargs)
        add_options(parser)
        parser.error = lambda message: refuse(self.NAME, message)  # type: ignore[method-assign]
        return parser

    def run(self, argv: list[str]) -> int:
        """Return the exit status, see :class:`ExitStatus`."""
        status = super().run(argv)
        if isinstance(self._failed, CommandError):
            return self._failed.status
        return status

    def run_subcommand(self, argv: list[str]) -> int:
        try:
            self.command_manager.find_command(argv)
        except ValueError:
            refuse(self.NAME, f"there is no command {' '.join(argv)!r}")
        return super().run_subcommand(argv)

    def clean_up(self, cmd: Command, result: int, err: BaseException | None) -> None:
        self._failed = err

    def interact(self) -> None:
        refuse(self.NAME, "a command is missing")


def main(argv: Sequence[str] | None = None) -> int:
    """Run `ephyra` and return its exit status."""
    return Ephyra().run(list(sys.argv[1:] if argv is None else argv))

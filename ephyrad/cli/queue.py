# SPDX-License-Identifier: Apache-2.0
"""ephyra queue delete: take ephyrad's queues off the brokers when the work is over."""

import argparse
import logging
from collections.abc import Iterable, Sequence
from typing import Any

from ephyrad.cli.columns import YesNo
from ephyrad.cli.command import List
from ephyrad.cli.errors import CommandError, ExitStatus

CLOUDS = ("old", "new")


class DeleteQueues(List):
    """Show ephyrad's queues on the clouds' brokers and, with --yes, delete them.

    Does not ask the daemon, but reads its configuration. Refuses where somebody reads a queue.
    """

    columns = ("cloud", "queue", "messages", "consumers", "deleted")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--yes", action="store_true", help="delete them, with all in them")
        parser.add_argument("--force", action="store_true", help="even where somebody reads them")
        parser.add_argument("--cloud", choices=CLOUDS, help="only those of one cloud")
        for kind in ("file", "dir"):
            parser.add_argument(
                f"--config-{kind}",
                metavar=kind.upper(),
                action="append",
                default=[],
                help="as the daemon's option of that name; may be repeated",
            )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        found = _queues(parsed_args)
        if not found:
            self.log.info("there is no queue of ephyrad's own: nothing to delete")
        elif not parsed_args.yes:
            self.log.info("nothing was deleted; say --yes to delete what is listed")
        return (
            self.columns,
            [
                (cloud, queue.name, queue.messages, queue.consumers, YesNo(parsed_args.yes))
                for cloud, queue in found
            ],
        )


def _queues(wanted: argparse.Namespace) -> Sequence[tuple[str, Any]]:
    """Return the clouds' queues, which are deleted if that is wanted."""
    # It says at INFO, which is what people are to see of this command, which backend it loads.
    logging.getLogger("oslo_service").setLevel(logging.WARNING)
    # Not above: its weight would be felt whenever all commands are loaded, as for --help.
    from ephyrad.cmd.queues import QueuesError, own_queues  # noqa: PLC0415

    arguments = [
        *(f"--config-file={name}" for name in wanted.config_file),
        *(f"--config-dir={name}" for name in wanted.config_dir),
    ]
    try:
        return own_queues(arguments, wanted.cloud, delete=wanted.yes, force=wanted.force)
    except QueuesError as error:
        raise CommandError(ExitStatus.REFUSED, str(error)) from error

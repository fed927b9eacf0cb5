# SPDX-License-Identifier: Apache-2.0
"""ephyra backup and restore: the journal copied into one file, and put back from it."""

import argparse
from pathlib import Path

from ephyrad.cli import moments
from ephyrad.cli.errors import CommandError, ExitStatus
from ephyrad.cli.local import Local, Places, alone, count, places, told
from ephyrad.journal import backup, restore
from ephyrad.journal.backup import Contents
from ephyrad.journal.database import FILE_NAME


class Backup(Local):
    """Copy the journal into one file, whether or not the daemon runs. The keys are not in it.

    Without them the documents in it, with the BMC passwords, cannot be read: keep a copy of the
    key file too, and not beside this one.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("file", metavar="FILE", type=Path, help="the file to be made")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="let it take the place of a former backup of that name",
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        found, target = places(parsed_args), parsed_args.file
        with told():
            contents = backup.write(
                found.state_dir / FILE_NAME, target, replace=parsed_args.replace
            )
        if contents.documents:
            _try(found, target)
        self.log.info(
            "backup %s: %s; without the keys, which are in %s: keep a copy of them elsewhere",
            target,
            _described(contents),
            found.key_file,
        )


class Restore(Local):
    """Put a backup in the place of the journal, which is kept aside. The daemon must be stopped.

    The key file must be there as it was when the backup was made.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("file", metavar="FILE", type=Path, help="a backup")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        found, source = places(parsed_args), parsed_args.file
        with alone(found.state_dir):
            restored = restore.restore(found.state_dir, source, found.keys(), moments.now())
        kept = f"; the former journal is {restored.aside}" if restored.aside else ""
        self.log.info(
            "restored %s: %s%s. Start ephyrad: what was done since is read from the clouds; nodes"
            " asked for since have to be asked for again",
            source,
            _described(restored.contents),
            kept,
        )


def _described(contents: Contents) -> str:
    upto = f", up to {contents.newest:%Y-%m-%d %H:%M:%S}Z" if contents.newest else ""
    return (
        f"{count(contents.nodes, 'node')} ({contents.unfinished} not over),"
        f" {count(contents.documents, 'encrypted document')}{upto}"
    )


def _try(found: Places, target: Path) -> None:
    """See that the backup is worth something: that the keys open its documents.

    :raises CommandError: they do not.
    """
    try:
        with told():
            unreadable = restore.unreadable(target, found.keys())
    except CommandError as error:
        raise CommandError(
            ExitStatus.REFUSED, f"backup {target} was written, but: {error}"
        ) from error
    if unreadable:
        raise CommandError(
            ExitStatus.REFUSED,
            f"backup {target} was written, but {found.key_file} does not open"
            f" {count(len(unreadable), 'document')} in it: put back the key file that does (while"
            " ephyrad runs, `ephyra key rotate` writes it anew)",
        )

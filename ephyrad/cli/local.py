# SPDX-License-Identifier: Apache-2.0
"""Commands that work on the state directory itself, whether or not the daemon runs."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ephyrad.cli.command import Plain
from ephyrad.cli.errors import CommandError, ExitStatus
from ephyrad.cli.socket_path import CONFIGURATION, STATE_DIR, options, resolved
from ephyrad.journal.errors import JournalError, StateInUseError
from ephyrad.journal.lock import FILE_NAME, StateLock
from ephyrad.journal.restore import own
from ephyrad.secrets.errors import SecretsError
from ephyrad.secrets.keys import KeyRing


@dataclass(frozen=True, slots=True)
class Places:
    """The state directory, and the file with the journal's keys."""

    state_dir: Path
    key_file: Path

    def keys(self) -> KeyRing:
        """Read the key file, and make none.

        :raises CommandError: it is not there, or cannot be used.
        """
        if not self.key_file.exists():
            raise CommandError(
                ExitStatus.REFUSED,
                f"key file {self.key_file}: there is none: put back the one that belongs to the"
                " journal, or name it with --key-file",
            )
        with told():
            return KeyRing.open(self.key_file)


class Local(Plain):
    """A command that works on the state directory."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--state-dir",
            metavar="DIR",
            type=Path,
            help=f"the daemon's state directory; without it, what {CONFIGURATION} says",
        )
        parser.add_argument(
            "--key-file",
            metavar="FILE",
            type=Path,
            help=f"the keys of the journal; without it, what {CONFIGURATION} says, or journal.key"
            " in the state directory",
        )
        return parser


def places(parsed_args: argparse.Namespace, configuration: Path = CONFIGURATION) -> Places:
    """Return where things are, by the command line, the configuration, or by default."""
    found = options(configuration)
    state_dir = parsed_args.state_dir or Path(found.get(("DEFAULT", "state_dir"), STATE_DIR))
    key_file = found.get(("journal", "key_file"), "$state_dir/journal.key")
    return Places(state_dir, parsed_args.key_file or Path(resolved(key_file, str(state_dir))))


@contextmanager
def alone(state_dir: Path) -> Iterator[None]:
    """Use the state directory while no daemon does.

    :raises CommandError: one does, or the directory cannot be used.
    """
    if not state_dir.is_dir():
        raise CommandError(
            ExitStatus.REFUSED,
            f"state directory {state_dir}: there is none: make it, for ephyrad's user, or name it"
            " with --state-dir",
        )
    with told(), StateLock(state_dir):
        own(state_dir / FILE_NAME, state_dir)
        yield


@contextmanager
def told() -> Iterator[None]:
    """Turn what the journal and the keys refuse into :class:`CommandError`."""
    try:
        yield
    except StateInUseError as error:
        raise CommandError(
            ExitStatus.REFUSED, f"{error.fact}: this needs it stopped: `systemctl stop ephyrad`"
        ) from error
    except (JournalError, SecretsError) as error:
        root = ", or run this as that user or as root"
        may_not = isinstance(error.__cause__, PermissionError)
        raise CommandError(ExitStatus.REFUSED, f"{error}{root if may_not else ''}") from error


def count(number: int, word: str) -> str:
    """Return "1 node", "2 nodes"."""
    return f"{number} {word}{'' if number == 1 else 's'}"

# SPDX-License-Identifier: Apache-2.0
"""Why a command failed, and the exit status that says so."""

import enum


class ExitStatus(enum.IntEnum):
    """What `ephyra` returns to the shell."""

    DONE = 0
    """What was asked for was done."""
    REFUSED = 1
    """It was refused or could not be done; nothing was changed, or the message says what was."""
    USAGE = 2
    """The command line cannot be understood; nothing was asked of anybody."""
    NO_DAEMON = 3
    """The daemon cannot be reached, or the answer was lost on the way."""


class CommandError(Exception):
    """A command failed: one line that names the thing, the place and the cure."""

    def __init__(self, status: ExitStatus, message: str) -> None:
        self.status = status
        super().__init__(message)

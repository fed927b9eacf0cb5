# SPDX-License-Identifier: Apache-2.0
"""The lock on a state directory: only one ephyrad may use it."""

import fcntl
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from ephyrad.journal.errors import JournalError, StateInUseError

__all__ = ["StateInUseError", "StateLock"]

FILE_NAME = "lock"


class StateLock:
    """Held from `with` to its end, or to the end of the process, however it ends.

    The file stays: the lock is on it, and it says which process holds it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._handle: int | None = None

    def __enter__(self) -> Self:
        """Take the lock; make the directory, with mode 0700, where there is none.

        :raises StateInUseError: another process has it.
        :raises JournalError: the directory cannot be used.
        """
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _examine(self._directory)
            handle = os.open(
                self._directory / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600
            )
        except OSError as error:
            raise JournalError(
                f"state directory {self._directory}: {error.strerror}: let ephyrad's user write it"
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError:
            owner = os.pread(handle, 20, 0).decode(errors="replace").strip()
            os.close(handle)
            raise StateInUseError(
                f"state directory {self._directory}: another ephyrad"
                f" (process {owner or 'unknown'}) uses it"
            ) from None
        except BaseException:
            os.close(handle)
            raise
        self._handle = handle
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _examine(directory: Path) -> None:
    mode = stat.S_IMODE(directory.stat().st_mode)
    if mode & 0o027:
        raise JournalError(
            f"state directory {directory}: others may write it or look into it (mode {mode:04o}):"
            " chmod 0700, or 0750 where a group is to use the command"
        )

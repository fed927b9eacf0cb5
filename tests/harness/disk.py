# SPDX-License-Identifier: Apache-2.0
"""A disk that is full, or fails, below the real SQLite: its writes and syncs end as they are told.

SQLite reaches files through a table of functions that it hands out for replacement (its VFS). Here
the functions that write, read and sync are replaced in this process, so that everything above them
is the real thing, and no compiler, no privilege and no file system of its own is needed.
"""

import _sqlite3
import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

FULL = 13
READ_FAILS = 10 | 1 << 8
WRITE_FAILS = 10 | 3 << 8
SYNC_FAILS = 10 | 4 << 8
"""Results of SQLite: SQLITE_FULL, SQLITE_IOERR_READ, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC."""

_P = ctypes.c_void_p
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, _P, _P, _P, ctypes.c_int, _P)
_MOVE = ctypes.CFUNCTYPE(ctypes.c_int, _P, _P, ctypes.c_int, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, _P, ctypes.c_int)


class _Vfs(ctypes.Structure):
    """The head of a sqlite3_vfs."""

    _fields_ = (
        ("numbers", ctypes.c_int * 3),
        ("next", _P),
        ("name", ctypes.c_char_p),
        ("data", _P),
        ("open", _P),
    )


class _Methods(ctypes.Structure):
    """A sqlite3_io_methods of version 3."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("close", _P),
        ("read", _P),
        ("write", _P),
        ("truncate", _P),
        ("sync", _P),
        ("others", _P * 13),
    )


class Disk:
    """What becomes of the files that are opened below it.

    `writes`, `syncs`, `reads`: the result of SQLite's with which each of them ends; 0, it works.
    """

    def __init__(self) -> None:
        self.writes = self.syncs = self.reads = 0
        self._patched: dict[int, _Methods] = {}
        self.functions: list[Any] = []

    def patch(self, file: int) -> None:
        """Replace the functions of a file that was opened: its first word points at them."""
        place = ctypes.cast(file, ctypes.POINTER(_P))
        theirs = place[0]
        if theirs is None:
            return
        if theirs not in self._patched:
            self._patched[theirs] = self._methods(_Methods.from_address(theirs))
        place[0] = ctypes.addressof(self._patched[theirs])

    def _methods(self, theirs: _Methods) -> _Methods:
        ours = _Methods.from_buffer_copy(theirs)
        for name, kind, result in (
            ("read", _MOVE, lambda: self.reads),
            ("write", _MOVE, lambda: self.writes),
            ("sync", _SYNC, lambda: self.syncs),
        ):
            function = kind(_failing(kind(getattr(theirs, name)), result))
            self.functions.append(function)
            setattr(ours, name, ctypes.cast(function, _P).value)
        return ours


_DISKS: list[Disk] = []
"""For ever: files that were opened below them may be closed much later."""


@contextmanager
def disk() -> Iterator[Disk]:
    """Put a disk below every SQLite file that is opened within."""
    try:
        find = ctypes.CDLL(_sqlite3.__file__).sqlite3_vfs_find
    except (AttributeError, OSError):
        pytest.skip("the functions of this Python's SQLite are hidden")
    find.restype = ctypes.POINTER(_Vfs)
    vfs = find(None).contents
    theirs, below = vfs.open, Disk()
    _DISKS.append(below)
    really = _OPEN(theirs)

    def opened(vfs: int, name: int, file: int, flags: int, got: int) -> int:
        result: int = really(vfs, name, file, flags, got)
        below.patch(file)
        return result

    function = _OPEN(opened)
    below.functions.append(function)
    vfs.open = ctypes.cast(function, _P).value
    try:
        yield below
    finally:
        vfs.open = theirs
        below.writes = below.syncs = below.reads = 0


def _failing(really: Callable[..., int], result: Callable[[], int]) -> Callable[..., int]:
    def function(*arguments: Any) -> int:
        return result() or really(*arguments)

    return function

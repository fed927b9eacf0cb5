# SPDX-License-Identifier: Apache-2.0
"""Only one command at a time changes a lab."""

import contextlib
import fcntl
import os
from collections.abc import Iterator

from tests.lab.errors import LabError
from tests.lab.settings import Settings


@contextlib.contextmanager
def locked(settings: Settings, name: str = "lock") -> Iterator[None]:
    """Holds the lab; the kernel lets it go when this process ends, however it ends. With a `name`
    only others of that name are kept out.

    Raises LabError when another command holds it, or the directory can't be written.
    """
    path = settings.directory / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise LabError(
            f"{settings.directory}: {error.strerror}: set EPHYRA_LAB_DIR to a directory of your own"
        ) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise LabError(
                f"{path}: process {file.read().strip()} uses this lab: wait for it or end it"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield

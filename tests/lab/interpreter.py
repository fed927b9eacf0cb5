# SPDX-License-Identifier: Apache-2.0
"""Which Python the services run on: 3.11, the one that both releases' packages run on."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.lab.errors import LabError
from tests.lab.settings import Settings

WANTED = "3.11"


def find(settings: Settings) -> str:
    """Path of an interpreter.

    Raises LabError when there is none.
    """
    if settings.python:
        if version(settings.python) != WANTED:
            raise LabError(f"EPHYRA_LAB_PYTHON is {settings.python!r}: not a Python {WANTED}")
        return settings.python
    for candidate in candidates(os.environ):
        if version(candidate) == WANTED:
            return candidate
    raise LabError(
        f"no Python {WANTED} in /usr/bin, on PATH or in pyenv: install one and name it in "
        "EPHYRA_LAB_PYTHON"
    )


def candidates(environment: Mapping[str, str]) -> Iterator[str]:
    """The system's own first."""
    yield "/usr/bin/python3"
    yield f"/usr/bin/python{WANTED}"
    home = Path(environment.get("HOME", "/"))
    pyenv = Path(environment.get("PYENV_ROOT") or home / ".pyenv")
    for found in sorted(pyenv.glob(f"versions/{WANTED}.*/bin/python"), reverse=True):
        yield str(found)
    yield f"python{WANTED}"


def version(program: str) -> str | None:
    """Such as "3.11"; None when it is not a Python that runs."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        result = subprocess.run(
            (program, "-c", ask), capture_output=True, text=True, timeout=30, check=False
        )
    except OSError:
        return None
    return result.stdout.strip() if result.returncode == 0 else None

# SPDX-License-Identifier: Apache-2.0
"""Runs those modules of the lab that need openstacksdk, in the venv that has it."""

import subprocess

from tests.lab import environment
from tests.lab.errors import LabError
from tests.lab.settings import Settings


def command(settings: Settings, module: str, *arguments: str) -> tuple[str, ...]:
    return (settings.bin("tools", "python"), "-m", f"tests.lab.{module}", *arguments)


def run(settings: Settings, module: str, *arguments: str) -> int:
    """Runs a module to its end, its output on this terminal; gives its exit status.

    Raises LabError when the lab is not installed.
    """
    variables = environment.services(settings) | environment.MODULES
    try:
        done = subprocess.run(command(settings, module, *arguments), env=variables, check=False)
    except FileNotFoundError:
        raise LabError(
            f"nothing is installed in {settings.venv}: run python3 -m tests.lab up"
        ) from None
    return done.returncode

# SPDX-License-Identifier: Apache-2.0
"""systemd's unit lets the daemon do what it does."""

import shutil
import subprocess

import pytest

from tests.tidy.source import ROOT

UNIT = ROOT / "etc" / "systemd" / "ephyrad.service"


def _filters() -> list[str]:
    lines = UNIT.read_text().splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith("SystemCallFilter=")]


def test_the_socket_may_be_given_to_a_group() -> None:
    """ephyrad.api.server does so by chown, which is among @privileged."""
    filters = _filters()

    denied = next(at for at, each in enumerate(filters) if each.startswith("~@privileged"))
    assert filters.index("@chown") > denied


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_reads_it_so() -> None:
    command = ["systemd-analyze", "security", "--offline=true", str(UNIT)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    if "SystemCallFilter=" not in said:
        pytest.skip("this systemd judges no unit that is not loaded")

    (line,) = [line for line in said.splitlines() if "SystemCallFilter=~@privileged" in line]
    assert "chown is allowed" in line

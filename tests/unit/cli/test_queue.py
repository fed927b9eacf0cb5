# SPDX-License-Identifier: Apache-2.0
"""ephyra queue delete without a broker; tests/functional/bus has the rest."""

import subprocess
import sys
from pathlib import Path

from ephyrad.cli.queue import CLOUDS
from ephyrad.migration.facts import CloudName

PROGRAM = Path(sys.executable).with_name("ephyra")


def test_the_clouds_are_those_there_are() -> None:
    assert set(CLOUDS) == set(CloudName)


def test_a_configuration_that_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [PROGRAM, "queue", "delete", "--yes", f"--config-file={tmp_path / 'none.conf'}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 1
    assert "none.conf" in done.stderr
    assert "Traceback" not in done.stderr

# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from tests.lab.errors import LabError
from tests.lab.preflight import check_shared_memory


def test_shared_memory_that_can_be_written_is_enough(tmp_path: Path) -> None:
    check_shared_memory(tmp_path)


def test_missing_shared_memory_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="none can't be written: mount a tmpfs there"):
        check_shared_memory(tmp_path / "none")

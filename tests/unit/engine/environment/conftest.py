# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.engine.environment.rig import Rig, rig


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Rig]:
    found = rig(tmp_path)
    yield found
    found.journal.close()

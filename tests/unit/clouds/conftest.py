# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest

from tests.unit.clouds.canned import Canned


@pytest.fixture
def server() -> Iterator[Canned]:
    with Canned() as canned:
        yield canned

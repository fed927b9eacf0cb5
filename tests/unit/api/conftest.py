# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from pathlib import Path

import pytest

from ephyrad.api.server import ApiServer
from ephyrad.api.settings import ApiSettings
from tests.fakes.operations import FakeOperations

MAX_BODY = 200_000


@pytest.fixture
def operations() -> FakeOperations:
    return FakeOperations(rack1="0a1b", rack2="0c2d")


@pytest.fixture
def path(tmp_path: Path, operations: FakeOperations) -> Iterator[Path]:
    """The socket of a real server over the fake engine."""
    path = tmp_path / "sock"
    server = ApiServer(ApiSettings(path, max_body=MAX_BODY), operations)
    server.start()
    yield path
    server.stop()

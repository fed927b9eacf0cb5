# SPDX-License-Identifier: Apache-2.0
"""The lab, up as soon as a test asks for it."""

import subprocess
import sys

import pytest
from oslo_service.backend import BackendType, init_backend

from tests.lab.settings import CHECKOUT, Settings, from_environment

# Before anything imports oslo.messaging, which would otherwise select eventlet.
init_backend(BackendType.THREADING)


@pytest.fixture(scope="session")
def lab() -> Settings:
    """The lab's settings, once both clouds are healthy. It is left running for the next run."""
    subprocess.run([sys.executable, "-m", "tests.lab", "up"], cwd=CHECKOUT, check=True)
    return from_environment()

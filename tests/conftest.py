# SPDX-License-Identifier: Apache-2.0
"""What all tests share: how hypothesis works here, and the lab, up when a test asks for it."""

import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, settings
from oslo_service.backend import BackendType, init_backend

from tests.lab.settings import CHECKOUT, Settings, from_environment

# Before anything imports oslo.messaging, which would otherwise select eventlet.
init_backend(BackendType.THREADING)

# No example is too slow for a noisy machine; CI tries the same ones each time.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("house")


@pytest.fixture(scope="session")
def lab() -> Settings:
    """The lab's settings, once both clouds are healthy. It is left running for the next run."""
    subprocess.run([sys.executable, "-m", "tests.lab", "up"], cwd=CHECKOUT, check=True)
    return from_environment()

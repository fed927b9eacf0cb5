# SPDX-License-Identifier: Apache-2.0
"""Processes that work ahead of whoever asks."""

import os
from concurrent.futures.process import BrokenProcessPool

import pytest

from tests.simulation.pool import working_ahead


def test_a_job_whose_process_dies_is_not_waited_for_for_ever() -> None:
    with working_ahead(os._exit, [1, 2]) as ahead, pytest.raises(BrokenProcessPool):
        ahead(1)

# SPDX-License-Identifier: Apache-2.0
"""How many seeds to run, and from which on: `--seeds 10000 --first-seed 500`."""

import pytest

_SEEDS = 120


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("simulation")
    group.addoption("--seeds", type=int, default=_SEEDS, help="how many seeds to simulate")
    group.addoption("--first-seed", type=int, default=0, help="the first seed to simulate")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        # Where pytest is given no path below tests/simulation, it does not know the options.
        count = metafunc.config.getoption("--seeds", default=_SEEDS)
        first = metafunc.config.getoption("--first-seed", default=0)
        metafunc.parametrize("seed", range(first, first + count))

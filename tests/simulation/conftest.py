# SPDX-License-Identifier: Apache-2.0
"""How many seeds to run, and from which on: `--seeds 10000 --first-seed 500`."""

import pytest

from tests.simulation.crashes import SHARES, SLICES
from tests.simulation.tally import Tally

SEEDS = 500
ITEM_SEEDS = 60
"""How many runs of items there are, unless `--seeds` says so."""
ROLLOUT_SEEDS = 40
"""How many rollouts there are, unless `--seeds` says so."""
TALLY = pytest.StashKey[Tally]()
CRASHES = pytest.StashKey[dict[str, int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("simulation")
    group.addoption("--seeds", type=int, help=f"how many seeds to simulate ({SEEDS})")
    group.addoption("--first-seed", type=int, default=0, help="the first seed to simulate")
    group.addoption(
        "--all-pairs",
        action="store_true",
        help=f"crash at all pairs of boundaries, not at one in {SLICES}",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    usually = {"seed": SEEDS, "item_seed": ITEM_SEEDS, "rollout_seed": ROLLOUT_SEEDS}
    for name, usual in usually.items():
        if name in metafunc.fixturenames:
            # Where pytest is given no path below tests/simulation, it does not know the options.
            count = metafunc.config.getoption("--seeds", default=None) or usual
            first = metafunc.config.getoption("--first-seed", default=0)
            metafunc.parametrize(name, range(first, first + count))
    if "part" in metafunc.fixturenames:
        # Another seed is another part of the pairs.
        part = metafunc.config.getoption("--first-seed", default=0) % SLICES
        every = metafunc.config.getoption("--all-pairs", default=False)
        metafunc.parametrize("part", range(SLICES) if every else [part])
    if "share" in metafunc.fixturenames:
        share = metafunc.config.getoption("--first-seed", default=0) % SHARES
        every = metafunc.config.getoption("--all-pairs", default=False)
        metafunc.parametrize("share", range(SHARES) if every else [share])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what the seeds met, and how often ephyrad was killed by the number."""
    crashes = config.stash.get(CRASHES, {})
    if crashes:
        terminalreporter.section("crashes")
        for what, number in crashes.items():
            terminalreporter.line(f"{number:8} {what}")
    tally = config.stash.get(TALLY, None)
    if tally is not None and tally.runs > 1:
        terminalreporter.section("simulation")
        for line in tally.lines():
            terminalreporter.line(line)

# SPDX-License-Identifier: Apache-2.0
"""One seed is one run, bit for bit, in this process and in another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.fleet import Kind
from tests.simulation.plans import SeedFailed, run, run_seed
from tests.simulation.world import Plan

_CHECKOUT = Path(__file__).resolve().parents[2]
_SEEDS = (1, 2, 14, 16, 46)
_DIGESTS = f"""
from tests.simulation.plans import run_seed
for seed in {_SEEDS}:
    print(run_seed(seed).digest)
"""


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_a_seed_gives_the_same_run_in_another_process(hash_seed: str) -> None:
    here = [run_seed(seed).digest for seed in _SEEDS]

    # Nothing may hang on the order of a set of strings.
    there = subprocess.run(
        [sys.executable, "-c", _DIGESTS],
        cwd=_CHECKOUT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert there == here
    assert len(set(here)) == len(_SEEDS)


def test_a_seed_gives_the_same_run_once_more_in_this_process() -> None:
    first, again = run_seed(3), run_seed(3)

    assert first.digest == again.digest
    assert first.boundaries == again.boundaries
    assert first.tally.counts == again.tally.counts


def test_a_seed_that_fails_says_how_to_see_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ephyrad.engine.slots.Slots.claim", lambda self, node: True)

    with pytest.raises(SeedFailed, match="I9 broken") as caught:
        run(Plan(seed=4, kinds=(Kind.IDLE, Kind.IDLE), limit=1))

    command = "./test tests/simulation/test_seeds.py --seeds 1 --first-seed 4"
    assert str(caught.value).endswith(f"to see it again: {command}")

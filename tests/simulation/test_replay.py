# SPDX-License-Identifier: Apache-2.0
"""One seed is one run, bit for bit, in this process and in another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.fleet import Kind
from tests.simulation.plans import SeedFailed, plan_of, run
from tests.simulation.world import Plan

_CHECKOUT = Path(__file__).resolve().parents[2]
_DIGEST = "from tests.simulation.plans import *; print(run(plan_of({seed})).trace.digest())"


@pytest.mark.parametrize("number", [1, 2])
def test_a_seed_gives_the_same_run_in_another_process(number: int) -> None:
    here = run(plan_of(number)).trace.digest()

    # Another hash seed: nothing may hang on the order of a set of strings.
    there = subprocess.run(
        [sys.executable, "-c", _DIGEST.format(seed=number)],
        cwd=_CHECKOUT,
        env={**os.environ, "PYTHONHASHSEED": str(number)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()

    assert there == here
    assert run(plan_of(number)).trace.digest() == here
    assert run(plan_of(number + 1000)).trace.digest() != here


def test_a_seed_that_fails_says_how_to_see_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ephyrad.engine.slots.Slots.claim", lambda self, node: True)

    with pytest.raises(SeedFailed, match="I9 broken") as caught:
        run(Plan(seed=4, kinds=(Kind.IDLE, Kind.IDLE), limit=1))

    assert str(caught.value).endswith("pytest tests/simulation --seeds 1 --first-seed 4")

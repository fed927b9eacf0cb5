# SPDX-License-Identifier: Apache-2.0
"""Whatever the weather, nothing of people's is touched, and in the end each item is carried, or
a problem says why not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ephyrad.environment.problems import Cause
from tests.simulation.conftest import ITEM_SEEDS
from tests.simulation.items.plans import run_seed
from tests.simulation.items.truth import KINDS
from tests.simulation.tally import Tally

_CHECKOUT = Path(__file__).resolve().parents[3]
_SEEDS = (1, 9, 14)
_DIGESTS = f"""
from tests.simulation.items.plans import run_seed
for seed in {_SEEDS}:
    print(run_seed(seed).digest)
"""


@pytest.fixture(scope="module")
def tally() -> Tally:
    return Tally()


def test_a_seed(item_seed: int, tally: Tally) -> None:
    tally.merge(run_seed(item_seed).tally)


def test_the_seeds_met_everything(tally: Tally) -> None:
    if tally.runs < ITEM_SEEDS:
        pytest.skip(f"only {tally.runs} seeds were run, {ITEM_SEEDS} meet everything")

    assert tally.met("fault") >= _FAULTS
    assert tally.met("hold") >= _CAUSES
    around = {f"{when} {what}" for when in ("before", "after") for what in _KILLED_AROUND}
    assert {_without_kind(name) for name in tally.met("killed")} >= around


def test_a_seed_gives_the_same_run_in_another_process() -> None:
    here = [run_seed(seed).digest for seed in _SEEDS]

    there = subprocess.run(
        [sys.executable, "-c", _DIGESTS],
        cwd=_CHECKOUT,
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert there == here
    assert len(set(here)) == len(_SEEDS)


_FAULTS = frozenset(
    """
    lost doubled delayed unreachable unknown reply_lost late refused unreadable slow paused crash
    lagging jump cut
    """.split()
) | {"journal lost"}
_CAUSES = frozenset(Cause) - {Cause.STUCK, Cause.UNFIT, Cause.UNREACHABLE}
_KILLED_AROUND = (
    *("receive", "create", "amend"),
    *(f"append of {kind}" for kind in ("intent", "outcome", "in-step", "trouble")),
)


def _without_kind(boundary: str) -> str:
    """Return "before create" of "before image create"."""
    words = boundary.split()
    return f"{words[0]} {words[2]}" if words[1] in KINDS else boundary

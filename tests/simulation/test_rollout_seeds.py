# SPDX-License-Identifier: Apache-2.0
"""Whatever the weather and its operator's wishes, a rollout keeps what its file says."""

from collections.abc import Callable, Iterator
from typing import cast

import pytest

from tests.simulation.plans import Ran
from tests.simulation.pool import working_ahead
from tests.simulation.rollout_plans import run_rollout_seed

Run = Callable[[int], Ran]


@pytest.fixture(scope="module")
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    seeds = [
        cast(int, item.callspec.params["rollout_seed"])
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.function is test_a_rollout
    ]
    with working_ahead(run_rollout_seed, seeds) as run_ahead:
        yield run_ahead


def test_a_rollout(rollout_seed: int, run: Run) -> None:
    ran = run(rollout_seed)

    assert ran.unfinished == {}

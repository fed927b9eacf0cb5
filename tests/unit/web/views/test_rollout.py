# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import timedelta

from ephyrad.web.views.rollout import rollout_view
from tests.fakes.fleet import BEGUN, FakeFleet
from tests.unit.web.test_page import rollout


def test_the_plan_is_told_in_words() -> None:
    course = FakeFleet().burn_up("spring")
    now = BEGUN + timedelta(minutes=30)

    view = rollout_view(rollout(), course, now)

    assert view.told == (
        "1 of 4 nodes arrived; by its plan, at a guess of 30 minutes a node, 1 would have"
    )


def test_an_estimate_is_the_same_for_a_while() -> None:
    course = FakeFleet().burn_up("spring")

    seen = {
        rollout_view(
            rollout(pace=3, eta=BEGUN + timedelta(hours=2, seconds=seconds)),
            course,
            BEGUN + timedelta(seconds=seconds),
        )
        for seconds in range(0, 50, 7)
    }

    assert len(seen) == 1


def test_the_line_moves_on_no_finer_than_can_be_seen() -> None:
    course = replace(FakeFleet().burn_up("spring"), arrived=(), planned=())
    half_a_day = BEGUN + timedelta(hours=12)

    charts = {
        rollout_view(rollout(), course, half_a_day + timedelta(seconds=seconds))
        for seconds in range(0, 60, 7)
    }

    assert len(charts) == 1

# SPDX-License-Identifier: Apache-2.0
"""ephyrad dies at each boundary of a migration of each kind, and carries on to the same end."""

from collections.abc import Callable, Iterator, Sequence
from typing import get_args

import pytest

from ephyrad.migration.effects import Effect
from tests.simulation.conftest import CRASHES
from tests.simulation.crashes import Killed, Way, carry, count_of_pairs, pairs, singles
from tests.simulation.mail import Mail
from tests.simulation.plans import Ran
from tests.simulation.pool import Work, workers

Undisturbed = Callable[[Way], Ran]

_WAYS = pytest.mark.parametrize("way", Way, ids=lambda way: way.name.lower())


@pytest.fixture(scope="module")
def work() -> Iterator[Work]:
    with workers() as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed() -> Undisturbed:
    """What happens on each way without a crash."""
    return {way: carry(Killed(way, Mail.FRESH, ())) for way in Way}.__getitem__


@pytest.fixture(scope="module")
def count(request: pytest.FixtureRequest) -> Callable[[str, int], None]:
    """Count crashes for the summary."""
    counts = request.config.stash.setdefault(CRASHES, {})

    def add(what: str, number: int) -> None:
        counts[what] = counts.get(what, 0) + number

    return add


def _expect_arrivals(work: Work, jobs: Sequence[Killed], names: Sequence[str]) -> None:
    for killed, ran in zip(jobs, work(carry, jobs), strict=True):
        first, *more = killed.numbers
        assert ran.boundaries[: first + 1] == names[: first + 1], killed
        # After the first crash, the journey may be too short for the second.
        assert ran.crashes == 1 + sum(number < len(ran.boundaries) for number in more), killed
        assert set(ran.states.values()) == {killed.way.end}, killed


def test_the_ways_lead_over_every_effect_and_entry(undisturbed: Undisturbed) -> None:
    rans = [undisturbed(way) for way in Way]

    effects = {effect for ran in rans for effect in ran.tally.met("effect")}
    assert effects == {effect.__name__ for effect in get_args(Effect)}
    reached = {name for ran in rans for name in ran.boundaries}
    kinds = "kept intent outcome witnessed owed transition hold lifted noticed recalled".split()
    kinds += "aborting restored".split()
    for when in ("before", "after"):
        assert {f"{when} append of {kind}" for kind in kinds} <= reached
        assert {f"{when} {what}" for what in ("begin", "receive", "consume")} <= reached


@pytest.mark.parametrize("mail", Mail, ids=lambda mail: mail.name.lower())
@_WAYS
def test_one_crash_at_each_boundary(
    way: Way,
    mail: Mail,
    share: int,
    *,
    work: Work,
    undisturbed: Undisturbed,
    count: Callable[[str, int], None],
) -> None:
    names = undisturbed(way).boundaries
    jobs = singles(way, mail, names, share)

    _expect_arrivals(work, jobs, names)

    count("runs with one crash", len(jobs))


@_WAYS
def test_two_crashes(
    way: Way,
    part: int,
    work: Work,
    undisturbed: Undisturbed,
    count: Callable[[str, int], None],
) -> None:
    names = undisturbed(way).boundaries
    jobs = pairs(way, names, part)

    _expect_arrivals(work, jobs, names)

    count("runs with two crashes", len(jobs))
    count(f"  of the {count_of_pairs(names)} pairs of {way.name.lower()}", len(jobs))

# SPDX-License-Identifier: Apache-2.0
from ephyrad.clouds.environment.steps import completed_or_undone
from ephyrad.migration.outcomes import Done, Outcome, Refused, Unknown, Unreachable


def test_what_is_half_done_is_not_told_as_if_nothing_were() -> None:
    assert completed_or_undone(Unreachable("no route"), _never) == Unknown(
        "half of it is done: no route"
    )


def test_what_is_refused_is_taken_back() -> None:
    refused = Refused(400, "no such extra spec")

    assert completed_or_undone(refused, Done) == refused
    assert isinstance(completed_or_undone(refused, lambda: Unreachable("busy")), Unknown)


def _never() -> Outcome:
    raise AssertionError("nothing is taken back")

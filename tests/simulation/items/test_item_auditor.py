# SPDX-License-Identifier: Apache-2.0
"""The auditor of items can fail: with a line of the core taken away, it objects."""

from collections.abc import Callable
from typing import Any

import pytest

from ephyrad.clouds.environment.pump import Pump
from ephyrad.environment import decide as deciding
from ephyrad.environment.decide import Perform, Rest, Step
from ephyrad.environment.effects import Effect
from tests.simulation.items.plans import run_seed
from tests.simulation.plans import SeedFailed

Mutation = Callable[[pytest.MonkeyPatch], None]

_MOST = 40
"""Among so many seeds, one at least meets what was broken."""


def _all_is_ours(patch: pytest.MonkeyPatch) -> None:
    """What people made is taken for ephyrad's."""
    patch.setattr(deciding, "_is_ours", lambda record, found: True)
    patch.setattr(deciding, "_is_changed", lambda record, found: False)


def _changes_unseen(patch: pytest.MonkeyPatch) -> None:
    """What people changed is taken for as it was."""
    patch.setattr(deciding, "_is_changed", lambda record, found: False)


def _made_again(patch: pytest.MonkeyPatch) -> None:
    """What people deleted is made again."""
    patch.setattr(deciding, "_absent", lambda record, seen, policy: Perform(Effect.CREATE))


def _bytes_unseen(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether the bytes are right."""
    patch.setattr(Pump, "_judge", lambda self, size, digest: None)


def _policy_unasked(patch: pytest.MonkeyPatch) -> None:
    """Whatever the old cloud deletes is deleted."""

    def gone(record: Any, found: Any, policy: Any) -> Step:
        return Perform(Effect.DELETE) if found is not None else Rest()

    patch.setattr(deciding, "_gone", gone)


def _silent(patch: pytest.MonkeyPatch) -> None:
    """What cannot be carried is passed over without a word."""
    patch.setattr(deciding, "_conflict", lambda wanted, found, different: Rest())


@pytest.mark.parametrize(
    ("mutate", "words"),
    [
        pytest.param(_all_is_ours, "was changed, which people made", id="all is ours"),
        pytest.param(_changes_unseen, "which people had changed", id="changes unseen"),
        pytest.param(_made_again, "was made again, which people had deleted", id="made again"),
        pytest.param(_bytes_unseen, "bytes that are not the old cloud's", id="bytes unseen"),
        pytest.param(_policy_unasked, "the policy does not name", id="policy unasked"),
        pytest.param(_silent, "Astray", id="silent"),
    ],
)
def test_a_broken_core_is_objected_to(
    monkeypatch: pytest.MonkeyPatch, mutate: Mutation, words: str
) -> None:
    mutate(monkeypatch)

    objected = next(filter(None, (_objection(seed, words) for seed in range(_MOST))), None)

    assert objected is not None, f"nobody objected: {words}"
    assert objected.splitlines()[-1].startswith("to see it again: ./test tests/simulation/items")


def _objection(seed: int, words: str) -> str | None:
    try:
        run_seed(seed)
    except SeedFailed as error:
        story = str(error)
        return story if words in story.splitlines()[0] else None
    return None

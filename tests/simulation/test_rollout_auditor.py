# SPDX-License-Identifier: Apache-2.0
"""The auditor of rollouts can fail: with the line that keeps a promise taken away, it objects."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from ephyrad.migration.facts import CloudName
from ephyrad.rollout.decide import next_move
from ephyrad.rollout.declaration import (
    Amount,
    Budget,
    CommandGate,
    Declaration,
    Floor,
    Limits,
    Rate,
    Selection,
    WaveRule,
    Window,
)
from ephyrad.rollout.moves import Move
from ephyrad.rollout.rollout import Status
from ephyrad.rollout.standing import Standing
from tests.simulation.fleet import Kind
from tests.simulation.plans import SeedFailed, run
from tests.simulation.world import Plan

Mutation = Callable[[pytest.MonkeyPatch], None]

_EVERY_DAY = frozenset(range(7))
_MINUTE = timedelta(minutes=1)
_IDLE = (Kind.IDLE,) * 4
_PEOPLE = (Kind.IN_USE, *_IDLE)


def _without(where: str, answer: object) -> Mutation:
    return lambda patch: patch.setattr(where, lambda *_, **__: answer)


def _without_limits(patch: pytest.MonkeyPatch) -> None:
    """Neither the decision nor the admission counts."""
    _without("ephyrad.rollout.decide.over_limit", None)(patch)
    _without("ephyrad.rollout.admission.over_limit", None)(patch)


def _without_floors(patch: pytest.MonkeyPatch) -> None:
    """Nobody counts what is available."""
    _without("ephyrad.rollout.decide.below_leaving", None)(patch)
    _without("ephyrad.rollout.admission.below_leaving", None)(patch)


def _without_windows(patch: pytest.MonkeyPatch) -> None:
    """Every window is open."""
    patch.setattr("ephyrad.rollout.windows.next_opening", lambda _, at, __: at)
    _without("ephyrad.rollout.windows.is_open", True)(patch)


def _without_rate(patch: pytest.MonkeyPatch) -> None:
    """The next one may be begun with at once."""
    patch.setattr("ephyrad.rollout.decide.next_start", lambda _, __, at: at)


def _deaf_to_pauses(patch: pytest.MonkeyPatch) -> None:
    """A rollout that pauses goes on as if nothing were."""

    def deaf(standing: Standing, **more: Any) -> Move:
        rollout = standing.rollout
        if rollout.status is Status.PAUSED:
            declared = replace(rollout.declared, budget=Budget())
            rollout = replace(rollout, status=Status.RUNNING, declared=declared)
        return next_move(Standing(rollout, standing.fleet), **more)

    patch.setattr("ephyrad.engine.rollout.scheduler.next_move", deaf)


def _declared(**more: Any) -> Declaration:
    return Declaration("campaign", (Selection(),), **more)


_FLOOR = (Floor(CloudName.OLD, "baremetal.*", Amount(2)),)
_WAVES = (WaveRule("canary", Amount(1), ("smoke",)), WaveRule("rest"))
_GATES = {"smoke": CommandGate(("/bin/true",), _MINUTE)}
_SOON = tuple(Window(_EVERY_DAY, time(hour, 45), time(hour, 50)) for hour in range(24))
_SPENT = Budget(held=Amount(1))
_ONE = Limits(in_flight=1)
_A_RACK = Limits(by_value={"extra.rack": 1})
_SLOWLY = Limits(starts=Rate(1, 10 * _MINUTE))
_BROKEN: list[Any] = [
    pytest.param("limits", _without_limits, _IDLE, _declared(limits=_ONE), id="in flight"),
    pytest.param("limits", _without_limits, _IDLE, _declared(limits=_A_RACK), id="by value"),
    pytest.param("rate", _without_rate, _IDLE, _declared(limits=_SLOWLY), id="rate"),
    pytest.param("floor", _without_floors, _PEOPLE, _declared(floors=_FLOOR), id="floors"),
    pytest.param("window", _without_windows, _IDLE, _declared(windows=_SOON), id="windows"),
    pytest.param(
        "waves",
        _without("ephyrad.rollout.waves.is_over", True),
        _IDLE,
        _declared(waves=_WAVES, gates=_GATES),
        id="wave not over",
    ),
    pytest.param(
        "waves",
        _without("ephyrad.rollout.decide._gate", None),
        _IDLE,
        _declared(waves=_WAVES, gates=_GATES),
        id="gate not tried",
    ),
    pytest.param(
        "budget",
        _without("ephyrad.rollout.budget.exceeded", None),
        (Kind.PROTECTED, *_IDLE),
        _declared(budget=_SPENT, limits=_ONE, order=("name",)),
        id="budget",
    ),
    pytest.param(
        "pause",
        _deaf_to_pauses,
        (Kind.PROTECTED, *_IDLE),
        _declared(budget=_SPENT, limits=_ONE, order=("name",)),
        id="pause",
    ),
]


@pytest.mark.parametrize(("promise", "mutate", "kinds", "declared"), _BROKEN)
def test_a_broken_rollout_is_objected_to(
    monkeypatch: pytest.MonkeyPatch,
    promise: str,
    mutate: Mutation,
    kinds: tuple[Kind, ...],
    declared: Declaration,
) -> None:
    plan = Plan(seed=1, kinds=kinds, furnished=True, booting=False, limit=4, rollout=declared)
    run(plan)
    mutate(monkeypatch)

    with pytest.raises(SeedFailed) as caught:
        run(plan)

    assert f"Objected: {promise} broken" in str(caught.value)

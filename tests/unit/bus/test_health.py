# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime, timedelta

import pytest

from ephyrad.bus.health import Condition, Look, Watch, judge
from ephyrad.bus.settings import BusSettings
from ephyrad.migration.facts import CloudName

START = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = BusSettings(
    cloud=CloudName.OLD, transport_url="rabbit://", stall_seconds=60, silence_seconds=1800
)
FINE = Look(None, 0, 1)
WAITING = Look(None, 7, 1)
UNHEARD = Look(None, 0, 0)
AWAY = Look("refused")


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("look", "seconds", "taken", "storing", "expected"),
    [
        (FINE, 5, 0, False, Condition.LISTENING),
        (FINE, 1799, 0, False, Condition.LISTENING),
        (FINE, 1800, 0, False, Condition.SILENT),
        (FINE, 1800, 1, False, Condition.LISTENING),
        (AWAY, 5, 0, False, Condition.DOWN),
        (AWAY, 5000, 0, False, Condition.DOWN),
        (AWAY, 5, 1, False, Condition.LISTENING),
        (WAITING, 59, 0, False, Condition.LISTENING),
        (WAITING, 60, 0, False, Condition.STALLED),
        (WAITING, 60, 1, False, Condition.LISTENING),
        (WAITING, 60, 0, True, Condition.NOT_STORING),
        (UNHEARD, 59, 0, False, Condition.LISTENING),
        (UNHEARD, 60, 0, False, Condition.STALLED),
    ],
)
def test_one_look(
    look: Look, seconds: float, taken: int, storing: bool, expected: Condition
) -> None:
    verdict = judge(
        SETTINGS, after(seconds), look, Watch(0, START, START), taken=taken, storing=storing
    )

    assert verdict.condition is expected


def test_no_silence_is_too_long_when_none_is_set() -> None:
    settings = BusSettings(cloud=CloudName.OLD, transport_url="rabbit://", silence_seconds=0)

    verdict = judge(
        settings, after(10_000_000), FINE, Watch(0, START, START), taken=0, storing=False
    )

    assert verdict.condition is Condition.LISTENING


@pytest.mark.parametrize("between", [FINE, AWAY])
def test_a_stall_is_counted_from_the_last_time_that_nothing_was_wrong_with_us(
    between: Look,
) -> None:
    looks = [(0, WAITING), (50, between), (70, WAITING), (109, UNHEARD), (110, UNHEARD)]
    watch = Watch(0, START, START)
    seen = []

    for seconds, look in looks:
        verdict = judge(SETTINGS, after(seconds), look, watch, taken=0, storing=False)
        watch = verdict.watch
        seen.append(verdict.condition)

    assert seen[2:4] == [Condition.LISTENING, Condition.LISTENING]
    assert seen[4] is Condition.STALLED


def test_messages_that_are_taken_are_no_stall_however_many_wait() -> None:
    watch = Watch(0, START, START)
    for number in range(1, 50):
        verdict = judge(SETTINGS, after(40 * number), WAITING, watch, taken=number, storing=False)
        watch = verdict.watch

        assert verdict.condition is Condition.LISTENING


def test_silence_is_not_counted_while_the_broker_is_away() -> None:
    away = judge(SETTINGS, after(5000), AWAY, Watch(0, START, START), taken=0, storing=False)

    back = judge(SETTINGS, after(5010), FINE, away.watch, taken=0, storing=False)

    assert back.condition is Condition.LISTENING

# SPDX-License-Identifier: Apache-2.0
"""A Prometheus is asked until it answers as it should, or the time is over."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from ephyrad.engine.rollout.prometheus_gate import PrometheusRuns
from ephyrad.prometheus.query import Answer, Prometheus, QueryError
from ephyrad.rollout.declaration import PrometheusGate
from ephyrad.rollout.verdict import Result
from tests.unit.engine.rollout.passing import FlyingTime, a_run
from tests.unit.prometheus.serving import Behaviour, serving

GATE = PrometheusGate("http://prometheus", "up", timedelta(seconds=60), at_least=1)


def value(number: str) -> Answer:
    body = '{"status": "success", "data": {"resultType": "scalar", "result": [1, "%s"]}}'
    return Answer(200, (body % number).encode())


def asking(answers: Iterable[Answer | QueryError]) -> PrometheusRuns:
    coming = iter(answers)

    def ask(_url: str, _query: str, _seconds: float) -> Answer:
        answer = next(coming)
        if isinstance(answer, QueryError):
            raise answer
        return answer

    return PrometheusRuns(ask)


def test_an_answer_within_the_bounds_passes_at_once() -> None:
    time = FlyingTime()

    verdict = asking([value("1")])(a_run(GATE), time)

    assert verdict is not None
    assert verdict.passed
    assert time.rests == []


def test_it_is_asked_again_until_the_answer_is_right() -> None:
    time = FlyingTime()
    bad: list[Answer | QueryError] = [
        QueryError("http://prometheus: Connection refused"),
        Answer(503, b""),
        value("0"),
    ]

    verdict = asking([*bad, value("1")])(a_run(GATE), time)

    assert verdict is not None
    assert verdict.passed
    assert time.rests == [15, 15, 15]


@pytest.mark.parametrize(
    ("last", "result", "words"),
    [
        (value("0"), Result.FAIL, "not within 0:01:00; last: the value is 0: not at least 1"),
        (value("NaN"), Result.UNCLEAR, "not within 0:01:00; last: the value is nan, which"),
        (
            QueryError("http://p: no answer in time"),
            Result.UNCLEAR,
            "not within 0:01:00; last: htt",
        ),
        (Answer(500, b""), Result.UNCLEAR, "not within 0:01:00; last: HTTP 500, and no words"),
    ],
)
def test_when_the_time_is_over_the_last_answer_counts(
    last: Answer | QueryError, result: Result, words: str
) -> None:
    time = FlyingTime()

    verdict = asking([value("0")] * 4 + [last])(a_run(GATE), time)

    assert verdict is not None
    assert verdict.result is result
    assert verdict.words.startswith(words)
    assert time.now() == 60


def test_what_will_never_be_right_is_not_asked_again() -> None:
    time = FlyingTime()
    answer = Answer(400, b'{"status": "error", "errorType": "bad_data", "error": "parse error"}')

    verdict = asking([answer])(a_run(GATE), time)

    assert verdict is not None
    assert verdict.words == "Prometheus answers bad_data: parse error"
    assert time.rests == []


def test_told_to_end_it_has_no_verdict() -> None:
    assert asking([value("0")] * 2)(a_run(GATE), FlyingTime(ends_after=1)) is None


def test_over_real_http() -> None:
    behaviour = Behaviour(body=value("3").body)
    with serving(behaviour) as url:
        gate = PrometheusGate(url, "count(up)", timedelta(seconds=5), at_most=3)

        verdict = PrometheusRuns(Prometheus().ask)(a_run(gate), FlyingTime())

    assert verdict is not None
    assert verdict.passed
    assert verdict.output == "the value = 3"

# SPDX-License-Identifier: Apache-2.0
"""What a Prometheus's answer says."""

import json
from datetime import timedelta
from typing import Any

import pytest

from ephyrad.rollout.declaration import PrometheusGate
from ephyrad.rollout.prometheus_verdict import Reading, of_answer
from ephyrad.rollout.verdict import Result

HOUR = timedelta(hours=1)


def gate(at_least: float | None = None, at_most: float | None = 2) -> PrometheusGate:
    return PrometheusGate("http://prometheus", "up", HOUR, at_least, at_most)


def sample(value: Any, **labels: str) -> Any:
    return {"metric": {"__name__": "errors", **labels}, "value": [1793000000.1, value]}


def vector(*samples: Any, **more: Any) -> Any:
    return {"status": "success", "data": {"resultType": "vector", "result": list(samples)}} | more


def of_type(kind: str, result: Any) -> Any:
    return {"status": "success", "data": {"resultType": kind, "result": result}}


def read(answer: Any, status: int = 200, of: PrometheusGate | None = None) -> Reading:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return of_answer(of or gate(), status, body)


@pytest.mark.parametrize(
    ("bounds", "answer", "result", "words"),
    [
        (gate(), vector(sample("2")), Result.PASS, "1 value is at most 2"),
        (gate(), vector(sample("1"), sample("0.5")), Result.PASS, "all 2 values are at most 2"),
        (gate(), of_type("scalar", [1.5, "-3"]), Result.PASS, "1 value is at most 2"),
        (gate(1), vector(sample("1")), Result.PASS, "1 value is at least 1 and at most 2"),
        (gate(1, None), vector(sample("1e9")), Result.PASS, "1 value is at least 1"),
        (
            gate(),
            vector(sample("2.5", job="a")),
            Result.FAIL,
            'errors{job="a"} is 2.5: not at most 2',
        ),
        (gate(1), vector(sample("0")), Result.FAIL, "errors is 0: not at least 1 and at most 2"),
        (
            gate(),
            vector(sample("1"), sample("3", n="1"), sample("4", n="2")),
            Result.FAIL,
            'errors{n="1"} is 3, and 1 more: not at most 2',
        ),
        (gate(), of_type("scalar", [1.5, "7"]), Result.FAIL, "the value is 7: not at most 2"),
        (
            gate(),
            vector(sample("3"), sample("NaN")),
            Result.FAIL,
            "errors is 3: not at most 2",
        ),
        (gate(), vector(sample("NaN")), Result.UNCLEAR, "errors is nan, which is no measure"),
        (gate(), vector(sample("+Inf")), Result.UNCLEAR, "errors is inf, which is no measure"),
        (gate(), vector(sample("-Inf")), Result.UNCLEAR, "errors is -inf, which is no measure"),
        (
            gate(),
            vector(),
            Result.UNCLEAR,
            "the query gives no value: is what it asks about measured at all?",
        ),
        (
            gate(),
            vector(sample("1"), warnings=["remote read failed"]),
            Result.UNCLEAR,
            "Prometheus warns: remote read failed",
        ),
        (
            gate(),
            vector(sample("3"), warnings=["remote read failed"]),
            Result.FAIL,
            "errors is 3: not at most 2",
        ),
        (gate(), vector(sample("1"), infos=["no counter"]), Result.PASS, "1 value is at most 2"),
    ],
)
def test_values_are_held_against_the_bounds(
    bounds: PrometheusGate, answer: Any, result: Result, words: str
) -> None:
    reading = read(answer, of=bounds)

    assert (result, words) == (reading.verdict.result, reading.verdict.words)
    assert not reading.for_good


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (vector(sample(1)), "the answer cannot be read: "),
        (vector(sample("many")), "the answer cannot be read: "),
        (vector({"metric": {}}), "the answer cannot be read: ValueError('a histogram"),
        (vector({"value": [1, "1"]}), "the answer cannot be read: "),
        (vector(7), "the answer cannot be read: "),
        (of_type("vector", None), "the answer cannot be read: "),
        (of_type("scalar", ["1"]), "the answer cannot be read: "),
        (of_type("curve", []), "the answer cannot be read: "),
        ({"status": "success"}, "what answers is no Prometheus"),
        ([], "what answers is no Prometheus"),
        (b"<html>", "what answers is no Prometheus"),
        (b"[" * 100_000, "what answers is no Prometheus"),
        (b"\xff", "what answers is no Prometheus"),
    ],
)
def test_what_cannot_be_read_is_unclear_and_asked_again(answer: Any, words: str) -> None:
    reading = read(answer)

    assert reading.verdict.result is Result.UNCLEAR
    assert reading.verdict.words.startswith(words)
    assert not reading.for_good


@pytest.mark.parametrize(
    ("status", "answer", "words", "for_good"),
    [
        (
            400,
            {"status": "error", "errorType": "bad_data", "error": "parse error"},
            "Prometheus answers bad_data: parse error",
            True,
        ),
        (
            422,
            {"status": "error", "errorType": "execution", "error": "many-to-many"},
            "Prometheus answers execution: many-to-many",
            False,
        ),
        (
            503,
            {"status": "error", "errorType": "timeout", "error": "query timed out"},
            "Prometheus answers timeout: query timed out",
            False,
        ),
        (500, b"", "HTTP 500, and no words of Prometheus: is the gate's url right?", False),
        (404, b"no", "HTTP 404, and no words of Prometheus: is the gate's url right?", False),
        (302, b"", "HTTP 302: redirects are not followed; correct the gate's url", False),
        (401, b"", "HTTP 401: ephyrad gives no credentials; let it ask without any", False),
        (503, vector(sample("1")), "HTTP 503, and no words", False),
    ],
)
def test_errors_are_unclear(status: int, answer: Any, words: str, for_good: bool) -> None:
    reading = read(answer, status)

    assert reading.verdict.result is Result.UNCLEAR
    assert reading.verdict.words.startswith(words)
    assert for_good == reading.for_good


@pytest.mark.parametrize(
    ("answer", "of"),
    [
        (of_type("matrix", []), gate()),
        (of_type("string", [1.5, "ok"]), gate()),
        (vector(sample("1")), gate(None, None)),
    ],
)
def test_what_will_never_be_a_verdict_is_not_asked_again(answer: Any, of: PrometheusGate) -> None:
    reading = read(answer, of=of)

    assert reading.verdict.result is Result.UNCLEAR
    assert reading.for_good


def test_the_values_are_kept_the_first_hundred_of_them() -> None:
    verdict = read(vector(*(sample(str(n / 100), n=str(n)) for n in range(150)))).verdict

    lines = verdict.output.splitlines()
    assert lines[0] == 'errors{n="0"} = 0'
    assert lines[-1] == "and 50 more"
    assert len(lines) == 101

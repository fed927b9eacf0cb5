# SPDX-License-Identifier: Apache-2.0
"""Asks a Prometheus until the answer is as it should be, or the time is over."""

from collections.abc import Callable
from dataclasses import replace

from ephyrad.engine.rollout.run_time import RunTime
from ephyrad.prometheus.query import Answer, QueryError
from ephyrad.rollout.declaration import PrometheusGate
from ephyrad.rollout.gate_run import GateRun
from ephyrad.rollout.prometheus_verdict import Reading, of_answer
from ephyrad.rollout.verdict import Result, Verdict

_PAUSE = 15.0
"""Seconds between two queries; Prometheus itself measures every 15 to 60 seconds."""

_LONGEST = 20.0
"""Seconds that one query is given."""

Ask = Callable[[str, str, float], Answer]


class PrometheusRuns:
    """Tries gates of this kind. `ask` is :meth:`ephyrad.prometheus.query.Prometheus.ask`."""

    def __init__(self, ask: Ask, pause: float = _PAUSE) -> None:
        self._ask = ask
        self._pause = pause

    def __call__(self, run: GateRun, time: RunTime) -> Verdict | None:
        gate = run.gate
        if not isinstance(gate, PrometheusGate):
            raise TypeError(f"{gate!r} is no gate of Prometheus's")
        end = time.now() + gate.within.total_seconds()
        while True:
            left = max(end - time.now(), 1.0)
            reading = self._read(gate, min(left, _LONGEST))
            if reading.verdict.passed or reading.for_good:
                return reading.verdict
            left = end - time.now()
            if left <= 0:
                return _over(gate, reading.verdict)
            # The last question is asked when the time is just over.
            if time.rest(min(self._pause, left)):
                return None

    def _read(self, gate: PrometheusGate, seconds: float) -> Reading:
        try:
            answer = self._ask(gate.url, gate.query, seconds)
        except QueryError as error:
            return Reading(Verdict(Result.UNCLEAR, str(error)))
        return of_answer(gate, answer.status, answer.body)


def _over(gate: PrometheusGate, last: Verdict) -> Verdict:
    return replace(last, words=f"not within {gate.within}; last: {last.words}")

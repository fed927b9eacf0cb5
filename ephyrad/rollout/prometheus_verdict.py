# SPDX-License-Identifier: Apache-2.0
"""What a Prometheus's answer to an instant query says.

The answers are those of https://prometheus.io/docs/prometheus/latest/querying/api/.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ephyrad.rollout.declaration import PrometheusGate
from ephyrad.rollout.verdict import Result, Verdict

_SHOWN = 100
"""Values shown to people."""

_WRONG_TYPES = {
    "matrix": "the query gives a range of values for each series: take one value of each, as by"
    " max_over_time(...)",
    "string": "the query gives a text: have it give numbers",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer says. `for_good`: asking again will not change it."""

    verdict: Verdict
    for_good: bool = False


def of_answer(gate: PrometheusGate, status: int, body: bytes) -> Reading:
    """Judge an HTTP answer to the gate's query.

    Only a query that Prometheus does not understand, or that gives something else than numbers, is
    not asked again: whatever else is wrong may be right a moment later.
    """
    answer = _object(body)
    match answer:
        case {"status": "success", "data": {"resultType": str(kind), "result": result}} if (
            status == 200
        ):
            return _of_result(gate, kind, result, answer.get("warnings"))
        case {"status": "error", "errorType": kind, "error": words}:
            return _unclear(f"Prometheus answers {kind}: {words}", for_good=kind == "bad_data")
    if 300 <= status < 400:
        return _unclear(f"HTTP {status}: redirects are not followed; correct the gate's url")
    if status in (401, 403):
        return _unclear(f"HTTP {status}: ephyrad gives no credentials; let it ask without any")
    if status == 200:
        return _unclear("what answers is no Prometheus: correct the gate's url")
    return _unclear(f"HTTP {status}, and no words of Prometheus: is the gate's url right?")


def _of_result(gate: PrometheusGate, kind: str, result: object, warnings: object) -> Reading:
    if kind in _WRONG_TYPES:
        return _unclear(_WRONG_TYPES[kind], for_good=True)
    if gate.at_least is None and gate.at_most is None:
        return _unclear("the gate has neither at_least nor at_most: give it one", for_good=True)
    try:
        values = list(_values(kind, result))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        return _unclear(f"the answer cannot be read: {error!r}")
    output = "\n".join(f"{name} = {value:g}" for name, value in values[:_SHOWN])
    if len(values) > _SHOWN:
        output += f"\nand {len(values) - _SHOWN} more"
    return Reading(_judged(gate, values, warnings, output))


def _judged(
    gate: PrometheusGate, values: list[tuple[str, float]], warnings: object, output: str
) -> Verdict:
    if not values:
        words = "the query gives no value: is what it asks about measured at all?"
        return Verdict(Result.UNCLEAR, words)
    # inf and nan come of a division by zero: nothing was measured.
    wrong = [(name, value) for name, value in values if math.isfinite(value)]
    wrong = [(name, value) for name, value in wrong if not _within(gate, value)]
    if wrong:
        name, value = wrong[0]
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        words = f"{name} is {value:g}{more}: not {_bounds(gate)}"
        return Verdict(Result.FAIL, words, output)
    strange = [(name, value) for name, value in values if not math.isfinite(value)]
    if strange:
        name, value = strange[0]
        return Verdict(Result.UNCLEAR, f"{name} is {value:g}, which is no measure", output)
    if warnings:
        # As of a part of the data that could not be read (remote storage, Thanos).
        return Verdict(Result.UNCLEAR, f"Prometheus warns: {_first(warnings)}", output)
    count = "1 value is" if len(values) == 1 else f"all {len(values)} values are"
    return Verdict(Result.PASS, f"{count} {_bounds(gate)}", output)


def _values(kind: str, result: Any) -> Iterator[tuple[str, float]]:
    match kind:
        case "scalar":
            yield "the value", float(_text(result[1]))
        case "vector":
            for sample in result:
                if "value" not in sample:
                    raise ValueError("a histogram: have the query give numbers of it")
                yield _name(sample["metric"]), float(_text(sample["value"][1]))
        case _:
            raise ValueError(f"a result of type {kind} is not known")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a value that is no text")
    return value


def _name(metric: Mapping[str, str]) -> str:
    """Return a series' name as Prometheus writes it."""
    labels = ", ".join(
        f'{name}="{value}"' for name, value in sorted(metric.items()) if name != "__name__"
    )
    return f"{metric.get('__name__', '')}{{{labels}}}" if labels else metric.get("__name__", "{}")


def _within(gate: PrometheusGate, value: float) -> bool:
    above = gate.at_least is None or value >= gate.at_least
    return above and (gate.at_most is None or value <= gate.at_most)


def _bounds(gate: PrometheusGate) -> str:
    bounds = (
        "" if gate.at_least is None else f"at least {gate.at_least:g}",
        "" if gate.at_most is None else f"at most {gate.at_most:g}",
    )
    return " and ".join(filter(None, bounds))


def _first(warnings: object) -> object:
    return warnings[0] if isinstance(warnings, list) else warnings


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _unclear(words: str, *, for_good: bool = False) -> Reading:
    return Reading(Verdict(Result.UNCLEAR, words), for_good)

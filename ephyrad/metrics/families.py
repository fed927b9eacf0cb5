# SPDX-License-Identifier: Apache-2.0
"""Gauges and counters made of values that are known already."""

from collections.abc import Iterable, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

Labels = tuple[str, ...]


def gauge(name: str, says: str, value: float) -> Metric:
    """Return a gauge of one value."""
    return GaugeMetricFamily(name, says, value=value)


def gauges(name: str, says: str, labels: Labels, values: Mapping[Labels, float]) -> Metric:
    """Return a gauge of a value for each combination of labels' values."""
    family = GaugeMetricFamily(name, says, labels=labels)
    _fill(family, values.items())
    return family


def counters(name: str, says: str, labels: Labels, values: Mapping[Labels, float]) -> Metric:
    """Return counters; the name gets `_total`."""
    family = CounterMetricFamily(name, says, labels=labels)
    _fill(family, values.items())
    return family


def _fill(
    family: GaugeMetricFamily | CounterMetricFamily, values: Iterable[tuple[Labels, float]]
) -> None:
    for labels, value in values:
        family.add_metric(labels, value)

# SPDX-License-Identifier: Apache-2.0
"""Reads metrics as Prometheus would."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from ephyrad.engine.announcer import Announcer
from ephyrad.engine.answers import BusAnswer
from ephyrad.metrics.metrics import Metrics
from tests.fakes.sender import FakeSender
from tests.unit.engine.rig import rig

Values = dict[tuple[str, ...], float]


def values(metrics: Metrics, name: str) -> Values:
    """Return the samples of that name, by their labels' values."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
        if sample.name == name
    }


def counted(metrics: Metrics, name: str) -> Values:
    """Return those that are not 0."""
    return {labels: value for labels, value in values(metrics, name).items() if value}


def all_metrics(directory: Path) -> dict[str, str]:
    """Return the name of each metric that there is, and its type in Prometheus' word."""
    metrics, made = Metrics(), rig(directory)
    silent = BusAnswer("not listened to", None, 0, None)
    announcer = Announcer(made.journal.announced, FakeSender())
    metrics.observe(
        *(made.engine, lambda _name: silent, made.operations.rollouts, "1.0"), announcer=announcer
    )
    found = {family.name: family.type for family in metrics.registry.collect()}
    return {f"{name}_total" if kind == "counter" else name: kind for name, kind in found.items()}

# SPDX-License-Identifier: Apache-2.0
"""The alert rules and the dashboard can be read, and name no metric that there is not."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ephyrad.engine.answers import BusAnswer
from ephyrad.metrics.metrics import Metrics
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import rig
from tests.unit.metrics.samples import all_metrics

ROOT = Path(__file__).parents[3]
RULES = ROOT / "etc/prometheus/ephyrad.rules.yaml"
DASHBOARD = ROOT / "etc/grafana/ephyrad.json"
ALERTS = Path(__file__).with_name("alerts.yaml")

LISTENING = BusAnswer("listening", None, 1, backlog=0)

ASKED_FOR = {
    "EphyradDown",
    "EphyradJournalTrouble",
    "EphyradBusSilent",
    "EphyradSweepOld",
    "EphyradNodesHeld",
    "EphyradRolloutPaused",
    "EphyradNoProgress",
    "EphyradSlotsIdle",
}

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool (Debian: prometheus) is not installed"
)


def _rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def _panels() -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return panels


def _expressions(file: Path) -> list[str]:
    if file is RULES:
        return [rule["expr"] for rule in _rules()]
    return [each["expr"] for panel in _panels() for each in panel.get("targets", ())]


def _said(*command: object, given: str = "") -> str:
    done = subprocess.run(
        [*map(str, command)], cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("file", [RULES, DASHBOARD], ids=["rules", "dashboard"])
def test_every_metric_that_is_named_exists(file: Path, tmp_path: Path) -> None:
    known = all_metrics(tmp_path)
    parts = {
        f"{name}_{part}"
        for name, kind in known.items()
        if kind == "histogram"
        for part in ("bucket", "sum", "count")
    }

    named = set(re.findall(r"\b(?:ephyrad|process)_\w+", " ".join(_expressions(file))))

    assert named - known.keys() - parts == set()
    assert named


def test_every_metric_is_on_the_dashboard(tmp_path: Path) -> None:
    text = " ".join(_expressions(DASHBOARD))

    ours = {name for name in all_metrics(tmp_path) if name.startswith("ephyrad_")}

    assert {name for name in ours if name not in text} == set()


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    for rule in _rules():
        assert set(rule["annotations"]) == {"summary", "description"}
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}

    assert ASKED_FOR - {rule["alert"] for rule in _rules()} == set()


def test_panels_have_numbers_and_places_of_their_own() -> None:
    panels = _panels()

    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
    assert len({panel["id"] for panel in panels}) == len(places) == len(panels)


@needs_promtool
def test_promtool_takes_the_rules() -> None:
    assert _said("promtool", "check", "rules", RULES) == ""


@needs_promtool
def test_promtool_takes_the_metrics(tmp_path: Path) -> None:
    metrics, made = Metrics(), rig(tmp_path, Kind.IDLE)
    metrics.observe(made.engine, lambda _: LISTENING, made.operations.rollouts, "1.0")
    made.operations.migrate([made.fleet[0].name], by="ann")

    assert _said("promtool", "check", "metrics", given=metrics.text().decode()) == ""


@needs_promtool
def test_alerts_come_when_they_should() -> None:
    assert _said("promtool", "test", "rules", ALERTS) == ""

# SPDX-License-Identifier: Apache-2.0
"""docs/reference/api.rst has every route, every code, and every field."""

import re
from dataclasses import fields
from pathlib import Path

from ephyrad.api.app import create_app
from ephyrad.engine.answers import (
    CloudAnswer,
    Complaint,
    HealthAnswer,
    HistoryAnswer,
    KeyAnswer,
    NodeAnswer,
    QuarantineAnswer,
    StatusAnswer,
)
from ephyrad.engine.environment_answers import (
    DifferenceAnswer,
    EnvironmentAnswer,
    ItemAnswer,
    KindAnswer,
    ProblemAnswer,
    SyncAnswer,
    TransferAnswer,
)
from ephyrad.engine.preflight_answers import ConcernedAnswer, FindingAnswer, PreflightAnswer
from ephyrad.engine.reclaim_answers import (
    IgnoredAnswer,
    NamedAnswer,
    ReclaimAnswer,
    RefusedAnswer,
)
from ephyrad.engine.report_answers import (
    ArrivalsAnswer,
    CampaignAnswer,
    FiguresAnswer,
    HoldsAnswer,
    LeftoverAnswer,
    ReportAnswer,
    SpreadAnswer,
    ThingAnswer,
)
from ephyrad.engine.rollout_answers import (
    ChangeAnswer,
    FlyingAnswer,
    GateAnswer,
    HeldAnswer,
    PlanAnswer,
    PlannedAnswer,
    PointAnswer,
    RolloutAnswer,
    RolloutEntryAnswer,
    WaveAnswer,
)
from ephyrad.migration.entries import _KINDS
from tests.fakes.operations import FakeOperations

TEXT = (Path(__file__).parents[3] / "docs/reference/api.rst").read_text()


def is_of_the_page(path: str) -> bool:
    """Whether a route is for people: docs/web.rst is about those."""
    return path == "/" or path.startswith("/ui/")


def test_every_route_is_documented_and_no_other() -> None:
    app = create_app(FakeOperations(), max_body=1)
    routes = {
        f"{method} {rule.rule.replace('<', '{').replace('>', '}')}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not is_of_the_page(rule.rule)
    }

    documented = set(re.findall(r"^``((?:GET|POST|PUT|DELETE) /\S*)``$", TEXT, re.MULTILINE))

    assert documented == routes


def test_every_code_is_documented() -> None:
    codes = {
        *Complaint,
        "internal",
        "length-required",
        "method-not-allowed",
        "not-json",
        "too-large",
        "too-many-tries",
    }

    documented = set(re.findall(r"^([a-z-]+) +[45]\d\d ", TEXT, re.MULTILINE))

    assert documented == codes


def test_every_field_of_an_answer_is_documented() -> None:
    answers = (
        CloudAnswer,
        DifferenceAnswer,
        EnvironmentAnswer,
        HealthAnswer,
        HistoryAnswer,
        ItemAnswer,
        KeyAnswer,
        KindAnswer,
        NodeAnswer,
        ProblemAnswer,
        QuarantineAnswer,
        StatusAnswer,
        SyncAnswer,
        TransferAnswer,
        PreflightAnswer,
        FindingAnswer,
        ConcernedAnswer,
        RolloutAnswer,
        WaveAnswer,
        GateAnswer,
        RolloutEntryAnswer,
        ChangeAnswer,
        PlanAnswer,
        PlannedAnswer,
        PointAnswer,
        HeldAnswer,
        FlyingAnswer,
        ReportAnswer,
        CampaignAnswer,
        FiguresAnswer,
        SpreadAnswer,
        HoldsAnswer,
        ArrivalsAnswer,
        LeftoverAnswer,
        ThingAnswer,
        ReclaimAnswer,
        NamedAnswer,
        IgnoredAnswer,
        RefusedAnswer,
    )
    names = {field.name for answer in answers for field in fields(answer)}

    assert {name for name in names if f"``{name}``" not in TEXT} == set()


def test_every_kind_of_entry_is_documented() -> None:
    assert {kind for kind in _KINDS.values() if f"``{kind}``" not in TEXT} == set()

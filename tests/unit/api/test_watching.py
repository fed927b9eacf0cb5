# SPDX-License-Identifier: Apache-2.0
"""Whoever watches: live and ready apart, and the metrics as Prometheus reads them."""

from pathlib import Path

from ephyrad.api.app import create_app
from ephyrad.engine.answers import HealthAnswer
from tests.fakes.operations import FakeOperations
from tests.unit.api.asking import Answer, ask


def test_what_is_well_answers_200(path: Path) -> None:
    well = {"live": True, "ready": True, "because": []}

    assert ask(path, "GET", "/healthcheck/live") == Answer(200, well)
    assert ask(path, "GET", "/healthcheck/ready") == Answer(200, well)


def test_what_lives_and_cannot_work_is_not_ready(path: Path, operations: FakeOperations) -> None:
    operations.healthy = HealthAnswer(live=True, ready=False, because=("the disk is full",))
    body = {"live": True, "ready": False, "because": ["the disk is full"]}

    assert ask(path, "GET", "/healthcheck/live") == Answer(200, body)
    assert ask(path, "GET", "/healthcheck/ready") == Answer(503, body)


def test_what_hangs_is_not_live(path: Path, operations: FakeOperations) -> None:
    operations.healthy = HealthAnswer(live=False, ready=False, because=("it hangs",))

    assert ask(path, "GET", "/healthcheck/live").status == 503


def test_metrics_are_text_of_prometheus() -> None:
    app = create_app(FakeOperations(), max_body=1, scrape=lambda: b"up 1\n")

    answer = app.test_client().get("/metrics", environ_overrides={"X_REMOTE_UID": "0"})

    assert (answer.status_code, answer.data) == (200, b"up 1\n")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"

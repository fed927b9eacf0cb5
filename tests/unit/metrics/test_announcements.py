# SPDX-License-Identifier: Apache-2.0
"""How ephyrad's own notifications get to the bus, where it sends any."""

from pathlib import Path

from ephyrad.engine.announcer import Announcer
from ephyrad.engine.answers import BusAnswer
from ephyrad.metrics.metrics import Metrics
from tests.fakes.sender import FakeSender
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig
from tests.unit.metrics.samples import values

NOBODY = BusAnswer("not listened to", None, 0, None)


def _watched(made: Rig, announcer: Announcer | None) -> Metrics:
    metrics = Metrics()
    metrics.observe(
        *(made.engine, lambda _name: NOBODY, made.operations.rollouts, "1.0"), announcer=announcer
    )
    return metrics


def test_where_none_are_sent_there_is_nothing_to_tell(tmp_path: Path) -> None:
    metrics = _watched(rig(tmp_path), None)

    assert b"ephyrad_notifications_" not in metrics.text()


def test_what_was_sent_failed_and_waits_is_told(tmp_path: Path) -> None:
    made, sender = rig(tmp_path, Kind.IDLE, Kind.IDLE), FakeSender()
    announcer = Announcer(made.journal.announced, sender)
    announcer.begin()
    metrics = _watched(made, announcer)
    sender.takes = 1

    made.operations.migrate(["n0", "n1"], by="ann")
    announcer.work()

    names = ("sent_total", "failures_total", "waiting")
    found = [values(metrics, f"ephyrad_notifications_{name}") for name in names]
    assert found == [{(): 1}, {(): 1}, {(): 1}]

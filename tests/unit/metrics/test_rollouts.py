# SPDX-License-Identifier: Apache-2.0
"""How far the rollout has come: the one under way, else the newest, and no other."""

from pathlib import Path

from ephyrad.engine.answers import BusAnswer
from ephyrad.metrics.metrics import Metrics
from ephyrad.rollout.declaration import Declaration, Selection
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig
from tests.unit.metrics.samples import counted, values

NOBODY = BusAnswer("not listened to", None, 0, None)
SPRING = Declaration("spring", (Selection(),))


def _watched(made: Rig) -> Metrics:
    metrics = Metrics()
    metrics.observe(made.engine, lambda _: NOBODY, made.operations.rollouts, "1.0")
    return metrics


def test_without_a_rollout_there_is_nothing_to_tell(tmp_path: Path) -> None:
    metrics = _watched(rig(tmp_path))

    for name in ("nodes", "status", "wave", "eta_timestamp_seconds"):
        assert values(metrics, f"ephyrad_rollout_{name}") == {}


def test_nodes_stand_by_how_far_they_are(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IDLE, Kind.IDLE, Kind.IN_USE)
    metrics = _watched(made)
    made.operations.rollouts.start(SPRING, by="ann")
    made.run(2 * 3600)

    assert counted(metrics, "ephyrad_rollout_nodes") == {
        ("spring", "arrived"): 2,
        ("spring", "waiting-for-owner"): 1,
    }
    assert counted(metrics, "ephyrad_rollout_status") == {("spring", "running"): 1}
    assert values(metrics, "ephyrad_rollout_wave") == {("spring",): 1}


def test_a_node_that_went_back_is_not_to_come(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IDLE, Kind.IN_USE)
    metrics = _watched(made)
    made.operations.rollouts.start(SPRING, by="ann")
    made.run(2 * 3600)

    made.operations.abort(made.fleet[1].uuid, by="ann")
    made.run(3600)

    assert counted(metrics, "ephyrad_rollout_nodes") == {
        ("spring", "arrived"): 1,
        ("spring", "back"): 1,
    }


def test_its_end_is_told_where_it_can_be(tmp_path: Path) -> None:
    made = rig(tmp_path, *[Kind.IDLE] * 4, limit=1)
    metrics = _watched(made)
    made.operations.rollouts.start(SPRING, by="ann")
    assert values(metrics, "ephyrad_rollout_eta_timestamp_seconds") == {}

    while (answer := made.operations.rollouts.one("spring")).eta is None:
        made.run(60)

    expected = {("spring",): answer.eta.timestamp()}
    assert values(metrics, "ephyrad_rollout_eta_timestamp_seconds") == expected


def test_one_that_is_over_is_told_of_until_the_next_begins(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.IDLE)
    metrics = _watched(made)
    made.operations.rollouts.start(SPRING, by="ann")
    made.run(2 * 3600)
    assert counted(metrics, "ephyrad_rollout_status") == {("spring", "finished"): 1}

    made.operations.rollouts.reverse("spring", by="ann")

    ((name, status),) = counted(metrics, "ephyrad_rollout_status")
    assert (name != "spring", status) == (True, "running")

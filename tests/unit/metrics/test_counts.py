# SPDX-License-Identifier: Apache-2.0
"""What happens is counted once it is written down, and no more than that."""

from pathlib import Path

from ephyrad.engine.told import Performed
from ephyrad.metrics.metrics import Metrics
from ephyrad.migration.outcomes import Done, Unreachable
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import rig
from tests.unit.metrics.samples import counted


def test_a_journey_is_counted_edge_by_edge(tmp_path: Path) -> None:
    metrics = Metrics()
    made = rig(tmp_path, Kind.IDLE, tell=metrics.tell)
    made.operations.migrate([made.fleet[0].name], by="ann")

    made.run(3 * 3600)

    assert counted(metrics, "ephyrad_transitions_total") == {
        ("forward", "active", "drained"): 1,
        ("forward", "drained", "cleaning"): 1,
        ("forward", "cleaning", "transferred"): 1,
        ("forward", "transferred", "registered"): 1,
        ("forward", "registered", "compute-ready"): 1,
    }
    effects = counted(metrics, "ephyrad_effect_seconds_count")
    assert effects["CreateNode", "done"] == 1
    assert effects["ProvideNode", "underway"] == 1


def test_holds_are_counted_by_cause_whoever_holds(tmp_path: Path) -> None:
    metrics = Metrics()
    made = rig(tmp_path, Kind.BEWITCHED, tell=metrics.tell)
    made.operations.migrate([made.fleet[0].name], by="ann")
    made.run(600)
    made.operations.release(made.fleet[0].name, by="ann")
    made.operations.hold(made.fleet[0].name, reason="to look at it", by="ann")

    holds = counted(metrics, "ephyrad_holds_total")

    assert holds == {("unfit-state",): 1, ("operator",): 1}
    assert counted(metrics, "ephyrad_holds_lifted_total") == {(): 1}


def test_every_edge_and_cause_begins_at_zero() -> None:
    text = Metrics().text().decode()

    assert 'ephyrad_transitions_total{direction="back",from="active",to="drained"} 0.0\n' in text
    assert 'ephyrad_holds_total{cause="masked"} 0.0\n' in text


def test_another_try_is_a_retry() -> None:
    metrics = Metrics()

    metrics.tell(Performed("FenceNode", Unreachable("no route"), 0.2, again=False))
    metrics.tell(Performed("FenceNode", Done(), 0.2, again=True))

    assert counted(metrics, "ephyrad_effect_retries_total") == {("FenceNode",): 1}
    assert counted(metrics, "ephyrad_effect_seconds_count") == {
        ("FenceNode", "unreachable"): 1,
        ("FenceNode", "done"): 1,
    }


def test_items_are_counted_apart() -> None:
    metrics = Metrics()

    metrics.tell(Performed("upload", Done(), 900.0, again=True, on_item=True))

    assert counted(metrics, "ephyrad_environment_effect_seconds_sum") == {("upload", "done"): 900}
    assert counted(metrics, "ephyrad_environment_effect_retries_total") == {("upload",): 1}
    assert counted(metrics, "ephyrad_effect_seconds_count") == {}

# SPDX-License-Identifier: Apache-2.0
"""Where items stand, by kind; what is counted of their effects, and of images' bytes."""

from pathlib import Path

from ephyrad.engine.answers import BusAnswer
from ephyrad.metrics.metrics import Metrics
from tests.unit.engine.environment.rig import DATA, flavor, image
from tests.unit.engine.environment.rig import rig as environment_rig
from tests.unit.engine.rig import rig
from tests.unit.metrics.samples import counted, values

NOBODY = BusAnswer("not listened to", None, 0, None)


def test_items_stand_by_kind_and_bytes_are_counted(tmp_path: Path) -> None:
    made, nodes = environment_rig(tmp_path), rig(tmp_path / "nodes")
    nodes.engine.environment = made.engine
    metrics = Metrics()
    metrics.observe(nodes.engine, lambda _: NOBODY, nodes.operations.rollouts, "1.0")
    made.old.put(flavor("1"))
    made.old.put(image(), DATA)
    made.old.put(flavor("2"))
    made.new.put(flavor("2", ram=1))

    made.engine.sweep.sweep()
    made.run()

    assert counted(metrics, "ephyrad_environment_items") == {
        ("flavor", "in-step"): 1,
        ("flavor", "problem"): 1,
        ("image", "in-step"): 1,
    }
    assert values(metrics, "ephyrad_environment_items")["image", "to-do"] == 0
    assert counted(metrics, "ephyrad_environment_problems") == {("conflict", "flavor"): 1}
    assert values(metrics, "ephyrad_environment_uploaded_bytes_total") == {(): len(DATA)}
    assert values(metrics, "ephyrad_environment_uploads_left_bytes") == {(): 0}
    assert ("flavor",) in values(metrics, "ephyrad_environment_comparison_age_seconds")

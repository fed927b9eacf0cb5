# SPDX-License-Identifier: Apache-2.0
"""docs/notifications.rst has every notification, and docs/samples what is really sent."""

import re
from pathlib import Path

from ephyrad.engine.announcement import OF_NODES, OF_ROLLOUTS
from tools.notification_samples import SAMPLES, samples, text

TEXT = (Path(__file__).parents[3] / "docs/notifications.rst").read_text()


def test_the_samples_are_fresh_and_there_is_no_other() -> None:
    found = {path.name: path.read_text() for path in SAMPLES.iterdir()}

    expected = {f"{name}.json": text(each) for name, each in samples().items()}
    assert found == expected, "docs/samples is stale; run ./test genconfig"


def test_there_is_one_of_each_kind_of_entry() -> None:
    assert len(samples()) == len(OF_NODES) + len(OF_ROLLOUTS)


def test_each_is_documented_with_its_sample_and_its_fields() -> None:
    table = set(re.findall(r"``(ephyra\.\w+\.\w+)``", TEXT))
    data = [each["payload"]["ephyra_object.data"] for each in samples().values()]

    assert table == set(samples())
    assert {name for each in data for name in each if f"``{name}``" not in TEXT} == set()
    assert "samples/ephyra.node.transition.json" in TEXT

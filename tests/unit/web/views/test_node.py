# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta

from ephyrad.engine.answers import HistoryAnswer
from ephyrad.web.views.node import node_view
from tests.fakes.fleet import BEGUN
from tests.fakes.operations import FakeOperations


def test_a_timeline_says_how_long_each_step_took() -> None:
    operations = FakeOperations(rack1="0a1b")
    operations.migrate_all(by="ann")
    times = (0, 0.2, 75, 90_075)
    history = [
        HistoryAnswer(seq, BEGUN + timedelta(seconds=at), "intent", "w", {})
        for seq, at in enumerate(times, 1)
    ]

    view = node_view(operations.node("rack1"), history)

    assert [each.after for each in reversed(view.story)] == ["", "", "1 min 14 s", "1 d 1 h"]
    assert view.steps[:2] == (("active", "now"), ("drained", "to come"))

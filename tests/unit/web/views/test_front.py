# SPDX-License-Identifier: Apache-2.0
from ephyrad.engine.fleet_answers import MarkAnswer
from ephyrad.web.views.front import front_view
from tests.fakes.fleet import BEGUN, FakeFleet
from tests.fakes.operations import FakeOperations


def test_tiles_count_each_node_once_and_a_hold_hides_the_state() -> None:
    marks = [
        MarkAnswer("1", None, ""),
        MarkAnswer("2", None, "", "cleaning", BEGUN),
        MarkAnswer("3", None, "", "cleaning", BEGUN, cause="clean-failed"),
        MarkAnswer("4", None, "", "active", BEGUN, restored=True),
    ]

    view = front_view(
        FakeOperations().status(), FakeFleet(marks).marks("extra.rack"), None, None, BEGUN
    )

    counts = {tile.code: tile.count for tile in view.tiles if tile.count}
    assert counts == {"untouched": 1, "cleaning": 1, "held": 1, "back": 1}

# SPDX-License-Identifier: Apache-2.0
"""The report of a campaign over two simulated clouds."""

from pathlib import Path

import pytest

from ephyrad.bus.queue import Queue
from ephyrad.bus.settings import BusSetupError
from ephyrad.engine.answers import BusAnswer, OperationError
from ephyrad.engine.operations import EngineOperations
from ephyrad.engine.report_answers import ReportAnswer
from ephyrad.migration.facts import CloudName
from ephyrad.rollout.declaration import Declaration, Selection
from ephyrad.testing.nova import Provider
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig

ALL = Declaration("spring", (Selection(),))
HOUR = 3600.0


def left(answer: ReportAnswer) -> dict[str, list[str]]:
    return {each.kind: [thing.id for thing in each.things] for each in answer.leftovers}


def carried(directory: Path, *kinds: Kind) -> Rig:
    made = rig(directory, *kinds)
    made.operations.rollouts.start(ALL, by="operator")
    made.run(2 * HOUR)
    return made


def test_a_campaign_that_is_over_leaves_nothing(tmp_path: Path) -> None:
    made = carried(tmp_path, *(Kind.IDLE,) * 4)

    answer = made.operations.report("spring")

    assert (answer.name, answer.cloud, answer.unread) == ("spring", "old", ())
    assert left(answer) == {}
    (campaign,) = answer.campaigns
    assert [entry.kind for entry in campaign.story] == ["started", "opened", "ended"]
    assert [(wave.number, wave.arrived) for wave in campaign.rollout.waves] == [(1, 4)]
    figures = answer.figures
    assert (figures.nodes, figures.outcomes) == (4, {"arrived": 4})
    assert list(figures.states) == ["active", "drained", "cleaning", "transferred", "registered"]
    assert figures.whole is not None
    assert figures.whole.count == 4
    assert 0 < figures.whole.median_seconds <= figures.whole.longest_seconds
    assert sum(point.arrived for point in figures.pace) == 4


def test_all_that_the_journal_has_is_reported_without_a_name(tmp_path: Path) -> None:
    made = carried(tmp_path, *(Kind.IDLE,) * 2)

    answer = made.operations.report(None)

    assert (answer.name, answer.figures.nodes) == (None, 2)
    assert [each.rollout.name for each in answer.campaigns] == ["spring"]


def test_what_still_stands_is_told_with_its_instance(tmp_path: Path) -> None:
    made = carried(tmp_path, Kind.IDLE, Kind.IN_USE)
    (waiting,) = (each for each in made.journal.migrations() if not each.over)
    nova = made.old.nova
    assert nova is not None
    nova.providers["0ddba11"] = Provider("CUSTOM_BAREMETAL", orphan=True)

    answer = made.operations.report("spring")

    (server,) = nova.servers
    assert left(answer) == {
        "waiting": [waiting.node],
        "instances": [server],
        "orphans": ["0ddba11"],
    }


@pytest.mark.parametrize("call", ["candidates", "servers", "providers"])
def test_a_cloud_that_cannot_be_read_is_told(tmp_path: Path, call: str) -> None:
    made = carried(tmp_path, Kind.IDLE)
    made.old.fail_read(call, "HTTP 503")

    (words,) = made.operations.report("spring").unread

    assert "HTTP 503" in words


def test_queues_are_told_and_a_broker_that_is_down(tmp_path: Path) -> None:
    made = carried(tmp_path, Kind.IDLE)

    def queues(name: CloudName) -> list[Queue]:
        if name is CloudName.NEW:
            raise BusSetupError("The bus of the new cloud does not answer")
        return [Queue("ephyrad_notifications", 12, 1)]

    answer = EngineOperations(
        made.engine, lambda _name: BusAnswer("listening", None, 0), "1.0", queues=queues
    ).report(None)

    (found,) = answer.leftovers
    assert [each.words for each in found.things] == ["old cloud's bus, 12 unread, read by 1"]
    assert answer.unread == ("The bus of the new cloud does not answer",)


def test_a_rollout_that_is_not_there_is_named(tmp_path: Path) -> None:
    made = carried(tmp_path, Kind.IDLE)

    with pytest.raises(OperationError, match="there is no rollout sprng: there is spring"):
        made.operations.report("sprng")

# SPDX-License-Identifier: Apache-2.0
"""What is looked up when Prometheus asks is what is so then."""

from datetime import timedelta
from pathlib import Path

import pytest

from ephyrad.bus.health import Condition
from ephyrad.engine.answers import BusAnswer
from ephyrad.engine.reclaim_answers import MailboxAnswer
from ephyrad.metrics.metrics import Metrics
from ephyrad.migration.facts import CloudName, Notification, Poison
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig
from tests.unit.metrics.samples import counted, values

SILENT = BusAnswer("not listened to", None, 0, None)


@pytest.fixture
def made(tmp_path: Path) -> Rig:
    return rig(tmp_path, Kind.IDLE, Kind.IDLE, Kind.BEWITCHED, limit=1)


def _watched(made: Rig, **buses: BusAnswer) -> Metrics:
    metrics = Metrics()
    metrics.observe(
        made.engine, lambda name: buses.get(name, SILENT), made.operations.rollouts, "1.0"
    )
    return metrics


def _ask(made: Rig) -> None:
    made.operations.migrate([each.name for each in made.fleet], by="ann")


def test_nodes_stand_by_state_and_by_cause(made: Rig) -> None:
    metrics = _watched(made)
    _ask(made)

    assert counted(metrics, "ephyrad_nodes") == {("forward", "active"): 3}
    made.run(3 * 3600)

    assert counted(metrics, "ephyrad_nodes") == {
        ("forward", "active"): 1,
        ("forward", "compute-ready"): 2,
    }
    assert counted(metrics, "ephyrad_nodes_held") == {("unfit-state",): 1}
    assert counted(metrics, "ephyrad_nodes_unfinished") == {(): 1}


def test_slots_and_who_waits_for_one(made: Rig) -> None:
    metrics = _watched(made)
    _ask(made)
    while made.turn():
        pass

    assert values(metrics, "ephyrad_slots_limit") == {(): 1}
    assert values(metrics, "ephyrad_slots_taken") == {(): 1}
    assert values(metrics, "ephyrad_nodes_waiting_for_slot") == {(): 1}


def test_how_long_a_bus_is_silent_and_what_waits_in_it(made: Rig) -> None:
    last = made.clock.now() - timedelta(seconds=90)
    metrics = _watched(made, old=BusAnswer("silent", last, 7, Condition.SILENT, 12))

    assert values(metrics, "ephyrad_bus_silence_seconds") == {("old",): 90}
    assert counted(metrics, "ephyrad_bus_condition") == {("old", "silent"): 1}
    assert values(metrics, "ephyrad_bus_backlog_messages") == {("old",): 12}
    assert values(metrics, "ephyrad_bus_notifications_total") == {("old",): 7}


def test_how_the_queue_of_ci_is_read(made: Rig) -> None:
    metrics = Metrics()
    answer = MailboxAnswer("down (refused)", Condition.DOWN, None, 7, 2, 12)
    metrics.observe(made.engine, lambda _: SILENT, made.operations.rollouts, "1.0", lambda: answer)

    assert counted(metrics, "ephyrad_reclaim_queue_condition") == {("down",): 1}
    assert values(metrics, "ephyrad_reclaim_queue_messages_total") == {("taken",): 7, ("dead",): 2}
    assert values(metrics, "ephyrad_reclaim_queue_backlog_messages") == {(): 12}


def test_only_the_mail_of_nodes_on_their_way_counts_as_waiting(made: Rig) -> None:
    metrics = _watched(made)
    node = made.fleet[0].uuid
    made.operations.migrate([made.fleet[0].name], by="ann")
    mail = [
        Notification(CloudName.OLD, name, "baremetal.node", made.clock.now(), whose, {})
        for name, whose in (("1", node), ("2", node), ("3", made.fleet[1].uuid), ("4", None))
    ]
    made.journal.receive(mail)
    made.clock.advance(30)

    assert values(metrics, "ephyrad_inbox_rows") == {("old",): 2, ("new",): 0}
    assert values(metrics, "ephyrad_inbox_oldest_seconds") == {("old",): 30, ("new",): 0}
    made.run(3 * 3600)

    assert counted(metrics, "ephyrad_inbox_rows") == {}


def test_a_sweep_grows_old(made: Rig) -> None:
    metrics = _watched(made)
    made.clock.advance(100)
    made.engine.sweep.sweep(made.old)
    made.clock.advance(5)

    assert values(metrics, "ephyrad_sweep_age_seconds") == {("old",): 5, ("new",): 105}


def test_what_could_not_be_read_is_counted_by_kind(made: Rig) -> None:
    metrics = _watched(made)
    made.journal.receive([], [Poison(CloudName.NEW, "no-json", "it is no JSON", count=3)])

    assert values(metrics, "ephyrad_quarantine_messages_total") == {("new", "no-json"): 3}


def test_the_journal_has_a_size(made: Rig) -> None:
    sizes = values(_watched(made), "ephyrad_journal_bytes")

    assert sizes["journal",] > 4096
    assert ("wal",) in sizes


def test_where_a_part_cannot_be_had_the_others_are(made: Rig) -> None:
    metrics = _watched(made)
    assert values(metrics, "ephyrad_metrics_missing_parts") == {(): 0}

    made.journal.close()

    assert counted(metrics, "ephyrad_metrics_missing_parts")
    assert values(metrics, "ephyrad_slots_limit") == {(): 1}

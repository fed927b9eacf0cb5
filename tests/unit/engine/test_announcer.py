# SPDX-License-Identifier: Apache-2.0
"""Nothing that was written down is left out, whatever the bus does and whenever it ends."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ephyrad.engine.announcer import LONGEST_PAUSE, Announcer
from ephyrad.engine.told import Written
from ephyrad.migration.direction import Direction
from ephyrad.rollout.declaration import Declaration, Selection
from tests.fakes.sender import FakeSender
from tests.functional.bus.until import until
from tests.simulation.fleet import Kind
from tests.simulation.leaks import CANARY
from tests.unit.engine.rig import Rig, rig
from tests.unit.journal.samples import ASKED


@pytest.fixture
def made(tmp_path: Path) -> Rig:
    return rig(tmp_path / "journal", Kind.IDLE, Kind.IDLE)


def begun(made: Rig, sender: FakeSender) -> Announcer:
    announcer = Announcer(made.journal.announced, sender)
    announcer.begin()
    return announcer


def written(made: Rig) -> list[tuple[str, int]]:
    """All that is to be sent, by node and number."""
    return sorted(
        (member.uuid, seq)
        for member in made.fleet
        for seq, entry in made.journal.history(member.uuid)
        if type(entry).__name__ in {"Asked", "Moved", "Held", "Lifted"}
    )


def said(sender: FakeSender) -> list[tuple[str, int]]:
    return sorted((data["node"], data["seq"]) for kind, data in sender.sent if "node" in kind)


def test_a_journey_is_told_in_its_order(made: Rig) -> None:
    sender = FakeSender()
    announcer = begun(made, sender)

    made.operations.migrate(["n0"], by="ann")
    made.run(2 * 3600)
    assert announcer.work() is None

    states = [data["to"] for kind, data in sender.sent if kind == "ephyra.node.transition"]
    assert states[0] == "drained"
    assert states[-3:] == ["transferred", "registered", "compute-ready"]
    assert sender.sent[0][0] == "ephyra.node.migrate"
    assert {data["name"] for _, data in sender.sent} == {"n0"}
    assert said(sender) == written(made)


def test_no_secret_is_told(made: Rig) -> None:
    sender = FakeSender()
    announcer = begun(made, sender)

    made.operations.migrate(["n0", "n1"], by="ann")
    made.run(2 * 3600)
    announcer.work()

    assert made.journal.document(made.fleet[0].uuid) is not None
    assert CANARY in made.fleet[0].password
    assert CANARY not in str(sender.sent)


def test_a_rollout_is_told(made: Rig) -> None:
    sender = FakeSender()
    announcer = begun(made, sender)

    made.operations.rollouts.start(Declaration("spring", (Selection(),)), by="ann")
    made.run(2 * 3600)
    announcer.work()

    kinds = [kind for kind, data in sender.sent if "rollout" in data]
    assert kinds == ["ephyra.rollout.start", "ephyra.rollout.wave", "ephyra.rollout.end"]


def test_what_was_before_the_first_start_is_not_told(made: Rig) -> None:
    sender = FakeSender()
    made.operations.migrate(["n0"], by="ann")

    begun(made, sender).work()

    assert sender.sent == []


def test_a_bus_that_is_down_loses_nothing(made: Rig, caplog: pytest.LogCaptureFixture) -> None:
    sender = FakeSender()
    announcer = begun(made, sender)
    sender.takes = 2
    made.operations.migrate(["n0", "n1"], by="ann")
    made.run(2 * 3600)

    pauses = [announcer.work() for _ in range(9)]
    told = announcer.status()
    sender.takes = None
    assert announcer.work() is None

    assert pauses == [1, 2, 4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
    assert (told.sent, told.failures, told.waiting) == (2, 9, len(written(made)) - 2)
    assert said(sender) == written(made)
    assert announcer.status().waiting == 0
    first, second = [each.getMessage() for each in caplog.records if each.levelno > logging.INFO]
    assert first == (
        "notifications wait in the journal, and are sent later: the bus of the new cloud does not"
        " take them: ConnectionRefusedError: no"
    )
    assert second == "notifications are sent again"


def test_a_restart_goes_on_where_it_ended(made: Rig) -> None:
    first, second = FakeSender(), FakeSender()
    announcer = begun(made, first)
    made.operations.migrate(["n0", "n1"], by="ann")
    made.run(2 * 3600)
    first.takes = 3
    announcer.work()

    begun(made, second).work()

    assert len(first.sent) == 3
    assert sorted(said(first) + said(second)) == written(made)


def test_a_crash_before_the_first_is_sent_leaves_out_nothing(made: Rig) -> None:
    begun(made, FakeSender())
    made.operations.migrate(["n0"], by="ann")
    made.run(2 * 3600)
    sender = FakeSender()

    begun(made, sender).work()

    assert said(sender) == written(made)


def test_what_is_left_when_it_stops_is_sent_after_a_start(made: Rig) -> None:
    first, second = FakeSender(), FakeSender()
    announcer = begun(made, first)
    made.operations.migrate(["n0", "n1"], by="ann")
    made.run(2 * 3600)
    send = first.send

    def stopping(event_type: str, payload: Mapping[str, Any]) -> None:
        send(event_type, payload)
        announcer.stop()

    first.send = stopping  # type: ignore[method-assign]

    announcer.work()
    begun(made, second).work()

    assert len(first.sent) == 1
    assert sorted(said(first) + said(second)) == written(made)


def test_an_outage_leaves_out_nothing_of_a_rollout(made: Rig) -> None:
    first, second = FakeSender(), FakeSender()
    announcer = begun(made, first)
    made.operations.rollouts.start(Declaration("spring", (Selection(),)), by="ann")
    made.run(2 * 3600)
    first.takes = len(written(made)) - 1
    announcer.work()

    begun(made, second).work()

    sent = first.sent + second.sent
    assert [kind for kind, data in sent if "rollout" in data] == [
        "ephyra.rollout.start",
        "ephyra.rollout.wave",
        "ephyra.rollout.end",
    ]
    assert sorted(said(first) + said(second)) == written(made)
    assert len(second.sent) == 1 + 3


def test_what_was_sent_and_not_written_down_is_sent_again(
    made: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = FakeSender(), FakeSender()
    announcer = begun(made, first)
    made.operations.migrate(["n0"], by="ann")

    class Killed(BaseException):
        pass

    def killed(_upto: object) -> None:
        raise Killed

    monkeypatch.setattr(announcer._journal, "reached", killed)
    with pytest.raises(Killed):
        announcer.work()
    monkeypatch.undo()
    begun(made, second).work()

    assert said(first) == said(second) == written(made)


def test_while_it_is_off_nothing_is_kept_for_later(made: Rig) -> None:
    sender = FakeSender()
    begun(made, sender)
    made.journal.announced.forget()
    made.operations.migrate(["n0"], by="ann")

    begun(made, sender).work()

    assert sender.sent == []


def test_more_than_are_read_at_once(made: Rig) -> None:
    sender = FakeSender()
    announcer = begun(made, sender)
    made.operations.migrate(["n0"], by="ann")
    for _ in range(130):
        made.operations.hold("n0", reason="fan", by="ann")
        made.operations.release("n0", by="ann")

    announcer.work()

    assert said(sender) == written(made)
    assert len(sender.sent) == 261


def test_its_thread_is_woken_and_ends(made: Rig) -> None:
    sender = FakeSender()
    announcer = Announcer(made.journal.announced, sender)
    announcer.start()

    made.operations.migrate(["n0"], by="ann")
    announcer.tell(Written(Direction.FORWARD, ASKED))
    until("it was sent", lambda: sender.sent)
    announcer.stop()

    assert sender.closed

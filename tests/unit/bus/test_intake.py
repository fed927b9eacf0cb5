# SPDX-License-Identifier: Apache-2.0
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from ephyrad.bus import intake as intake_module
from ephyrad.bus.envelope import Reason
from ephyrad.bus.intake import Counts, Intake
from ephyrad.migration.facts import CloudName, Notification, Poison

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NODE = "7c4ea0e6-9e86-4b5b-8e5e-9c6a1a3b6d10"


@dataclass(eq=False)
class Message:
    """A message as oslo.messaging hands it out."""

    message: Any
    unique_id: str | None = "u"


def node(name: str) -> Message:
    return Message(
        {
            "message_id": name,
            "event_type": "baremetal.node.update.end",
            "timestamp": "2026-01-01 00:00:00",
            "priority": "INFO",
            "payload": {"ironic_object.data": {"uuid": NODE}},
        }
    )


class Disk:
    """Stores, after failing as often as it is told to."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.commits: list[list[str]] = []
        self.poison: list[list[Poison]] = []

    def __call__(self, notifications: Sequence[Notification], poison: Sequence[Poison]) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError("the disk is full")
        self.commits.append([one.message_id for one in notifications])
        self.poison.append(list(poison))


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(intake_module, "LONGEST_PAUSE", 0.0)


def make(store: Any) -> Intake:
    return Intake(CloudName.OLD, store, lambda: NOW, Counts())


def test_a_batch_is_one_commit_in_its_order() -> None:
    disk = Disk()
    intake = make(disk)

    kept_back = intake.dispatch([node("c"), node("a"), node("b")])

    assert list(kept_back) == []
    assert disk.commits == [["c", "a", "b"]]
    assert intake.counts == Counts(stored=3, last_message_at=NOW)


def test_what_is_ignored_is_acknowledged_and_nothing_is_stored_for_it() -> None:
    disk = Disk()
    intake = make(disk)

    kept_back = intake.dispatch([Message({"message_id": "m", "event_type": "other"})])

    assert list(kept_back) == []
    assert disk.commits == []
    assert intake.counts == Counts(ignored=1, last_message_at=NOW)


def test_a_batch_of_poison_is_one_commit_with_a_count_of_each_kind() -> None:
    disk = Disk()
    intake = make(disk)
    nowhere = node("no-node")
    nowhere.message["payload"] = {"ironic_object.data": {}}

    kept_back = intake.dispatch([Message(None), nowhere, Message(None), node("a"), Message(7)])

    assert list(kept_back) == []
    assert disk.commits == [["a"]]
    assert disk.poison == [
        [
            Poison(CloudName.OLD, "not-an-object", "it is no JSON object", count=3),
            Poison(
                CloudName.OLD,
                "no-node",
                "its payload has no node UUID",
                message_id="no-node",
                event_type="baremetal.node.update.end",
            ),
        ]
    ]
    assert (intake.counts.stored, intake.counts.refused) == (1, 4)


def test_poison_is_not_acknowledged_before_it_is_counted() -> None:
    disk = Disk(fails=2)
    intake = make(disk)

    intake.dispatch([Message(None)])

    assert len(disk.poison) == 1
    assert intake.counts.store_failures == 2


def test_a_refusal_is_said_once_for_each_reason(caplog: pytest.LogCaptureFixture) -> None:
    intake = make(Disk())
    bad_node = node("no-node")
    bad_node.message["payload"] = {"ironic_object.data": {"uuid": "secret"}}

    intake.dispatch([Message(None), bad_node, Message(None), bad_node])

    said = [one.getMessage() for one in caplog.records]
    assert len(said) == 2
    assert Reason.NOT_AN_OBJECT in said[0]
    assert Reason.NO_NODE in said[1]
    assert "no-node" in said[1]
    assert "secret" not in "".join(said)


def test_a_refusal_is_not_said_again_after_the_listener_was_rebuilt(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = make(Disk())
    first.dispatch([Message(None)])
    caplog.clear()

    Intake(CloudName.OLD, Disk(), lambda: NOW, first.counts).dispatch([Message(None)])

    assert caplog.records == []


def test_a_store_that_fails_is_tried_until_it_works(caplog: pytest.LogCaptureFixture) -> None:
    disk = Disk(fails=5)
    intake = make(disk)

    kept_back = intake.dispatch([node("a"), node("b")])

    assert list(kept_back) == []
    assert disk.commits == [["a", "b"]]
    assert intake.counts == Counts(stored=2, store_failures=5, last_message_at=NOW)
    said = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert ["cannot be stored" in said[0], "stored again" in said[1], len(said)] == [True, True, 2]


def test_a_closed_intake_gives_everything_back() -> None:
    disk = Disk()
    intake = make(disk)
    batch = [node("a")]

    intake.close()

    assert list(intake.dispatch(batch)) == batch
    assert disk.commits == []


def test_closing_ends_the_waiting_for_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "FIRST_PAUSE", 3600.0)
    tried = threading.Event()

    def store(_: Sequence[Notification], __: Sequence[Poison]) -> None:
        tried.set()
        raise OSError("the disk is full")

    intake = make(store)
    batch = [node("a"), Message(None)]
    kept_back: list[Any] = []
    thread = threading.Thread(target=lambda: kept_back.extend(intake.dispatch(batch)))
    thread.start()
    assert tried.wait(5)

    intake.close()
    thread.join(5)

    assert kept_back == batch
    assert intake.counts.stored == 0
    assert intake.counts.refused == 0


def test_oslo_messaging_is_kept_from_dropping_what_comes_again() -> None:
    one = node("a")

    make(Disk()).dispatch([one])

    assert one.unique_id is None


def test_a_defect_in_decoding_loses_one_message_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_cloud: CloudName, message: Any) -> Any:
        raise RecursionError(message)

    monkeypatch.setattr(intake_module, "decode", broken)
    intake = make(Disk())

    assert list(intake.dispatch([node("a")])) == []
    assert intake.counts.refused == 1

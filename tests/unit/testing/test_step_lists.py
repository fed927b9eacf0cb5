# SPDX-License-Identifier: Apache-2.0
import random
from collections.abc import Mapping
from typing import Any

import pytest

from ephyrad.bus.envelope import decode
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName, Notification
from ephyrad.testing.bus import Bus, Message
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.records import RELEASE_2026_2
from ephyrad.testing.settings import IronicSettings
from ephyrad.testing.step_lists import StepLists
from tests.unit.bus.samples import sample

NUMBERS = {Kind.DEPLOY_TEMPLATE: "priority", Kind.RUNBOOK: "order"}
RECORDED = {
    Kind.DEPLOY_TEMPLATE: ("new", "baremetal.deploytemplate.create.end"),
    Kind.RUNBOOK: ("new", "baremetal.runbook.create.end"),
}
kinds = pytest.mark.parametrize("kind", NUMBERS)


class Made:
    """Step lists of one kind, and what was told of them."""

    def __init__(self, kind: Kind) -> None:
        clock = VirtualClock()
        self.told: list[Message] = []
        bus = Bus(CloudName.OLD, clock, random.Random(1))
        bus.listen(self.told.append)
        settings = IronicSettings(release=RELEASE_2026_2)
        self.lists = StepLists(kind, clock.now, bus, random.Random(1), settings)
        step = {"interface": "bios", "step": "a", "args": {"password": "hush"}, NUMBERS[kind]: 1}
        self.body: dict[str, Any] = {"name": "CUSTOM_GOLD", "steps": [step]}


@kinds
def test_each_change_is_told_of(kind: Kind) -> None:
    made = Made(kind)
    uuid = made.lists.create(made.body)["uuid"]
    made.lists.patch(uuid, {"extra": {"rack": 1}})
    made.lists.delete(uuid)

    facts = [decode(CloudName.OLD, message) for message in made.told]

    notifications = [fact for fact in facts if isinstance(fact, Notification)]
    assert {fact.item for fact in notifications} == {f"{kind}/{uuid}"}
    phases = [
        f"{verb}.{end}" for verb in ("create", "update", "delete") for end in ("start", "end")
    ]
    if kind is Kind.RUNBOOK:
        phases.remove("create.start")
    assert [message["event_type"].split(".", 2)[2] for message in made.told] == phases
    assert "hush" not in str(notifications)


@kinds
def test_what_is_told_is_what_ironic_tells(kind: Kind) -> None:
    made = Made(kind)
    made.lists.create(made.body)
    recorded = sample(*RECORDED[kind])

    told = made.told[-1]

    assert told["event_type"] == recorded["event_type"]
    assert wrapped(told).keys() == wrapped(recorded).keys()
    assert told["payload"]["ironic_object.name"] == recorded["payload"]["ironic_object.name"]
    # In clear, as nowhere else.
    assert "hush" in str(told)


def wrapped(message: Mapping[str, Any]) -> Mapping[str, Any]:
    data: Mapping[str, Any] = message["payload"]["ironic_object.data"]
    return data


def test_ironic_tells_nobody_of_a_runbook_s_traits() -> None:
    made = Made(Kind.RUNBOOK)
    uuid = made.lists.create(made.body)["uuid"]
    made.told.clear()

    made.lists.set_traits(uuid, ["CUSTOM_A"])

    assert made.lists.show(uuid)["traits"] == ["CUSTOM_A"]
    assert made.told == []
